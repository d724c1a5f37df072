"""Run the model on preprocessed images and say what the numbers mean."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.errors import BlankImage, ModelFileError
from service.imaging import ImageSource, Limits, Picture, Quality, is_blank, measure, open_image, preprocess
from service.model_file import Card, load_model_file
from service.observer import Observer

UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Scores:
    """Raw outputs for N images: probabilities `[N, K]`, novelty `[N]`, heatmap `[N, h, w, K]` or None."""

    probabilities: NDArray[np.float32]
    novelty: NDArray[np.float32]
    heatmap: NDArray[np.float32] | None


@dataclass(frozen=True)
class Result:
    """What the model says of one image.

    `decision` is `label` or "uncertain"; `tumor_probability` is None for a model whose classes are not about tumours;
    `heatmap` is float32 `[h, w]` in 0..1 for `label`, or None when it was not asked for. `quality` is that of the
    model's input, None where scores are interpreted without a picture.
    """

    label: str
    probability: float
    decision: str
    probabilities: dict[str, float]
    tumor_probability: float | None
    prediction_set: tuple[str, ...]
    novelty: float
    in_distribution: bool
    heatmap: NDArray[np.float32] | None
    quality: Quality | None = None


class Classifier:
    """A loaded model. `classify` and `score` may be called from several threads at once."""

    def __init__(self, model_path: Path, threads: int = 1) -> None:
        """Load and verify the file; raises ModelFileError."""
        model = load_model_file(model_path, threads)
        self.card: Card = model.card
        self.sha256: str = model.sha256
        self._session = model.session
        self.observer = Observer()

    def warm_up(self) -> None:
        """Run once on a blank image, so that the first request pays for no lazy allocation."""
        spec = self.card.preprocess
        self.score(np.zeros((1, spec.size, spec.size, spec.channels), np.uint8), explain=True)

    def open(self, data: bytes, limits: Limits, explain: bool = False) -> Picture:
        """Decode the first frame of `data` as `look` does."""
        return self.look(open_image(data, limits), explain=explain)

    def look(self, source: ImageSource, frame: int = 0, explain: bool = False) -> Picture:
        """Decode a frame, only as large as the model needs unless the picture itself is to be shown (`explain`)."""
        with self.observer.stage("decode"):
            return source.picture(frame, None if explain else self.card.preprocess.size)

    def classify(self, picture: Picture, explain: bool = False) -> Result:
        """Preprocess, score and interpret one picture; raises BlankImage where there is nothing to see."""
        with self.observer.stage("preprocess"):
            pixels = preprocess(picture, self.card.preprocess)
        if is_blank(pixels):
            raise BlankImage("The image is blank: all its pixels are nearly the same. Send a slice that shows a brain.")
        with self.observer.stage("model"):
            scores = self.score(pixels[None], explain)
        result = replace(interpret(self.card, scores), quality=measure(pixels))
        self.observer.classified(result.label, result.decision, result.probability, result.novelty)
        return result

    def score(self, pixels: NDArray[np.uint8], explain: bool = False) -> Scores:
        """Score uint8 `[N, S, S, C]`; the heat map is computed only when asked for."""
        names = ["probabilities", "novelty"] + (["heatmap"] if explain else [])
        values = self._session.run(names, {"image": pixels})
        return Scores(values[0], values[1], values[2] if explain else None)


def load_classifier(path: Path) -> Classifier:
    """Load the model, one core per image, and run it once; raises ModelFileError when it cannot be served."""
    classifier = Classifier(path, threads=1)
    try:
        classifier.warm_up()
    except Exception as error:  # onnxruntime's exceptions share no public base class
        raise ModelFileError(f"{path}: the model cannot be run ({type(error).__name__}).") from error
    return classifier


def interpret(card: Card, scores: Scores, index: int = 0) -> Result:
    """Turn row `index` of `scores` into a result by the thresholds of the card."""
    row = scores.probabilities[index].astype(np.float64)
    best = int(row.argmax())
    label, probability = card.class_names[best], float(row[best])
    tumour = [p for p, c in zip(row, card.classes, strict=True) if c.tumour]
    novelty = float(scores.novelty[index])
    return Result(
        label=label,
        probability=probability,
        decision=label if probability >= card.thresholds.uncertain else UNCERTAIN,
        probabilities={name: float(p) for name, p in zip(card.class_names, row, strict=True)},
        tumor_probability=min(float(sum(tumour)), 1.0) if tumour else None,
        prediction_set=prediction_set(card, row),
        novelty=novelty,
        in_distribution=novelty <= card.thresholds.novelty,
        heatmap=None if scores.heatmap is None else scores.heatmap[index, :, :, best],
    )


def prediction_set(card: Card, row: NDArray[np.float64]) -> tuple[str, ...]:
    """Classes of at least the conformal probability, the most probable first and never empty."""
    order = np.argsort(-row, kind="stable")
    kept = [card.class_names[k] for n, k in enumerate(order) if n == 0 or row[k] >= card.thresholds.conformal]
    return tuple(kept)
