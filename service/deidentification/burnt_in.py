"""Pictures whose header says that they name the patient in their pixels, which no change of attributes removes."""

from dataclasses import replace

from service.reports.study_result import ImageResult, StudyResult


def without_burnt_in(result: StudyResult) -> StudyResult:
    """Return the result without pictures of images whose Burned In Annotation is stated and not NO.

    Where it is missing nothing is known: no text is looked for in the pixels.
    """
    images = (replace(image, picture=None) if _is_marked(image) else image for image in result.images)
    return replace(result, images=tuple(images))


def _is_marked(image: ImageResult) -> bool:
    return image.source is not None and str(image.source.get("BurnedInAnnotation", "NO")) != "NO"
