"""What decoding a file adds to the memory of a process, libraries of the decoders included."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_DECODE = """
import sys
from pathlib import Path
from service.imaging import decode
from service.imaging.dicom import source as _
from service.imaging.nifti import source as _

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

data = Path(sys.argv[1]).read_bytes()
before = peak()
decode(data)
print(peak() - before)
"""


def added_mib(path: Path) -> float:
    """Return by how many MiB the peak of a fresh process grows (`VmHWM`; `ru_maxrss` would begin at the parent's)."""
    ended = subprocess.run(
        [sys.executable, "-c", _DECODE, str(path)], cwd=_ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return int(ended.stdout) / 1024
