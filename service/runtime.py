"""What a running service consists of; the routers share one instance."""

from pathlib import Path

from service.admission import RETRY_WHEN_DRAINING_S, Admission, Quota
from service.classifier import Classifier
from service.errors import ModelFileError, NotReady
from service.imaging import Limits
from service.prediction import Predictor
from service.settings import Settings


class Runtime:
    """Settings, admission and, once it is loaded, the model."""

    def __init__(self, settings: Settings, classifier: Classifier | None = None) -> None:
        self.settings = settings
        self.admission = Admission(settings.threads, settings.queue_length)
        self.batches = Quota(settings.max_batches, "batches")
        self._classifier = classifier

    def load(self) -> None:
        """Load the model unless it was given; raises ModelFileError."""
        self._classifier = self._classifier or load_classifier(self.settings.model_path)

    @property
    def classifier(self) -> Classifier:
        """The model; raises NotReady before it is loaded and while the service drains."""
        if self._classifier is None or self.admission.draining:
            state = "starting" if self._classifier is None else "shutting down"
            raise NotReady(f"The service is {state}. Try again later.", retry_after_s=RETRY_WHEN_DRAINING_S)
        return self._classifier

    @property
    def predictor(self) -> Predictor:
        """The model under the limits and the policies of the settings; raises NotReady."""
        settings = self.settings
        return Predictor(self.classifier, Limits(settings.max_pixels), settings.novelty_policy, settings.header_policy)


def load_classifier(path: Path) -> Classifier:
    """Load the model, one core per image, and run it once; raises ModelFileError when it cannot be served."""
    classifier = Classifier(path, threads=1)
    try:
        classifier.warm_up()
    except Exception as error:  # onnxruntime's exceptions share no public base class
        raise ModelFileError(f"{path}: the model cannot be run ({type(error).__name__}).") from error
    return classifier
