"""How a data set is encoded (PS3.5 annex A, PS3.6 annex A), and which of these encodings are read."""

import re

from pydicom import uid
from pydicom.uid import UID

from service.errors import UnsupportedFormat

NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)
RLE = (uid.RLELossless,)
JPEG_DCT = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)
JPEG_LOSSLESS = (uid.JPEGLossless, uid.JPEGLosslessSV1)
JPEG_LS = (uid.JPEGLSLossless, uid.JPEGLSNearLossless)
JPEG_2000 = (uid.JPEG2000Lossless, uid.JPEG2000, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K)
READ = (*NATIVE, *RLE, *JPEG_DCT, *JPEG_LOSSLESS, *JPEG_LS, *JPEG_2000)

_UID = re.compile(r"[0-9.]{1,64}")


def check_transfer_syntax(syntax: UID) -> None:
    """Raise UnsupportedFormat, naming the transfer syntax, where its pixels are not read."""
    if syntax not in READ:
        raise UnsupportedFormat(
            f"The transfer syntax {describe(syntax)} is not read. Have the archive send the object as Explicit VR "
            f"Little Endian ({uid.ExplicitVRLittleEndian}) or JPEG 2000 Lossless ({uid.JPEG2000Lossless})."
        )


def describe(syntax: UID) -> str:
    """Return name and UID; text that is no UID is not repeated, since it might be anything."""
    if not uid_or_nothing(syntax):
        return "in (0002,0010), which is no UID,"
    return f"{syntax.name} ({syntax})" if syntax.name != syntax else str(syntax)


def describe_sop_class(sop_class: UID) -> str:
    """Return what kind of object it is, as far as the data dictionary knows."""
    known = uid_or_nothing(sop_class) and sop_class.name != sop_class
    return f"this object ({sop_class.name})" if known else "this object"


def uid_or_nothing(value: UID) -> str:
    """Return a UID (PS3.5 section 9.1), empty text for anything else."""
    return str(value) if _UID.fullmatch(value) else ""
