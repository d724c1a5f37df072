import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_PROGRAM = """
import os
import sys
from benchmarks.process_memory import resident_mib
from service.heap import return_freed_memory

if sys.argv[1] == "told":
    return_freed_memory()
large = bytearray(24 << 20)
del large  # from now on glibc, left alone, takes blocks of this size from its heap
before = resident_mib(os.getpid())
blocks, kept = [], []
for _ in range(32):
    blocks.append(bytearray(b"x") * (4 << 20))
    kept.append(bytearray(b"x") * (128 << 10))
del blocks
print(resident_mib(os.getpid()) - before)
"""


def left(how: str) -> float:
    """Return the MiB that stay with a process after 128 MiB were freed, between small blocks that are still in use."""
    command = [sys.executable, "-c", _PROGRAM, how]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep memory otherwise")
def test_freed_blocks_go_back_to_the_system() -> None:
    assert left("untold") > 100
    assert left("told") < 20
