"""The card that an exported model carries, made from its run."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from service import DISCLAIMER
from service.model_file import CARD_KEY, Card, Concept, ModelClass, Thresholds, TrainingData
from trainer.card.describing import describe_backbone
from trainer.config import TrainConfig
from trainer.data.sample import Sample
from trainer.export import onnx_file
from trainer.fitting.calibration import abstention_threshold, conformal_threshold
from trainer.network.heads import describe_head

_GIVEN = "as the data gives it (manifest or folders); identical pixels and given ids of two splits are left out of one"
LOCAL_SCHEME = "99BMC"
INTENDED_USE = (
    "Research on the classification of brain-MRI slices. Not a medical device; not for diagnosis or treatment."
)


def make_card(
    config: TrainConfig,
    classes: Sequence[str],
    samples: Sequence[Sample],
    content_sha256: str,
    probabilities: NDArray[np.float64],
    truth: NDArray[np.int64],
    command: str,
    libraries: Mapping[str, str],
    given_splits: bool = False,
) -> Card:
    """Build the card; the thresholds come from validation `probabilities` `[N, K]` and their `truth` `[N]`.

    `given_splits` says that the data came with all of its splits, such as a fold of `trainer split`.
    """
    return Card(
        name=config.name,
        version=config.version,
        classes=tuple(_model_class(name, config.tumour_classes) for name in classes),
        preprocess=config.preprocess_spec,
        backbone=describe_backbone(config),
        head=describe_head(config.head, len(classes), config.mask_loss > 0),
        thresholds=Thresholds(
            uncertain=abstention_threshold(probabilities, truth),
            conformal=conformal_threshold(probabilities, truth),
        ),
        training_data=TrainingData(
            sources=_counts(samples),
            content_sha256=content_sha256,
            split_method=_GIVEN if given_splits else _split_method(samples, config),
            recipe=config.recipe,
            citations=config.citations,
        ),
        metrics={},
        libraries=dict(libraries),
        command=command,
        date=datetime.now(UTC).date().isoformat(),
        licence=config.licence,
        intended_use=INTENDED_USE,
        disclaimer=DISCLAIMER,
    )


def with_metrics(path: Path, report: Mapping[str, Any]) -> Card:
    """Write a summary of `report` into the card of the model at `path`; the graph stays as it is."""
    model = onnx.load(path)
    props = {prop.key: prop.value for prop in model.metadata_props}
    summary = {
        source: _summary(scores) for source, scores in {"overall": report["overall"], **report["sources"]}.items()
    }
    card = Card.model_validate_json(props[CARD_KEY]).model_copy(update={"metrics": {"test": summary}})
    onnx_file.save(onnx_file.with_card(model, card), path)
    return card


def _summary(scores: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("images", "groups", "accuracy", "accuracy_95ci", "macro_f1", "tumour", "refused_as_novel")
    return {key: scores[key] for key in keys}


def _model_class(name: str, tumour_classes: Sequence[str]) -> ModelClass:
    """Name a class; its code is local until a confirmed terminology code stands in the project's code table."""
    meaning = name.replace("_", " ").capitalize()
    tumour = name in tumour_classes if tumour_classes else None
    concept = Concept(scheme=LOCAL_SCHEME, code=name, meaning=meaning)
    return ModelClass(name=name, tumour=tumour, concept=concept)


def _counts(samples: Sequence[Sample]) -> dict[str, dict[str, dict[str, int]]]:
    """Return images by source, split and class."""
    table: dict[str, dict[str, dict[str, int]]] = {}
    for sample in samples:
        row = table.setdefault(sample.source, {}).setdefault(str(sample.split), {})
        row[sample.label] = row.get(sample.label, 0) + 1
    return table


def _split_method(samples: Sequence[Sample], config: TrainConfig) -> str:
    joined = (
        f"thumbnail correlation >= {config.near_duplicates} of picture or head unless both have ids"
        if config.near_duplicates <= 1
        else "identical pixels"
    )
    method = f"by group, stratified by source and class, seed {config.seed}; groups: given ids joined with {joined}"
    if any(sample.series for sample in samples):
        method += (
            "; ordered series without patient ids in contiguous blocks as long as their largest patient, held out at "
            "several places, a block between two splits left out"
        )
    return method
