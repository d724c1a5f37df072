"""The DICOM file of an object that has been made."""

import io

from pydicom import Dataset


def written(made: Dataset) -> bytes:
    """Return the file (DICOM PS3.10)."""
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()
