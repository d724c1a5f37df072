"""How many cores this process may use."""

import math
import os
from pathlib import Path

_CGROUP_ROOT = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")


def usable_cores(cgroup_root: Path = _CGROUP_ROOT, own_cgroup: Path = _OWN_CGROUP) -> int:
    """Return the smaller of the affinity mask and the cgroup v2 CPU quota, rounded up; at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [_quota(folder / "cpu.max") for folder in _cgroup_folders(cgroup_root, own_cgroup)]
    return max(1, min([cores, *(quota for quota in quotas if quota is not None)]))


def _cgroup_folders(root: Path, own_cgroup: Path) -> list[Path]:
    """Return the root and every folder down to the process's own cgroup: each of them can set a quota."""
    try:
        lines = own_cgroup.read_text().splitlines()
    except OSError:
        return [root]
    own = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), "")
    parts = [part for part in own.split("/") if part not in ("", "..")]
    return [root.joinpath(*parts[:depth]) for depth in range(len(parts) + 1)]


def _quota(cpu_max: Path) -> int | None:
    """Read `cpu.max`: "<quota|max> <period>" in microseconds (Linux cgroup-v2.rst); None where there is no quota."""
    try:
        quota, period = cpu_max.read_text().split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None
