"""From the bytes of a file to the answer of the HTTP interface. Pure computation: it runs in a compute thread."""

import hashlib
import math
from dataclasses import dataclass, replace

from PIL import Image

from service import DISCLAIMER
from service.classifier import Classifier, Result
from service.errors import OutOfDistribution
from service.imaging import Limits, Picture, visible_region
from service.imaging.legend import Legend, with_legend
from service.imaging.overlay import OPACITY, data_uri, overlay, png_bytes
from service.notices import describe_novelty, notices
from service.schemas import ImageFacts, ModelIdentity, Prediction
from service.settings import NoveltyPolicy


@dataclass(frozen=True)
class Task:
    """One image to be classified and how to answer; `opacity` is that of the heat map, 0..1."""

    data: bytes
    explain: bool
    request_id: str
    opacity: float = OPACITY


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
        picture, result = self._classify(task)
        return Prediction(
            label=result.label,
            probability=result.probability,
            decision=result.decision,
            probabilities=result.probabilities,
            tumor_probability=result.tumor_probability,
            prediction_set=result.prediction_set,
            novelty=result.novelty,
            warnings=tuple(notices(picture, result, self.classifier.card)),
            heatmap=data_uri(png_bytes(self._overlay(task, picture, result))) if task.explain else None,
            model=identify(self.classifier),
            image=describe(task.data, picture),
            request_id=task.request_id,
        )

    def draw(self, task: Task) -> bytes:
        """Return a PNG that explains itself: the overlay with a legend under it; raises as `predict` does."""
        explained = replace(task, explain=True)
        picture, result = self._classify(explained)
        shown = self._overlay(explained, picture, result)
        return png_bytes(with_legend(shown, _legend(result, self.classifier), task.opacity))

    def _classify(self, task: Task) -> tuple[Picture, Result]:
        picture = self.classifier.open(task.data, self.limits)
        result = self.classifier.classify(picture, task.explain)
        self._check(result)
        return picture, result

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

    def _overlay(self, task: Task, classified: Picture, result: Result) -> Image.Image:
        """Lay the heat map over the picture at full scale, on the part of it that the model saw."""
        assert result.heatmap is not None
        shown = self.classifier.open(task.data, self.limits, explain=True)
        region = visible_region(classified, self.classifier.card.preprocess)
        return overlay(shown.image, result.heatmap, region, task.opacity)


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


def _legend(result: Result, classifier: Classifier) -> Legend:
    """Put the answer into the words of the strip under a picture."""
    tumour = result.tumor_probability
    card = classifier.card
    return Legend(
        title=f"{result.label} · {result.probability:.1%}",
        lines=(
            f"Decision: {result.decision}" + ("" if tumour is None else f" · tumour probability {tumour:.1%}"),
            f"Cannot be excluded: {', '.join(result.prediction_set)} · novelty {result.novelty:.2f}",
            f"Model: {card.name} {card.version} · {classifier.sha256[:12]}",
        ),
        footer=DISCLAIMER,
    )
