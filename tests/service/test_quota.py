import pytest

from service.errors import QueueFull
from service.quota import Quota


def test_a_quota_gives_each_place_once_at_a_time() -> None:
    quota = Quota(1, "batches")

    with quota.hold():
        with pytest.raises(QueueFull, match="1 batches") as refused, quota.hold():
            pass
        assert refused.value.retry_after_s
        assert quota.free == 0

    assert quota.free == 1
