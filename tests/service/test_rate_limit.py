import pytest

from service.errors import TooManyRequests
from service.rate_limit import Rate, RateLimit, parse_rate


class Clock:
    """Stands still unless it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def refused(limit: RateLimit, caller: str) -> int:
    """Return the seconds that the caller is told to wait."""
    with pytest.raises(TooManyRequests) as caught:
        limit.take(caller)
    assert caught.value.retry_after_s is not None
    return caught.value.retry_after_s


@pytest.mark.parametrize(
    ("text", "rate"), [("120/minute", Rate(120, 60)), ("1/second", Rate(1, 1)), ("5/hour", Rate(5, 3600))]
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


def test_so_many_at_once_and_then_one_for_each_share_of_the_period(clock: Clock) -> None:
    limit = RateLimit(Rate(3, 60), clock=clock)

    for _ in range(3):
        limit.take("key:a")
    assert refused(limit, "key:a") == 20
    clock.now += 19
    assert refused(limit, "key:a") == 1
    clock.now += 1
    limit.take("key:a")
    assert refused(limit, "key:a") == 20


def test_a_bucket_never_holds_more_than_the_rate(clock: Clock) -> None:
    limit = RateLimit(Rate(2, 1), clock=clock)
    limit.take("key:a")

    clock.now += 3600

    limit.take("key:a")
    limit.take("key:a")
    refused(limit, "key:a")


def test_asking_in_vain_does_not_lengthen_the_wait(clock: Clock) -> None:
    limit = RateLimit(Rate(1, 10), clock=clock)
    limit.take("key:a")

    assert [refused(limit, "key:a") for _ in range(50)] == [10] * 50
    clock.now += 10
    limit.take("key:a")


def test_callers_do_not_take_from_each_other(clock: Clock) -> None:
    limit = RateLimit(Rate(1, 60), clock=clock)

    limit.take("key:a")
    limit.take("key:b")

    refused(limit, "key:a")


def test_memory_is_bounded_and_who_still_asks_is_remembered(clock: Clock) -> None:
    limit = RateLimit(Rate(1, 3600), max_buckets=10, clock=clock)
    limit.take("key:busy")

    for number in range(1000):
        limit.take(f"address:{number}")
        refused(limit, "key:busy")

    assert len(limit) == 10
