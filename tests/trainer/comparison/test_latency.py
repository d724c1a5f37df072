"""Times of one image, all models in turn."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from trainer.comparison import latency
from trainer.comparison.latency import interleaved_latencies


class Clock:
    """A clock that only models move on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[tuple[str, tuple[int, ...]]] = []

    def model(self, name: str, size: int, channels: int, *milliseconds: float) -> Any:
        """Return a model that takes the given times, one after the other."""
        taken = iter(milliseconds)

        def score(pixels: np.ndarray) -> None:
            assert pixels.dtype == np.uint8
            self.calls.append((name, pixels.shape))
            self.now += next(taken) / 1000

        return SimpleNamespace(
            card=SimpleNamespace(preprocess=SimpleNamespace(size=size, channels=channels)), score=score
        )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(latency.time, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(latency, "_WARM_UP", 1)
    return clock


def test_quartiles_without_the_warm_up(clock: Clock) -> None:
    (measured,) = interleaved_latencies([clock.model("a", 8, 1, 900, 4, 1, 5, 3, 2)], repeats=5)

    assert (measured.lower_quartile, measured.median, measured.upper_quartile) == pytest.approx((2, 3, 4))


def test_the_models_take_turns_each_with_images_of_its_own_size(clock: Clock) -> None:
    first, second = interleaved_latencies([clock.model("a", 8, 1, *[2] * 4), clock.model("b", 16, 3, *[5] * 4)], 3)

    assert clock.calls == [("a", (1, 8, 8, 1)), ("b", (1, 16, 16, 3))] * 4
    assert (first.median, second.median) == pytest.approx((2, 5))
