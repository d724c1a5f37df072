"""From the bytes of a file to the answer of the HTTP interface. Pure computation: it runs in a compute thread."""

import hashlib
import math
from dataclasses import dataclass

from service.classifier import Classifier, Result
from service.errors import OutOfDistribution
from service.imaging import Limits, Picture, visible_region
from service.imaging.overlay import data_uri, overlay_png
from service.notices import describe_novelty, notices
from service.schemas import ImageFacts, ModelIdentity, Prediction
from service.settings import NoveltyPolicy


@dataclass(frozen=True)
class Task:
    """One image to be classified and how to answer."""

    data: bytes
    explain: bool
    request_id: str


@dataclass(frozen=True)
class Predictor:
    """Answers tasks with one model, under the limits and the policy of the settings."""

    classifier: Classifier
    limits: Limits
    novelty_policy: NoveltyPolicy

    def predict(self, task: Task) -> Prediction:
        """Decode, classify and describe; raises a ProblemError for an image that cannot or should not be answered.

        The classified picture is the same with and without `explain`, so the probabilities are too.
        """
        picture = self.classifier.open(task.data, self.limits)
        result = self.classifier.classify(picture, task.explain)
        self._check(result)
        return Prediction(
            label=result.label,
            probability=result.probability,
            decision=result.decision,
            probabilities=result.probabilities,
            tumor_probability=result.tumor_probability,
            prediction_set=result.prediction_set,
            novelty=result.novelty,
            warnings=tuple(notices(picture, result, self.classifier.card)),
            heatmap=self._heatmap(task.data, picture, result),
            model=identify(self.classifier),
            image=describe(task.data, picture),
            request_id=task.request_id,
        )

    def _check(self, result: Result) -> None:
        if not (math.isfinite(result.probability) and math.isfinite(result.novelty)):
            raise FloatingPointError("the model gave a value that is not finite")
        if not result.in_distribution and self.novelty_policy == "refuse":
            card = self.classifier.card
            raise OutOfDistribution(
                describe_novelty(result, card) + ". Send a brain MRI slice as described by GET /model. "
                "An operator can set SERVICE_NOVELTY_POLICY=warn to have such images answered with a warning.",
                extensions={"novelty": result.novelty, "threshold": card.thresholds.novelty},
            )

    def _heatmap(self, data: bytes, classified: Picture, result: Result) -> str | None:
        """Lay the heat map over the picture at full scale, on the part of it that the model saw."""
        if result.heatmap is None:
            return None
        shown = self.classifier.open(data, self.limits, explain=True)
        region = visible_region(classified, self.classifier.card.preprocess)
        return data_uri(overlay_png(shown.image, result.heatmap, region))


def identify(classifier: Classifier) -> ModelIdentity:
    """Name the model that answers."""
    return ModelIdentity(name=classifier.card.name, version=classifier.card.version, sha256=classifier.sha256)


def describe(data: bytes, picture: Picture) -> ImageFacts:
    """Name the image that was classified."""
    return ImageFacts(
        sha256=hashlib.sha256(data).hexdigest(),
        format=picture.format,
        width=picture.width,
        height=picture.height,
        frame=picture.frame,
    )
