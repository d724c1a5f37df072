"""What a header says of a patient reaches no log, however odd the header is."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures import dark, encode
from tests.service.imaging.dicom.objects import dicom, ramp

ROOT = Path(__file__).parents[2]
NAME = b"DOE^JOHN"
_SERVICE = "from service.logs import configure_logging\nconfigure_logging()\n"
_TRAINER = """
import contextlib
from trainer.cli import main
with contextlib.suppress(SystemExit):
    main(["--help"])
"""
_DECODE = """
import logging, sys
from pathlib import Path
from service.errors import ProblemError
from service.imaging import decode
assert "pydicom" not in sys.modules
print("begin", flush=True)
for name in sys.argv[1:]:
    try:
        decode(Path(name).read_bytes())
    except ProblemError as problem:
        assert "DOE" not in str(problem)
assert "pydicom" in sys.modules
logging.getLogger("pydicom").error("DOE^JOHN")
logging.getLogger("pydicom.pixels.decoders").error("DOE^JOHN")
"""


def named(element: bytes) -> bytes:
    """Return the value field of 8 bytes of an explicit short element."""
    return element + len(NAME).to_bytes(2, "little") + NAME


def files() -> dict[str, bytes]:
    """Return objects with a name where pydicom expects something else."""
    whole = dicom(ramp(8, 8))
    start = whole.index(b"\x08\x00\x16\x00UI")
    sop_class_end = start + 8 + int.from_bytes(whole[start + 6 : start + 8], "little")
    sequence = b"\x08\x00\x18\x22SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    sequence += named(b"\x08\x00\x05\x00CS") + named(b"\x08\x00\x00\x01SH")
    ends = b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return {
        "charset": whole[:start] + named(b"\x08\x00\x05\x00CS") + whole[start:],
        "sop_class": whole[:start] + named(b"\x08\x00\x16\x00UI") + whole[sop_class_end:],
        "syntax": whole.replace(b"1.2.840.10008.1.2.1\0", b"DOE^JOHN".ljust(20, b"\0")),
        "sequence": whole[:start] + sequence + ends + whole[start:],
        "sequence_cut": whole[:start] + sequence + NAME * 3,
    }


@pytest.mark.parametrize("configured", [_SERVICE, _TRAINER], ids=["service", "trainer"])
def test_a_name_in_an_odd_element_is_never_logged(configured: str, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in files()]
    for path, content in zip(paths, files().values(), strict=True):
        path.write_bytes(content)

    ended = subprocess.run(
        [sys.executable, "-c", configured + _DECODE, *map(str, paths)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.partition("begin\n")[2] == ""
    assert ended.stderr == ""


def broken_tiffs() -> dict[str, bytes]:
    """Return files of which libtiff, left alone, speaks on standard error."""
    whole = encode(dark(), "TIFF", compression="tiff_lzw")
    half = len(whole) // 2
    return {"damaged": whole[:half] + bytes(200) + whole[half + 200 :], "deflated": _damaged_deflate()}


def _damaged_deflate() -> bytes:
    whole = encode(dark(), "TIFF", compression="tiff_adobe_deflate")
    return whole[:200] + bytes(50) + whole[250:]


def test_libtiff_says_nothing_on_standard_error(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in broken_tiffs()]
    for path, content in zip(paths, broken_tiffs().values(), strict=True):
        path.write_bytes(content)

    assert said(_RAW_DECODE, paths) != ""
    assert said(_SERVICE + _RAW_DECODE, paths) == ""


def said(program: str, paths: list[Path]) -> str:
    """Return what a program writes on standard error."""
    command = [sys.executable, "-c", program, *map(str, paths)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stderr


_RAW_DECODE = """
import contextlib, sys
from PIL import Image
for name in sys.argv[1:]:
    with contextlib.suppress(OSError), Image.open(name) as image:
        image.load()
"""
