"""From the bytes of a file to the answer of the HTTP interface. Pure computation: it runs in a compute thread."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass

from service.classifier import Classifier, Result
from service.errors import FrameRequired, NotABrainMri, OutOfDistribution
from service.header_gate import objection
from service.imaging import ImageSource, Limits, Picture, open_image, visible_region
from service.imaging.overlay import data_uri, overlay_png
from service.notices import describe_novelty, notices
from service.schemas import ImageFacts, ModelIdentity, Prediction, PredictionWarning
from service.settings import HeaderPolicy, NoveltyPolicy


@dataclass(frozen=True)
class Task:
    """One image to be classified and how to answer; without `frame` the file must hold no more than one."""

    data: bytes
    explain: bool
    request_id: str
    frame: int | None = None


@dataclass(frozen=True)
class OpenedFile:
    """A file whose frames are classified one by one: its header is read and its hash taken once."""

    source: ImageSource
    sha256: str
    frames: int


@dataclass(frozen=True)
class Predictor:
    """Answers with one model, under the limits and the policies of the settings."""

    classifier: Classifier
    limits: Limits
    novelty_policy: NoveltyPolicy
    header_policy: HeaderPolicy = "refuse"

    def open(self, data: bytes) -> OpenedFile:
        """Read the header and count the frames; raises a ProblemError for a file that cannot be read."""
        source = open_image(data, self.limits)
        return OpenedFile(source, hashlib.sha256(data).hexdigest(), source.frames)

    def predict(self, task: Task) -> Prediction:
        """Classify the one image that is asked for.

        Raises FrameRequired for several frames of which none is named, otherwise what `open` and `predict_frame` do.
        """
        file = self.open(task.data)
        if task.frame is None and file.frames > 1:
            raise FrameRequired(
                f"The object holds {file.frames} frames. Say which one is meant with ?frame=N, 0 to "
                f"{file.frames - 1}, or send the object to /predict/batch, which answers for all of them.",
                extensions={"frames": file.frames},
            )
        return self.predict_frame(file, task.frame or 0, task.explain, task.request_id)

    def predict_frame(self, file: OpenedFile, frame: int, explain: bool, request_id: str) -> Prediction:
        """Decode, classify and describe; raises a ProblemError for an image that cannot or should not be answered.

        The classified picture is the same with and without `explain`, so the probabilities are too.
        """
        remarks = tuple(self._header_remarks(file.source, frame))
        picture = self.classifier.look(file.source, frame)
        result = self.classifier.classify(picture, explain)
        self._check(result)
        return Prediction(
            label=result.label,
            probability=result.probability,
            decision=result.decision,
            probabilities=result.probabilities,
            tumor_probability=result.tumor_probability,
            prediction_set=result.prediction_set,
            novelty=result.novelty,
            warnings=(*remarks, *notices(picture, result, self.classifier.card)),
            heatmap=self._heatmap(file.source, picture, result),
            model=identify(self.classifier),
            image=describe(file, picture),
            request_id=request_id,
        )

    def _header_remarks(self, source: ImageSource, frame: int) -> Iterator[PredictionWarning]:
        """Yield the warning of a header that says it is no brain MRI; raises NotABrainMri where that is refused."""
        facts = source.facts(frame) if self.header_policy != "ignore" else None
        reason = objection(facts) if facts else None
        if reason and self.header_policy == "refuse":
            raise NotABrainMri(
                f"{reason}. The model knows diagnostic MRI slices of the brain only. Send such a slice; an operator "
                "can set SERVICE_HEADER_POLICY=warn to have others answered with a warning."
            )
        if reason:
            yield PredictionWarning(code="not-a-brain-mri", detail=reason)

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

    def _heatmap(self, source: ImageSource, classified: Picture, result: Result) -> str | None:
        """Lay the heat map over the picture at full scale, on the part of it that the model saw."""
        if result.heatmap is None:
            return None
        is_full = classified.image.size == (classified.width, classified.height)
        shown = classified if is_full else self.classifier.look(source, classified.frame, explain=True)
        region = visible_region(classified, self.classifier.card.preprocess)
        return data_uri(overlay_png(shown.image, result.heatmap, region))


def identify(classifier: Classifier) -> ModelIdentity:
    """Name the model that answers."""
    return ModelIdentity(name=classifier.card.name, version=classifier.card.version, sha256=classifier.sha256)


def describe(file: OpenedFile, picture: Picture) -> ImageFacts:
    """Name the image that was classified."""
    return ImageFacts(
        sha256=file.sha256,
        format=picture.format,
        width=picture.width,
        height=picture.height,
        frame=picture.frame,
    )
