"""What a running service consists of; the routers share one instance."""

import os

from service.admission import RETRY_WHEN_DRAINING_S, Admission
from service.audit import build_auditor
from service.auth import build_authenticator
from service.classifier import Classifier, load_classifier
from service.errors import NotReady
from service.imaging import Limits
from service.metrics import Metrics, ModelCollector, PlacesCollector
from service.observer import Observer, Observers
from service.prediction import Predictor, identify
from service.quota import Quota
from service.rate_limit import RateLimit, parse_rate
from service.settings import Settings
from service.tracing import build_tracer


class Runtime:
    """Settings, metrics, callers, audit log, admission and, once it is loaded, the model."""

    def __init__(self, settings: Settings, classifier: Classifier | None = None) -> None:
        """Raises SettingsError when the settings contradict each other or name a file that cannot be used."""
        self.settings = settings
        self.metrics = Metrics()
        self.exposition = self.metrics.exposition
        self.tracer = build_tracer(os.environ)
        self.observer: Observer = Observers(self.metrics, self.tracer) if self.tracer else self.metrics
        self.authenticator = build_authenticator(settings, self.metrics)
        self.rate_limit = RateLimit(parse_rate(settings.rate_limit)) if settings.rate_limit else None
        self.auditor = build_auditor(settings, self.metrics)
        self.admission = Admission(settings.threads, settings.queue_length, self.observer)
        self.batches = Quota(settings.max_batches, "batches")
        self._classifier: Classifier | None = None
        if classifier:
            self.adopt(classifier)
        self.metrics.watch(PlacesCollector(self.admission))
        self.metrics.watch(ModelCollector(lambda: self.identity))

    def load(self) -> None:
        """Load the model unless it was given; raises ModelFileError."""
        if self._classifier is None:
            self.adopt(load_classifier(self.settings.model_path))

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

    def adopt(self, classifier: Classifier) -> None:
        """Answer with this model from now on; who has begun with another ends with it."""
        classifier.observer = self.observer
        self._classifier = classifier

    @property
    def identity(self) -> dict[str, str]:
        """Name, version and sha256 of the model; empty before it is loaded."""
        return identify(self._classifier).model_dump() if self._classifier else {}
