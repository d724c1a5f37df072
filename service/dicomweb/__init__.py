"""A user of an archive's DICOMweb services (DICOM PS3.18)."""

from service.dicomweb.options import DicomWebOptions
from service.dicomweb.stow import StowUser

__all__ = ["DicomWebOptions", "StowUser"]
