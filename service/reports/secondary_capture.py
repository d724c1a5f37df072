"""The explained picture as a DICOM Secondary Capture, for viewers that show no structured report."""

import io
from datetime import datetime

import numpy as np
from PIL import Image
from pydicom import Dataset

from service import DISCLAIMER
from service.reports.source_header import is_multi_frame, source_headers
from service.reports.structured_report import MANUFACTURER, PLAIN, stamp, suspicion
from service.reports.study_result import ImageResult, StudyResult
from service.reports.uids import result_uid

SERIES_NUMBER = 9501


def secondary_captures(result: StudyResult, *, now: datetime, most: int = 3) -> list[Dataset]:
    """Return the `most` most suspicious answered DICOM images that carry a picture, highest tumour probability first.

    The picture, with class, probability and disclaimer burnt in, is RGB. Raises NotReportable where UIDs are invalid.
    """
    drawn = [image for image in result.images if image.prediction and image.source is not None and image.picture]
    ranked = sorted(drawn, key=lambda image: -suspicion(image))[:most]
    shown = [image.source for image in ranked if image.source is not None]
    sources = {header.SOPInstanceUID: header for header in source_headers(shown)} if shown else {}
    return [
        _capture(result, image, sources[str(image.source.SOPInstanceUID)], number, now)
        for number, image in enumerate(ranked, start=1)
        if image.source is not None
    ]


def _capture(result: StudyResult, image: ImageResult, source: Dataset, number: int, now: datetime) -> Dataset:
    from highdicom.sc import SCImage

    assert image.picture is not None
    sha256 = result.model.sha256
    capture: Dataset = SCImage(
        pixel_array=np.asarray(Image.open(io.BytesIO(image.picture)).convert("RGB")),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        study_instance_uid=source.StudyInstanceUID,
        series_instance_uid=result_uid("sc-series", sha256, [source.SeriesInstanceUID]),
        series_number=SERIES_NUMBER,
        sop_instance_uid=result_uid("sc", sha256, [f"{source.SOPInstanceUID} {image.frame}"]),
        instance_number=number,
        manufacturer=MANUFACTURER,
        patient_id=source.PatientID,
        patient_name="",
        patient_birth_date=source.PatientBirthDate,
        patient_sex=source.PatientSex,
        accession_number=source.AccessionNumber,
        study_id=source.StudyID,
        study_date=source.StudyDate,
        study_time=source.StudyTime,
        referring_physician_name="",
        patient_orientation=("L", "P"),
        series_description=f"{result.model.name}: {DISCLAIMER}"[:64],
        manufacturer_model_name=result.model.name[:64],
        software_versions=result.model.version[:64],
        device_serial_number=sha256,
        specific_character_set=PLAIN,
    )
    capture.PatientOrientation = ""  # highdicom wants one, and that of the legend below the scan is none
    capture.BodyPartExamined = "BRAIN"
    capture.BurnedInAnnotation = "YES"
    capture.ImageType = ["DERIVED", "SECONDARY", "OTHER"]
    capture.DerivationDescription = f"Heat map and answer of {result.model.name} {result.model.version}. {DISCLAIMER}"
    capture.SourceImageSequence = [_source(source, image)]
    stamp(capture, source, now)
    return capture


def _source(source: Dataset, image: ImageResult) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = source.SOPClassUID
    item.ReferencedSOPInstanceUID = source.SOPInstanceUID
    if is_multi_frame(source):
        item.ReferencedFrameNumber = image.frame + 1
    return item
