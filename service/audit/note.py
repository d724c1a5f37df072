"""What is known of one request and of one image, gathered while they are worked on."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from service.classifier import Classifier
from service.prediction import identify
from service.schemas import ModelIdentity, Prediction

ANSWERED = "answered"


@dataclass(frozen=True)
class Asker:
    """Whose request it is: `caller` is `key:NAME`, `token:PSEUDONYM`, `anonymous`, or None for one that was refused."""

    request_id: str
    caller: str | None
    route: str


@dataclass
class ImageNote:
    """One image: filled in a compute thread, read by whoever writes the line."""

    input_sha256: str | None = None
    model: ModelIdentity | None = None
    prediction: Prediction | None = None

    @contextmanager
    def watch(self, classifier: Classifier, data: bytes) -> Iterator[None]:
        """Note the model that is asked and, should the image be refused inside, what was sent."""
        self.model = identify(classifier)
        try:
            yield
        except BaseException:
            self.input_sha256 = hashlib.sha256(data).hexdigest()
            raise

    def answered(self, prediction: Prediction) -> None:
        """Note the answer."""
        self.prediction = prediction
        self.input_sha256 = prediction.image.sha256

    def fields(self, answered: bool) -> dict[str, Any]:
        """Return what the line says of the image; nothing of an answer that was not given."""
        given = self.prediction if answered else None
        return {
            "input_sha256": self.input_sha256,
            "frame": given.image.frame if given else None,
            "model": self.model.name if self.model else None,
            "model_version": self.model.version if self.model else None,
            "model_sha256": self.model.sha256 if self.model else None,
            "decision": given.decision if given else None,
            "label": given.label if given else None,
            "probability": given.probability if given else None,
        }
