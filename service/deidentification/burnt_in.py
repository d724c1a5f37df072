"""Pictures that may name the patient in their pixels, which no change of attributes removes."""

from dataclasses import replace

from service.reports.study_result import ImageResult, StudyResult

_WARNING = "burnt-in-text"


def without_burnt_in(result: StudyResult) -> StudyResult:
    """Return the result without pictures of images that say that text is burnt into them, or that seem to have some."""
    images = (replace(image, picture=None) if _may_name(image) else image for image in result.images)
    return replace(result, images=tuple(images))


def _may_name(image: ImageResult) -> bool:
    stated = image.source is not None and str(image.source.get("BurnedInAnnotation", "NO")) != "NO"
    warnings = image.prediction.warnings if image.prediction else ()
    return stated or any(warning.code == _WARNING for warning in warnings)
