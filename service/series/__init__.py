"""A whole series: every frame of its objects classified, and what they say together."""

from service.series.answering import ObjectAnswers, answer_object
from service.series.result import SeriesObject, series_result

__all__ = ["ObjectAnswers", "SeriesObject", "answer_object", "series_result"]
