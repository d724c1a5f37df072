"""The classes of DICOM objects of which a series to be classified consists."""

from pydicom.uid import UID

MR_IMAGES = (
    UID("1.2.840.10008.5.1.4.1.1.4"),  # MR Image Storage
    UID("1.2.840.10008.5.1.4.1.1.4.1"),  # Enhanced MR Image Storage
    UID("1.2.840.10008.5.1.4.1.1.4.3"),  # Enhanced MR Color Image Storage
    UID("1.2.840.10008.5.1.4.1.1.4.4"),  # Legacy Converted Enhanced MR Image Storage
)
