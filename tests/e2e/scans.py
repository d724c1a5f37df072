"""Files for the page, of phantoms only."""

import io
import zipfile
from functools import cache

import numpy as np

from service.phantom import brain_slice
from tests.pictures import encode
from tests.service.imaging.dicom.objects import dicom
from tests.service.imaging.nifti.volumes import nifti, zipped

SIZE = 256


@cache
def pixels(lesion: str = "glioma", seed: int = 0) -> np.ndarray:
    return brain_slice(seed, lesion, SIZE)  # type: ignore[arg-type]


@cache
def jpeg(lesion: str = "glioma", seed: int = 0) -> bytes:
    return encode(pixels(lesion, seed), "JPEG", quality=92)


def dicom_slice() -> bytes:
    return dicom(pixels("meningioma").astype("u2") * 16)


def oblong_dicom() -> bytes:
    """Return every second row of a slice, as of pixels twice as high as wide."""
    return dicom(pixels("glioma")[::2].astype("u2") * 16, PixelSpacing=[1.8, 0.9])


def oblong_volume() -> bytes:
    """Return two axial slices whose columns are three times as far apart as their rows."""
    voxels = np.stack([pixels("glioma").T[::-3, ::-1]] * 2, axis=-1)
    return zipped(nifti(voxels.astype("i2"), affine=np.diag([3.0, 1.0, 5.0, 1.0])))


def volume() -> bytes:
    """Return nine axial slices: a blank one, three of a healthy brain, three with a tumour, two healthy ones."""
    healthy, tumour = pixels("none", 4), pixels("glioma", 4)
    slices = [np.zeros_like(healthy), *[healthy] * 3, *[tumour] * 3, *[healthy] * 2]
    voxels = np.stack([one.T[::-1, ::-1] for one in slices], axis=-1)  # to right, anterior, superior
    return zipped(nifti(voxels.astype("i2")))


def photograph() -> bytes:
    """Return colour gradients, noise and a rectangle."""
    rows, columns = np.mgrid[0:300, 0:400]
    colour = np.stack([columns * 0.6, rows * 0.8, 255 - columns * 0.5], axis=-1)
    colour += np.random.default_rng(1).normal(0, 12, colour.shape)
    colour[90:200, 140:280] = (200, 180, 40)
    return encode(np.clip(colour, 0, 255).astype(np.uint8), "JPEG")


def series() -> dict[str, bytes]:
    """Return twenty files, of which one is cut off and one is a letter; two names are what spreadsheets run."""
    lesions = ("glioma", "meningioma", "none", "pituitary")
    files = {f"scan-{n:02}.jpg": jpeg(lesions[n % 4], n // 4 % 2) for n in range(17)}
    return files | {"=1+1.jpg": jpeg("none"), "cut.jpg": jpeg()[:900], "@letter.txt": b"Dear colleague"}


def archive(files: dict[str, bytes]) -> bytes:
    """Return a ZIP of the files, one of them stored and the others deflated, beside what systems leave in it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as writer:
        for number, (name, data) in enumerate(files.items()):
            writer.writestr(name, data, zipfile.ZIP_STORED if number == 0 else zipfile.ZIP_DEFLATED)
        writer.writestr("__MACOSX/._scan", b"x")
        writer.writestr("folder/", b"")
    return content.getvalue()
