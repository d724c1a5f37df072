import os
from pathlib import Path

import pytest

from service.cpu import usable_cores

CORES = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("files", "own_cgroup", "expected"),
    [
        ({}, None, CORES),
        ({"cpu.max": "max 100000"}, "0::/\n", CORES),
        ({"cpu.max": "100000 100000"}, "0::/\n", 1),
        ({"cpu.max": "10000 100000"}, "0::/\n", 1),
        ({"cpu.max": "9999900000 100000"}, "0::/\n", CORES),
        ({"cpu.max": "nonsense"}, "0::/\n", CORES),
        ({"cpu.max": "100000 0"}, "0::/\n", CORES),
        ({"cpu.max": "max 100000", "pod/cpu.max": "50000 100000", "pod/box/cpu.max": "max 100000"}, "0::/pod/box\n", 1),
        ({"elsewhere/cpu.max": "50000 100000"}, "1:cpu:/elsewhere\n", CORES),
        ({"cpu.max": "100000 100000"}, "0::/../..\n", 1),
    ],
)
def test_the_tightest_quota_on_the_way_to_the_own_cgroup_counts(
    tmp_path: Path, files: dict[str, str], own_cgroup: str | None, expected: int
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    own = tmp_path / "own"
    if own_cgroup is not None:
        own.write_text(own_cgroup)

    assert usable_cores(tmp_path, own) == expected


def test_a_quota_of_one_and_a_half_cores_keeps_two_busy(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("150000 100000")

    assert usable_cores(tmp_path, tmp_path / "absent") == min(2, CORES)
