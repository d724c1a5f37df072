"""What a batch says as a whole, gathered image by image in a memory that does not grow with the pictures."""

from collections import Counter
from dataclasses import dataclass, field

from service.classifier import UNCERTAIN
from service.schemas import (
    BatchResult,
    BatchSummary,
    ClassSummary,
    Prediction,
    SuspiciousImage,
    TumorProbabilitySummary,
)

_MOST_SUSPICIOUS = 5


@dataclass
class _Running:
    """Maximum and mean of numbers that come one by one."""

    count: int = 0
    total: float = 0.0
    maximum: float = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.maximum = max(self.maximum, value)

    @property
    def mean(self) -> float:
        return min(self.total / self.count, self.maximum)


@dataclass
class Tally:
    """Counts results; `summary` may be asked for at any time."""

    _images: int = 0
    _refusals: Counter[str] = field(default_factory=Counter)
    _classes: dict[str, _Running] = field(default_factory=dict)
    _decisions: Counter[str] = field(default_factory=Counter)
    _tumour: _Running = field(default_factory=_Running)
    _suspicious: list[SuspiciousImage] = field(default_factory=list)

    def add(self, result: BatchResult) -> None:
        """Count one image."""
        self._images += 1
        if result.prediction is not None:
            self._add_prediction(result, result.prediction)
        elif result.problem is not None:
            self._refusals[result.problem.code] += 1

    def summary(self) -> BatchSummary:
        """Return the summary of all that was added."""
        refused = sum(self._refusals.values())
        return BatchSummary(
            images=self._images,
            answered=self._images - refused,
            refused=refused,
            refusals=dict(self._refusals.most_common()),
            classes={
                name: ClassSummary(maximum=seen.maximum, mean=seen.mean, decisions=self._decisions[name])
                for name, seen in self._classes.items()
            },
            uncertain=self._decisions[UNCERTAIN],
            tumor_probability=TumorProbabilitySummary(maximum=self._tumour.maximum, mean=self._tumour.mean)
            if self._tumour.count
            else None,
            most_suspicious=tuple(self._suspicious),
        )

    def _add_prediction(self, result: BatchResult, prediction: Prediction) -> None:
        self._decisions[prediction.decision] += 1
        for name, probability in prediction.probabilities.items():
            self._classes.setdefault(name, _Running()).add(probability)
        if prediction.tumor_probability is None or result.frame is None:
            return
        self._tumour.add(prediction.tumor_probability)
        seen = SuspiciousImage(
            index=result.index,
            file=result.file,
            frame=result.frame,
            label=prediction.label,
            tumor_probability=prediction.tumor_probability,
        )
        ranked = sorted([*self._suspicious, seen], key=lambda one: (-one.tumor_probability, one.index))
        self._suspicious = ranked[:_MOST_SUSPICIOUS]
