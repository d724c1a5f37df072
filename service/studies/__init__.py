"""Studies of an archive: its series found over DICOMweb, selected, classified and reported."""

from service.studies.answer import StudyAnswer
from service.studies.archive import Archive, archive_options, open_archive
from service.studies.classification import StudyClassification, StudyOptions
from service.studies.computing import Computing
from service.studies.plan import PlannedSeries, plan_study

__all__ = [
    "Archive",
    "Computing",
    "PlannedSeries",
    "StudyAnswer",
    "StudyClassification",
    "StudyOptions",
    "archive_options",
    "open_archive",
    "plan_study",
]
