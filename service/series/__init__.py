"""A whole series: every frame of its objects classified, what they say together, and the objects that report it."""

from service.series.answering import ObjectAnswers, answer_object, refused_frame
from service.series.classes import MR_IMAGES
from service.series.objects import Kind, ResultObject, result_objects
from service.series.result import SeriesObject, header_of, series_result, with_pictures

__all__ = [
    "MR_IMAGES",
    "Kind",
    "ObjectAnswers",
    "ResultObject",
    "SeriesObject",
    "answer_object",
    "header_of",
    "refused_frame",
    "result_objects",
    "series_result",
    "with_pictures",
]
