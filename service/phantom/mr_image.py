"""A phantom as a DICOM MR image of a patient who does not exist."""

import io

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

PATIENT = "PHANTOM"


def mr_image(pixels: NDArray[np.uint8], seed: int) -> bytes:
    """Return a file of uint8 `[rows, columns]`; one seed is one image of one series, and gives the same UIDs."""
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID, image.Modality = MRImageStorage, "MR"
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        setattr(image, keyword, generate_uid(entropy_srcs=[PATIENT, keyword]))
    image.SOPInstanceUID = generate_uid(entropy_srcs=[PATIENT, str(seed)])
    image.PatientName, image.PatientID = f"{PATIENT}^BRAIN", PATIENT
    image.PatientBirthDate = image.PatientSex = image.StudyDate = image.StudyTime = ""
    image.StudyID = image.AccessionNumber = image.ReferringPhysicianName = ""
    image.ImageType = ["DERIVED", "SECONDARY"]
    image.BodyPartExamined = "BRAIN"
    image.SeriesDescription = "Synthetic, no patient"
    image.SeriesNumber, image.InstanceNumber = 1, seed + 1
    image.Rows, image.Columns = pixels.shape
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 8, 8, 7, 0
    image.PixelData = pixels.tobytes()
    file = io.BytesIO()
    image.save_as(file, enforce_file_format=True)
    return file.getvalue()
