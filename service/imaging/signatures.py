"""Tell the families of formats apart by their first bytes; names and labels are never looked at."""

import re

from service.imaging.inflating import gzip_head

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_NIFTI1_SIZES = (b"\x5c\x01\x00\x00", b"\x00\x00\x01\x5c")
_NIFTI2_SIZES = (b"\x1c\x02\x00\x00", b"\x00\x00\x02\x1c")
_NIFTI2_MAGIC = (b"n+2\0", b"ni2\0")
NIFTI_HEADER_BYTES = 540

_LITTLE_ENDIAN_START = re.compile(rb"[\x02\x08]\x00[\x00-\xff]{2}", re.DOTALL)
_BIG_ENDIAN_START = re.compile(rb"\x00[\x02\x08][\x00-\xff]{2}", re.DOTALL)
_VR = re.compile(rb"AE|AS|AT|CS|DA|DS|DT|IS|LO|LT|OB|OW|PN|SH|SL|SQ|SS|ST|TM|UI|UL|UN|US|UT")
_LONGEST_FIRST_VALUE = 1024


def is_gzip(data: bytes) -> bool:
    """Whether it is a gzip file (RFC 1952)."""
    return data.startswith(_GZIP)


def is_zip(data: bytes) -> bool:
    """Whether it is a ZIP file by its first bytes (APPNOTE 6.3 sections 4.3.7, 4.3.16 and 8.5.3)."""
    return data[:4] in _ZIP


def is_nifti(data: bytes) -> bool:
    """Whether it is NIfTI-1, NIfTI-2 or ANALYZE 7.5 (the size of the header at its start), perhaps in gzip."""
    head = gzip_head(data, NIFTI_HEADER_BYTES) if is_gzip(data) else data[:NIFTI_HEADER_BYTES]
    if head.startswith(_NIFTI1_SIZES):
        return True
    return head.startswith(_NIFTI2_SIZES) and head[4:8] in _NIFTI2_MAGIC


def is_dicom(data: bytes) -> bool:
    """Whether it is DICOM: `DICM` after the preamble (PS3.10 section 7.1), or a data set without one.

    A bare data set begins with an element of the group 0002 or 0008.
    """
    return data[128:132] == b"DICM" or _begins_with_an_element(data[:8])


def _begins_with_an_element(head: bytes) -> bool:
    if len(head) < 8:
        return False
    if _LITTLE_ENDIAN_START.match(head):
        implicit_length = int.from_bytes(head[4:8], "little")
        return bool(_VR.match(head, 4)) or 0 < implicit_length <= _LONGEST_FIRST_VALUE
    return bool(_BIG_ENDIAN_START.match(head) and _VR.match(head, 4))
