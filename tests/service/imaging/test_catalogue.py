"""Real objects of many makers: what a reference decoder read must be read, the rest refused with a cause."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from service.errors import ProblemError
from service.imaging import open_image
from service.imaging.dicom.source import DicomSource

DATA = Path(__file__).parents[4] / "shared" / "data"
CATALOGUE = DATA / "dicom" / "catalog.csv"
pytestmark = pytest.mark.skipif(not CATALOGUE.is_file(), reason="the catalogue of DICOM files is not here")

_READ = re.compile(r"\S+\[(?P<shape>[\d, ]+)\] (?P<low>\S+)\.\.(?P<high>\S+)")
_LOSSY = ("4.50", "4.51", "4.81", "4.91", "4.203")
_LOSSY_MEAN = 6
"""Of 255: some of the lossy files are compressed to a thirtieth."""
_NAMED = re.compile(r"\([0-9A-F]{4},[0-9A-F]{4}\) \w|1\.2\.840\.10008\.1\.2")
_REMEDY = re.compile(r"\. (Export|Send|Have) ")


@dataclass(frozen=True)
class Row:
    """A file, and what the reference decoder read of it: a shape and a range, or None."""

    path: Path
    syntax: str
    read: re.Match[str] | None

    @property
    def lossy(self) -> bool:
        return self.syntax.endswith(_LOSSY)


def rows() -> Iterator[Row]:
    if CATALOGUE.is_file():
        with CATALOGUE.open(newline="") as file:
            for row in csv.DictReader(file):
                yield Row(CATALOGUE.parent / row["file"], row["tsuid"], _READ.fullmatch(row["dec"]))


READ = {row.path.name: row for row in rows() if row.read}
REST = {row.path.name: row for row in rows() if not row.read}


def opened(row: Row) -> DicomSource:
    source = open_image(row.path.read_bytes())
    assert isinstance(source, DicomSource)
    return source


def test_the_catalogue_is_whole() -> None:
    assert (len(READ), len(REST)) == (133, 28)


@pytest.mark.parametrize("name", READ)
def test_what_the_reference_decoder_read_is_read(name: str) -> None:
    row = READ[name]
    assert row.read
    source = opened(row)
    stored = np.stack([source.stored(frame) for frame in range(source.frames)])
    shape = tuple(int(edge) for edge in row.read["shape"].split(","))

    tolerance = 2 if row.lossy else 0
    assert (stored if source.frames > 1 else stored[0]).shape == shape
    assert float(stored.min()) == pytest.approx(float(row.read["low"]), abs=tolerance)
    assert float(stored.max()) == pytest.approx(float(row.read["high"]), abs=tolerance)
    for frame in {0, source.frames - 1}:
        picture = source.picture(frame)
        assert (picture.height, picture.width) == stored.shape[1:3]
        assert np.asarray(picture.image).shape[:2] == stored.shape[1:3]


@pytest.mark.parametrize("name", REST)
def test_the_rest_is_refused_with_the_tag_or_the_transfer_syntax_and_a_remedy(name: str) -> None:
    with pytest.raises(ProblemError) as raised:
        open_image(REST[name].path.read_bytes()).picture()

    assert raised.value.status in (415, 422)
    assert _NAMED.search(raised.value.detail), raised.value.detail
    assert _REMEDY.search(raised.value.detail), raised.value.detail


SAME = {
    "MR_small": r"MR_small(_\w+)?\.dcm$",
    "emri_small": r"emri_small_\w+\.dcm$",
    "WG04 MR1": r"MR1_(RLE|JPLL|JLSL|J2KR|J2KI|JLSN)$",
    "WG04 MR3": r"MR3_(RLE|JPLL|JLSL|J2KR|J2KI|JLSN)$",
    "SC_rgb of 8, 16 and 32 bits": r"SC_rgb_(rle|jpeg_gdcm|gdcm_KY|(rle_|expb_)?(16|32)bit)\.dcm$",
    "SC_rgb of 8, 16 and 32 bits, two frames": r"SC_rgb_(rle_|expb_)?(16bit_|32bit_)?2frame\.dcm$",
    "YBR": r"SC_ybr_full(_422)?_uncompressed\.dcm$",
    "parametric map": r"parametric_map_(double_)?float\.dcm$",
    "rtdose": r"rtdose(_rle|_expb)?\.dcm$",
    "rtdose, one frame": r"rtdose(_rle|_expb)?_1frame\.dcm$",
    "odd size": r"SC_rgb_small_odd(_big_endian)?\.dcm$",
    "JPEG-LS by plane, line and sample": r"JLSL_RGB_ILV\d\.dcm$",
    **{f"slice {n}": rf"generic_compressed(_\w+)?_001_IM-0001-000{n}" for n in (1, 2, 3)},
}


def shown(row: Row) -> list[np.ndarray]:
    source = opened(row)
    return [np.asarray(source.picture(frame).image).astype(int) for frame in range(source.frames)]


@pytest.mark.parametrize("name", SAME)
def test_the_same_picture_in_several_transfer_syntaxes_looks_the_same(name: str) -> None:
    rows = [row for file, row in READ.items() if re.search(SAME[name], file)]
    lossless = [row for row in rows if not row.lossy]
    first = shown(lossless[0])

    assert len(lossless) > 1
    for row in rows:
        for expected, frame in zip(first, shown(row), strict=True):
            if row.lossy:
                assert np.abs(frame - expected).mean() < _LOSSY_MEAN, row.path.name
            else:
                np.testing.assert_array_equal(frame, expected, err_msg=row.path.name)


@pytest.mark.parametrize("name", ["MR4", "XA1"])
def test_lossy_versions_of_one_picture_look_nearly_the_same(name: str) -> None:
    one, other = (shown(READ[f"dicom-test-files__WG04_{kind}_{name}_{kind}"])[0] for kind in ("J2KI", "JLSN"))

    assert np.abs(one - other).mean() < _LOSSY_MEAN


def test_many_transfer_syntaxes_are_in_the_catalogue() -> None:
    count: dict[str, int] = defaultdict(int)
    for row in READ.values():
        count[row.syntax] += 1

    assert len(count) == 12


VOLUMES = {"AIL": 67, "CT_AVM": 154, "FLAIR": 140, "chris_MRA": 120, "chris_PD": 54}


@pytest.mark.parametrize("name", VOLUMES)
def test_every_volume_is_cut_into_axial_slices(name: str) -> None:
    source = open_image((DATA / "nifti" / f"{name}.nii.gz").read_bytes())

    assert source.frames == VOLUMES[name]
    assert np.asarray(source.picture(source.frames // 2).image).std() > 2


@pytest.mark.parametrize("name", ["example4d.nii.gz", "fs_LR.32k.LR.curvature.dscalar.nii"])
def test_what_is_no_volume_is_refused(name: str) -> None:
    with pytest.raises(ProblemError, match=r"4-D|dimensions|CIFTI"):
        open_image((DATA / "nifti" / name).read_bytes())
