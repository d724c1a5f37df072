"""Phantom MR series as a scanner would send them, and what the default model says of them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.uid import MRImageStorage, generate_uid

from service.batch.summary import Tally
from service.classifier import Classifier
from service.errors import ProblemError
from service.imaging import Limits
from service.phantom import brain_slice
from service.prediction import Predictor, Task, identify
from service.problem_object import describe
from service.reports.file_header import read_header
from service.reports.study_result import ImageResult, StudyResult
from service.schemas import BatchResult
from tests.service.imaging.dicom.objects import dicom

MODEL = Path(__file__).parents[3] / "models" / "brain-tumor-mri" / "model.onnx"
LESIONS = ("meningioma", "none", "glioma")


def scan(number: int = 1, study: str = "study", pixels: np.ndarray | None = None, **elements: Any) -> bytes:
    """Return slice `number` of a series; the same arguments give the same bytes."""
    if pixels is None:
        pixels = brain_slice(seed=number, lesion=LESIONS[number % 3], size=256)
    uids = {name: generate_uid(entropy_srcs=[study, name]) for name in ("study", "series", "frame")}
    values: dict[str, Any] = {
        "SOPClassUID": MRImageStorage,
        "SOPInstanceUID": generate_uid(entropy_srcs=[study, str(number)]),
        "StudyInstanceUID": uids["study"],
        "SeriesInstanceUID": uids["series"],
        "FrameOfReferenceUID": uids["frame"],
        "PatientName": "Phantom^Brain",
        "PatientID": "PHANTOM-1",
        "PatientBirthDate": "19700101",
        "PatientSex": "O",
        "StudyDate": "20260102",
        "StudyTime": "030405",
        "StudyID": "1",
        "AccessionNumber": "A-1",
        "ReferringPhysicianName": "",
        "StudyDescription": "MR head",
        "SeriesDescription": "T1 axial",
        "SeriesNumber": 3,
        "InstanceNumber": number,
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "BodyPartExamined": "BRAIN",
        "Manufacturer": "Phantom",
    }
    return dicom(pixels, **{**values, **elements})


@cache
def predictor() -> Predictor:
    return Predictor(Classifier(MODEL), Limits(), "refuse")


def result_of(files: Sequence[bytes], whole_series: bool = False) -> StudyResult:
    """Return what the default model says of the files."""
    images, tally = [], Tally()
    for index, data in enumerate(files):
        image = _image(data)
        status = 200 if image.problem is None else image.problem.status
        tally.add(
            BatchResult(
                index=index, file=index, frame=0, status=status, prediction=image.prediction, problem=image.problem
            )
        )
        images.append(image)
    own = predictor()
    return StudyResult(tuple(images), tally.summary(), identify(own.classifier), own.classifier.card, whole_series)


def _image(data: bytes) -> ImageResult:
    header = header_of(data)
    try:
        prediction, picture = predictor().draw(Task(data, True, "request", 0))
    except ProblemError as error:
        return ImageResult(None, describe(error, "request"), header, 0)
    return ImageResult(prediction, None, header, 0, picture)


def header_of(data: bytes) -> Dataset:
    return read_header(data, Limits())
