"""How often a caller may ask: a token bucket for each, and never more buckets than memory was set aside for."""

import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from service.errors import TooManyRequests
from service.settings import RATE

MAX_BUCKETS = 10_000
_PERIODS = {"second": 1, "minute": 60, "hour": 3600}


@dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds; as many may come at once."""

    requests: int
    seconds: int

    @property
    def per_second(self) -> float:
        """How fast a bucket fills."""
        return self.requests / self.seconds


def parse_rate(text: str) -> Rate:
    """Read `120/minute`, which matches RATE of the settings."""
    if not re.fullmatch(RATE, text):
        raise ValueError(text)
    requests, period = text.split("/")
    return Rate(int(requests), _PERIODS[period])


class RateLimit:
    """The buckets of all callers. Call it on the event loop only; the longest unused bucket is forgotten first."""

    def __init__(self, rate: Rate, max_buckets: int = MAX_BUCKETS, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._max_buckets = max_buckets
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, caller: str) -> None:
        """Take one token of the caller's bucket; raises TooManyRequests when there is none."""
        now = self._clock()
        level, filled = self._buckets.pop(caller, (float(self._rate.requests), now))
        level = min(self._rate.requests, level + (now - filled) * self._rate.per_second)
        allowed = level >= 1
        self._buckets[caller] = (level - 1 if allowed else level, now)
        if len(self._buckets) > self._max_buckets:
            self._buckets.popitem(last=False)
        if not allowed:
            raise self._refusal((1 - level) / self._rate.per_second)

    def _refusal(self, wait_s: float) -> TooManyRequests:
        rate = f"{self._rate.requests} requests in {self._rate.seconds} s"
        return TooManyRequests(
            f"More than {rate} came from this caller. Send slower, or ask the operator to raise SERVICE_RATE_LIMIT.",
            retry_after_s=math.ceil(wait_s),
        )
