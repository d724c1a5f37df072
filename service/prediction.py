"""From the bytes of a file to the answer of the HTTP interface. Pure computation: it runs in a compute thread."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from service import DISCLAIMER
from service.classifier import Classifier, Result
from service.errors import FrameRequired, NotABrainMri, OutOfDistribution
from service.header_gate import objection
from service.imaging import ImageSource, Limits, Picture, open_image, visible_region
from service.imaging.legend import Legend, with_legend
from service.imaging.overlay import OPACITY, data_uri, overlay, png_bytes
from service.notices import describe_novelty, notices
from service.schemas import ImageFacts, ModelIdentity, Prediction, PredictionWarning
from service.settings import HeaderPolicy, NoveltyPolicy


@dataclass(frozen=True)
class Task:
    """One image to be classified and how to answer; without `frame` the file must hold no more than one.

    `opacity` is that of the heat map, 0..1.
    """

    data: bytes
    explain: bool
    request_id: str
    frame: int | None = None
    opacity: float = OPACITY


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
        return self.predict_frame(file, _frame_of(task, file), task.explain, task.request_id, task.opacity)

    def draw(self, task: Task) -> bytes:
        """Return a PNG that explains itself: the overlay with a legend under it; raises as `predict` does."""
        file = self.open(task.data)
        frame = _frame_of(task, file)
        remarks = tuple(self._header_remarks(file.source, frame))
        picture, result = self._classify(file.source, frame, explain=True)
        warnings = [warning.code for warning in (*remarks, *notices(picture, result, self.classifier.card))]
        shown = self._overlay(file.source, picture, result, task.opacity)
        return png_bytes(with_legend(shown, _legend(result, warnings, self.classifier), task.opacity))

    def predict_frame(
        self, file: OpenedFile, frame: int, explain: bool, request_id: str, opacity: float = OPACITY
    ) -> Prediction:
        """Decode, classify and describe; raises a ProblemError for an image that cannot or should not be answered.

        The classified picture is the same with and without `explain`, so the probabilities are too.
        """
        remarks = tuple(self._header_remarks(file.source, frame))
        picture, result = self._classify(file.source, frame, explain)
        shown = self._overlay(file.source, picture, result, opacity) if explain else None
        return Prediction(
            label=result.label,
            probability=result.probability,
            decision=result.decision,
            probabilities=result.probabilities,
            tumor_probability=result.tumor_probability,
            prediction_set=result.prediction_set,
            novelty=result.novelty,
            warnings=(*remarks, *notices(picture, result, self.classifier.card)),
            heatmap=data_uri(png_bytes(shown)) if shown else None,
            model=identify(self.classifier),
            image=describe(file, picture),
            request_id=request_id,
        )

    def _classify(self, source: ImageSource, frame: int, explain: bool) -> tuple[Picture, Result]:
        picture = self.classifier.look(source, frame)
        result = self.classifier.classify(picture, explain)
        self._check(result)
        return picture, result

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

    def _overlay(self, source: ImageSource, classified: Picture, result: Result, opacity: float) -> Image.Image:
        """Lay the heat map over the picture at full scale, on the part of it that the model saw."""
        assert result.heatmap is not None
        is_full = classified.image.size == (classified.width, classified.height)
        shown = classified if is_full else self.classifier.look(source, classified.frame, explain=True)
        region = visible_region(classified, self.classifier.card.preprocess)
        return overlay(shown.image, result.heatmap, region, opacity)


def _frame_of(task: Task, file: OpenedFile) -> int:
    """Return the frame that is meant; raises FrameRequired."""
    if task.frame is None and file.frames > 1:
        raise FrameRequired(
            f"The object holds {file.frames} frames. Say which one is meant with ?frame=N, 0 to "
            f"{file.frames - 1}, or send the object to /predict/batch, which answers for all of them.",
            extensions={"frames": file.frames},
        )
    return task.frame or 0


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


def _legend(result: Result, warnings: Sequence[str], classifier: Classifier) -> Legend:
    """Put the answer into the words of the strip under a picture."""
    tumour = result.tumor_probability
    card = classifier.card
    return Legend(
        title=f"{result.label} · {result.probability:.1%}",
        lines=(
            f"Decision: {result.decision}" + ("" if tumour is None else f" · tumour probability {tumour:.1%}"),
            f"Cannot be excluded: {', '.join(result.prediction_set)} · novelty {result.novelty:.2f}",
            f"Warnings: {', '.join(warnings) or 'none'}",
            f"Model: {card.name} {card.version} · {classifier.sha256[:12]}",
        ),
        footer=DISCLAIMER,
    )
