import asyncio
import contextlib
import gc
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

import pytest

from service.admission import Admission, Slot
from service.errors import DeadlineExceeded, NotReady, QueueFull
from tests.serving import PATIENCE_S, wait_until

LONG_S, SHORT_S = 30.0, 0.05


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Opens at the end of the test at the latest, so that no thread is left behind."""
    event = threading.Event()
    yield event
    event.set()


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, PATIENCE_S))


async def compute(slot: Slot, work: Callable[[], object]) -> object:
    with slot:
        return await slot.run(work)


def test_work_runs_in_a_compute_thread() -> None:
    async def scenario() -> None:
        name = await compute(Admission(1, 0).admit(LONG_S), lambda: threading.current_thread().name)

        assert str(name).startswith("compute")

    run(scenario())


def test_no_more_than_threads_and_queue_are_admitted(gate: threading.Event) -> None:
    async def scenario() -> None:
        admission = Admission(threads=1, queue_length=1)
        admitted = [asyncio.create_task(compute(admission.admit(LONG_S), gate.wait)) for _ in range(2)]

        with pytest.raises(QueueFull) as refused:
            admission.admit(LONG_S)
        assert refused.value.retry_after_s

        gate.set()
        assert await asyncio.gather(*admitted) == [True, True]
        assert await compute(admission.admit(LONG_S), lambda: "served again") == "served again"

    run(scenario())


def test_the_deadline_ends_the_waiting_but_the_slot_is_held_until_the_work_ends(gate: threading.Event) -> None:
    async def scenario() -> None:
        admission = Admission(threads=1, queue_length=0)

        with pytest.raises(DeadlineExceeded):
            await compute(admission.admit(SHORT_S), gate.wait)
        with pytest.raises(QueueFull):
            admission.admit(LONG_S)

        gate.set()
        wait_until(lambda: admission.occupied == 0)
        assert await compute(admission.admit(LONG_S), lambda: "served again") == "served again"

    run(scenario())


def test_work_that_still_waits_at_its_deadline_never_starts(gate: threading.Event) -> None:
    async def scenario() -> None:
        admission, started = Admission(threads=1, queue_length=1), threading.Event()
        running = asyncio.create_task(compute(admission.admit(LONG_S), gate.wait))
        await asyncio.sleep(0)

        with pytest.raises(DeadlineExceeded):
            await compute(admission.admit(SHORT_S), started.set)
        assert admission.occupied == 1

        gate.set()
        assert await running is True
        await compute(admission.admit(LONG_S), lambda: None)
        assert not started.is_set()

    run(scenario())


def test_a_slot_whose_body_could_not_be_read_is_free_again() -> None:
    async def scenario() -> None:
        admission = Admission(threads=1, queue_length=0)

        with pytest.raises(ConnectionError), admission.admit(LONG_S):
            raise ConnectionError

        assert admission.occupied == 0

    run(scenario())


def test_a_slot_computes_one_work_after_the_other_and_is_free_when_all_have_ended(gate: threading.Event) -> None:
    async def scenario() -> None:
        admission = Admission(threads=2, queue_length=0)

        with admission.admit(LONG_S) as slot:
            assert [await slot.run(lambda n=n: n) for n in range(3)] == [0, 1, 2]
            assert admission.occupied == 1
            with pytest.raises(DeadlineExceeded):
                await slot.run(gate.wait, asyncio.get_running_loop().time() + SHORT_S)
        assert admission.occupied == 1

        gate.set()
        wait_until(lambda: admission.occupied == 0)

    run(scenario())


def test_work_that_outlived_its_deadline_is_waited_for_before_the_next(gate: threading.Event) -> None:
    async def scenario() -> None:
        admission, started = Admission(threads=2, queue_length=0), threading.Event()

        with admission.admit(LONG_S) as slot:
            for work in (gate.wait, started.set):
                with pytest.raises(DeadlineExceeded):
                    await slot.run(work, asyncio.get_running_loop().time() + SHORT_S)
            assert not started.is_set()
            gate.set()
            await slot.run(started.set)

        assert started.is_set()

    run(scenario())


def test_an_error_does_not_keep_what_the_work_held() -> None:
    class Image:
        pass

    def fail(image: Image) -> None:
        raise ValueError

    async def scenario() -> None:
        admission, image = Admission(threads=1, queue_length=0), Image()
        held = weakref.ref(image)
        gc.disable()
        try:
            with admission.admit(LONG_S) as slot:
                with contextlib.suppress(ValueError):
                    await slot.run(partial(fail, image))
                del image
                await slot.run(lambda: None)  # the thread has let go of the work before
                assert held() is None
        finally:
            gc.enable()

    run(scenario())


def test_an_error_of_the_work_reaches_the_caller_and_frees_the_slot() -> None:
    def fail() -> None:
        raise TimeoutError("of the work itself")

    async def scenario() -> None:
        admission = Admission(threads=1, queue_length=0)

        with pytest.raises(TimeoutError, match="of the work itself"):
            await compute(admission.admit(LONG_S), fail)

        wait_until(lambda: admission.occupied == 0)

    run(scenario())


def test_draining_admits_nobody_but_serves_who_is_in(gate: threading.Event) -> None:
    async def scenario() -> None:
        admission = Admission(threads=1, queue_length=1)
        admitted = [asyncio.create_task(compute(admission.admit(LONG_S), gate.wait)) for _ in range(2)]
        await asyncio.sleep(0)

        admission.drain()
        with pytest.raises(NotReady) as refused:
            admission.admit(LONG_S)
        assert refused.value.retry_after_s

        gate.set()
        assert await asyncio.gather(*admitted) == [True, True]

    run(scenario())


def test_the_event_loop_turns_while_threads_compute(gate: threading.Event) -> None:
    async def scenario() -> None:
        admission = Admission(threads=1, queue_length=0)
        running = asyncio.create_task(compute(admission.admit(LONG_S), gate.wait))

        for _ in range(100):
            await asyncio.sleep(0)
        assert not running.done()

        gate.set()
        await running

    run(scenario())
