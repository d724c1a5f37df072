"""One small sound file of every format and of the variants that take other paths."""

import io
import zipfile

import numpy as np

from tests.service.batch.zips import zipped as zip_of
from tests.service.imaging import files as raster
from tests.service.imaging.dicom import test_properties as dicom_objects
from tests.service.imaging.nifti.volumes import big_endian, counting, nifti, zipped


def whole_files() -> dict[str, bytes]:
    """Return raster files, DICOM objects of every transfer syntax, NIfTI volumes plain and in gzip, and ZIPs."""
    pictures = raster.whole_files()
    objects = {f"DICOM {name}": data for name, data in dicom_objects.whole_files().items()}
    volumes = {
        "NIfTI-1": nifti(counting((12, 16, 2))),
        "NIfTI-2": nifti(counting((12, 16, 2)), version=2),
        "NIfTI big endian": big_endian(counting((12, 16, 2))),
        "NIfTI float": nifti(np.linspace(0, 1, 384, dtype="f4").reshape(12, 16, 2)),
    }
    gzips = {f"{name} in gzip": zipped(data) for name, data in volumes.items()}
    zips = {
        "ZIP": zip_of(pictures["PNG"], objects["DICOM JPEG-LS"], volumes["NIfTI-1"]),
        "ZIP stored": _stored(pictures["JPEG"], gzips["NIfTI-2 in gzip"]),
    }
    return pictures | objects | volumes | gzips | zips


def _stored(*files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, data in enumerate(files):
            archive.writestr(f"{number}.dat", data)
    return out.getvalue()
