"""A user of an archive's DICOMweb services (DICOM PS3.18)."""

from service.dicomweb.options import DicomWebOptions
from service.dicomweb.qido import FoundStudy, QidoUser
from service.dicomweb.session import ArchiveSession
from service.dicomweb.stow import StowUser
from service.dicomweb.uid import UID_PATTERN, is_uid
from service.dicomweb.wado import WadoUser

__all__ = [
    "UID_PATTERN",
    "ArchiveSession",
    "DicomWebOptions",
    "FoundStudy",
    "QidoUser",
    "StowUser",
    "WadoUser",
    "is_uid",
]
