"""A DICOM Comprehensive 3D SR after TID 1500 (PS3.16): what the model said of a series, readable by any viewer.

highdicom takes half a second to import and is wanted by few requests, so the functions import it.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from pydicom import Dataset

from service import DISCLAIMER
from service.classifier import UNCERTAIN as UNDECIDED
from service.errors import NotReportable
from service.model_file import Card
from service.reports import codes
from service.reports.codes import Code
from service.reports.source_header import SEQUENCES, WHERE_THERE, is_multi_frame, source_headers, text_of
from service.reports.study_result import ImageResult, StudyResult
from service.reports.uids import result_uid
from service.schemas import Prediction

MANUFACTURER = "Brain MRI classifier (research use only)"
SERIES_NUMBER = 9500
_MOST_IMAGES = 5
PLAIN = "ISO_IR 192"
"""What highdicom is told: it knows not every character set; `stamp` sets that of the source."""
_NAMES = ("PatientName", "ReferringPhysicianName")
_DIGITS = 6


def structured_report(result: StudyResult, *, now: datetime) -> Dataset:
    """Return the report of the images that came as DICOM objects, PRELIMINARY and UNVERIFIED.

    The study as a whole comes first, then the `_MOST_IMAGES` images of the highest tumour probability (or, for a model
    that is not about tumours, of the highest probability), each with its probabilities, decision and reference; all
    images are its evidence. Raises NotReportable as `source_headers` does.
    """
    sources = source_headers(result.headers)
    evidence = [unnamed(source) for source in sources]
    try:
        report = _report(result, evidence)
    except KeyError as error:
        raise NotReportable(
            "The class of the DICOM object is not known, so that no report can copy from it."
        ) from error
    stamp(report, sources[0], now)
    return report


def report_uid(model_sha256: str, scope: Iterable[str]) -> str:
    """Return the UID of the report of a model about what `StudyResult.scope` names: a series by its UID."""
    return result_uid("sr", model_sha256, scope)


def _report(result: StudyResult, evidence: Sequence[Dataset]) -> Dataset:
    """Return the report without time and names; highdicom raises KeyError for a class of objects that it knows not."""
    from highdicom import sr

    sha256 = result.model.sha256
    report: Dataset = sr.Comprehensive3DSR(
        evidence=evidence,
        content=_content(result)[0],
        series_instance_uid=result_uid("sr-series", sha256, {header.SeriesInstanceUID for header in evidence}),
        series_number=SERIES_NUMBER,
        sop_instance_uid=report_uid(sha256, result.scope),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=False,
        is_verified=False,
        series_description=f"{result.model.name}: {DISCLAIMER}"[:64],
        manufacturer_model_name=result.model.name[:64],
        software_versions=result.model.version[:64],
        device_serial_number=sha256,
        contributing_equipment=[_equipment(result)],
        specific_character_set=PLAIN,
        coding_schemes=[_local_scheme()],
    )
    return report


def unnamed(source: Dataset) -> Dataset:
    """Return a copy without names: highdicom warns of names it finds unlikely, and its warnings repeat them."""
    copy = deepcopy(source)
    for keyword in _NAMES:
        setattr(copy, keyword, "")
    return copy


def stamp(made: Dataset, source: Dataset, now: datetime) -> None:
    """Give a result its time, the names, and what highdicom does not take over from the source."""
    made.SpecificCharacterSet = source.SpecificCharacterSet
    for keyword in (*_NAMES, *WHERE_THERE, *SEQUENCES):
        if keyword in source:
            made[keyword] = source[keyword]
    for equipment in made.get("ContributingEquipmentSequence", ()):
        equipment.ContributionDateTime = now.strftime("%Y%m%d%H%M%S")
    for keyword in ("ContentDate", "SeriesDate", "InstanceCreationDate"):
        setattr(made, keyword, now.strftime("%Y%m%d"))
    for keyword in ("ContentTime", "SeriesTime", "InstanceCreationTime"):
        setattr(made, keyword, now.strftime("%H%M%S"))


def _content(result: StudyResult) -> Any:
    from highdicom import sr

    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=_observer(result)),
        procedure_reported=_coded(codes.BRAIN_MRI),
        imaging_measurements=[_of_study(result), *(_of_image(result, image) for image in most_suspicious(result))],
        title=_coded(Code("DCM", "126000", "Imaging Measurement Report", "DICOM PS3.16 annex D")),
    )
    comment = sr.TextContentItem(
        _coded(codes.COMMENT), in_words(result), relationship_type=sr.RelationshipTypeValues.CONTAINS
    )
    report[0].ContentSequence.append(comment)
    return report


def in_words(result: StudyResult) -> str:
    """Return the report in a few sentences, for readers to whom a program shows no names of measurements."""
    summary, model = result.summary, result.model
    shown = next(iter(most_suspicious(result)), None)
    said = "No image was answered."
    if shown is not None and shown.prediction is not None:
        likely = (f"{name} {share:.1%}" for name, share in shown.prediction.probabilities.items())
        said = f"Most suspicious image: {shown.prediction.decision} ({', '.join(likely)})."
    counts = f"{summary.answered} of {summary.images} images answered, {summary.refused} refused."
    return f"{DISCLAIMER} {said} {counts} Model {model.name} {model.version}, sha256 {model.sha256}."


def _observer(result: StudyResult) -> Any:
    from highdicom import sr

    return sr.ObserverContext(
        observer_type=_coded(codes.DEVICE),
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
            uid=result_uid("device", result.model.sha256, ()),
            name=f"{result.model.name} {result.model.version}",
            manufacturer_name=MANUFACTURER,
            model_name=result.model.name,
            serial_number=result.model.sha256,
        ),
    )


def _of_study(result: StudyResult) -> Any:
    """Return the group of all images: the highest probability of each class, counts, and the most suspicious image."""
    summary = result.summary
    measured = [
        *((codes.probability_code(one), summary.classes[one.name].maximum) for one in _seen(result)),
        (codes.ANSWERED, summary.answered),
        (codes.REFUSED, summary.refused),
        *((codes.refusal_code(code), count) for code, count in summary.refusals.items()),
    ]
    if summary.tumor_probability is not None:
        measured.insert(0, (codes.TUMOUR_PROBABILITY, summary.tumor_probability.maximum))
    first = next(iter([*most_suspicious(result), *(image for image in result.images if image.source is not None)]))
    evaluations = _evaluations(result.card, first.prediction) if first.prediction else []
    return _group(result, "all images", "all", measured, evaluations, first)


def _of_image(result: StudyResult, image: ImageResult) -> Any:
    prediction = image.prediction
    assert prediction is not None and image.source is not None
    measured = [
        (codes.probability_code(one), prediction.probabilities[one.name])
        for one in result.card.classes
        if one.name in prediction.probabilities
    ]
    if prediction.tumor_probability is not None:
        measured.insert(0, (codes.TUMOUR_PROBABILITY, prediction.tumor_probability))
    measured.append((codes.NOVELTY, prediction.novelty))
    place = f"{image.source.SOPInstanceUID} {image.frame}"
    number = text_of(image.source, "InstanceNumber") or "without number"
    name = f"image {number}, frame {image.frame + 1}"
    return _group(result, name, place, measured, _evaluations(result.card, prediction), image)


def _group(
    result: StudyResult,
    name: str,
    place: str,
    measured: Sequence[tuple[Code, float]],
    evaluations: list[Any],
    image: ImageResult,
) -> Any:
    from highdicom import sr

    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(
            uid=result_uid("finding", result.model.sha256, [*result.scope, place]), identifier=name
        ),
        finding_type=_coded(codes.NEOPLASM) if _about_tumours(result.card) else None,
        algorithm_id=sr.AlgorithmIdentification(
            name=result.model.name, version=result.model.version, parameters=[f"sha256 {result.model.sha256}"]
        ),
        finding_sites=[sr.FindingSite(_coded(codes.BRAIN))],
        measurements=[
            sr.Measurement(_coded(code), round(float(value), _DIGITS), _coded(codes.UNITLESS))
            for code, value in measured
        ],
        qualitative_evaluations=evaluations,
        source_images=[_reference(image)],
    )


def _evaluations(card: Card, prediction: Prediction) -> list[Any]:
    from highdicom import sr

    named = {one.name: codes.class_code(one) for one in card.classes}
    decided = prediction.decision != UNDECIDED
    said = [(codes.DECISION, named[prediction.decision] if decided else codes.UNCERTAIN)]
    if prediction.tumor_probability is not None:
        tumour = {one.name for one in card.classes if one.tumour}
        found = codes.PRESENT if prediction.decision in tumour else codes.ABSENT
        said.append((codes.TUMOUR, found if decided else codes.INDETERMINATE))
    return [sr.QualitativeEvaluation(_coded(name), _coded(value)) for name, value in said]


def _reference(image: ImageResult) -> Any:
    from highdicom import sr

    assert image.source is not None
    return sr.SourceImageForMeasurementGroup(
        image.source.SOPClassUID,
        image.source.SOPInstanceUID,
        [image.frame + 1] if is_multi_frame(image.source) else None,
    )


def most_suspicious(result: StudyResult) -> list[ImageResult]:
    """Return the answered DICOM images of the highest tumour probability, highest first, `_MOST_IMAGES` at most."""
    answered = [image for image in result.images if image.prediction is not None and image.source is not None]
    return sorted(answered, key=lambda image: -suspicion(image))[:_MOST_IMAGES]


def suspicion(image: ImageResult) -> float:
    """Return by what images are ranked: the tumour probability, or that of the label where there is none."""
    assert image.prediction is not None
    tumour = image.prediction.tumor_probability
    return image.prediction.probability if tumour is None else tumour


def _seen(result: StudyResult) -> list[Any]:
    return [one for one in result.card.classes if one.name in result.summary.classes]


def _about_tumours(card: Card) -> bool:
    return any(one.tumour is not None for one in card.classes)


def _equipment(result: StudyResult) -> Any:
    from highdicom import ContributingEquipment

    return ContributingEquipment(
        manufacturer=MANUFACTURER,
        purpose_of_reference=_coded(codes.PROCESSING_EQUIPMENT),
        manufacturer_model_name=result.model.name[:64],
        software_versions=result.model.version[:64],
        device_serial_number=result.model.sha256,
        contribution_description=DISCLAIMER,
    )


def _local_scheme() -> Any:
    from highdicom.coding_schemes import CodingSchemeIdentificationItem

    return CodingSchemeIdentificationItem(designator=codes.LOCAL_SCHEME, name=codes.LOCAL_NAME)


def _coded(code: Code) -> Any:
    from highdicom.sr import CodedConcept

    return CodedConcept(value=code.value, scheme_designator=code.scheme, meaning=code.meaning[:64])
