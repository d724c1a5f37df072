"""What image libraries log and warn of while they read: dropped, because it may quote a header, and so a patient."""

import ctypes
import logging
import warnings
from collections.abc import Callable

from PIL import _imaging


def silence_image_libraries() -> None:
    """Keep what Pillow, pydicom, nibabel and highdicom log and warn of from every handler of the process.

    libtiff, which Pillow brings along, writes to standard error by itself unless told not to (TIFFError(3tiff)).

    A level would not do for pydicom: its import, which comes later, sets its own.
    """
    for name in ("pydicom", "pynetdicom", "highdicom"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler"):
        _libtiff_function(name)(None)
    warnings.filterwarnings("ignore", module=r"(PIL|pydicom|nibabel|highdicom)\.")


def _libtiff_function(name: str) -> Callable[[None], object]:
    """Return a function of the libtiff that Pillow is linked to; one without effect where there is none."""
    return getattr(ctypes.CDLL(_imaging.__file__), name, lambda _: None)
