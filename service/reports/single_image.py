"""The answer to one image as the input of a report."""

from service.batch.summary import Tally
from service.prediction import Predictor, Task, identify
from service.reports.file_header import DICOM, read_header
from service.reports.study_result import ImageResult, StudyResult
from service.schemas import BatchResult, Prediction


def result_of_image(predictor: Predictor, task: Task, prediction: Prediction, picture: bytes | None) -> StudyResult:
    """Return the result of the one image of `task`; raises NotReportable for a DICOM header that cannot be read."""
    frame, classifier = prediction.image.frame, predictor.classifier
    tally = Tally()
    tally.add(BatchResult(index=0, file=0, frame=frame, status=200, prediction=prediction, problem=None))
    source = read_header(task.data, predictor.limits) if prediction.image.format == DICOM else None
    image = ImageResult(prediction, None, source, frame, picture)
    return StudyResult((image,), tally.summary(), identify(classifier), classifier.card)
