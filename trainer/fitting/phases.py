"""Fit the head on a frozen backbone, then fine-tune the backbone from a layer on; resume after an interruption."""

import json
import logging
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from trainer.atomic import replacing, write_json
from trainer.config import TrainConfig
from trainer.errors import ConfigError
from trainer.fitting.acceleration import let_jax_compile
from trainer.fitting.batches import Batches, balanced_weights
from trainer.fitting.calibration import fit_temperature, negative_log_likelihood, probabilities_of
from trainer.fitting.epoch_rows import epoch_rows, in_full_batches
from trainer.fitting.fit_data import FitData
from trainer.network.building import build_network
from trainer.network.unfreezing import ALL, first_trained, unfreeze_from

logger = logging.getLogger(__name__)
PHASES = ("frozen", "fine-tune")
_VALIDATION_BATCH = 64
Weights = list[NDArray[np.float32]]


@dataclass
class Progress:
    """Where fitting stands after an epoch; kept on disk, so that an interrupted run goes on from there."""

    phase: int = 0
    epoch: int = 0
    best_loss: float = math.inf
    waited: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    random_states: list[list[int]] = field(default_factory=list)


def fit(data: FitData, config: TrainConfig, folder: Path) -> tuple[keras.Model, Progress]:
    """Return the network with the weights of the lowest calibrated validation loss of the last phase, and the history.

    In the fine-tuning phase the weights that are validated and returned are a running average over the epochs (Izmailov
    et al. 2018; batch norms are folded, or their statistics are averaged too), while fitting goes on from the
    last ones.
    State is kept in `folder` after every epoch: a second call with the same arguments continues there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model, progress, average = _restore(folder) or (*start(data.class_count, config), [])
    if progress.phase == 0 and config.cache_features and config.frozen_epochs:
        _fit_head(model, progress, data, config, folder)
    while progress.phase < len(PHASES):
        if _goes_on(progress, config):
            average = _one_epoch(model, progress, average, data, config, folder)
        else:
            _next_phase(model, progress, config, folder)
            average = []
        _save(model, progress, average, folder)
    return model, progress


def _goes_on(progress: Progress, config: TrainConfig) -> bool:
    epochs = (config.frozen_epochs, config.fine_tune_epochs)[progress.phase]
    return progress.epoch < epochs and progress.waited < config.patience


def start(class_count: int, config: TrainConfig) -> tuple[keras.Model, Progress]:
    """Build the network; one that is trained from scratch has no frozen phase, and no layer of it stays frozen.

    Raises ConfigError for a network, weights or a layer to fine-tune from that there are not.
    """
    model = build_network(config, class_count)
    backbone = model.get_layer("backbone")
    if config.from_scratch:
        if config.fine_tune_from != ALL:
            raise ConfigError(f"weights is 'none', so all is trained from scratch; fine_tune_from must be '{ALL}'")
        return _compile(model, config.fine_tune_learning_rate), Progress(phase=1)
    first_trained(backbone, config.fine_tune_from)  # an unknown layer is told now, not after the frozen phase
    backbone.trainable = False
    return _compile(model, config.learning_rate), Progress()


def _fit_head(model: keras.Model, progress: Progress, data: FitData, config: TrainConfig, folder: Path) -> None:
    """Do the frozen phase on cached features, as a whole: it takes seconds, so an interrupted one starts over."""
    if keras.backend.backend() != "tensorflow":
        raise ConfigError("cache_features needs TensorFlow; unset KERAS_BACKEND, or give --cache-features false")
    from trainer.fitting.frozen_features import frozen_features, head_of  # computes with TensorFlow itself

    head = _compile(head_of(model), config.learning_rate)
    features = frozen_features(model, data, config, folder / "features")
    while _goes_on(progress, config):
        _one_epoch(head, progress, [], features, config, folder)
    _take_best(head, folder)
    _keep_best(model.get_weights(), folder)
    _next_phase(model, progress, config, folder)
    _save(model, progress, [], folder)


def _compile(model: keras.Model, rate: float) -> keras.Model:
    """Use binary cross-entropy for one logit, else categorical cross-entropy with integer labels."""
    if model.output_shape[-1] == 1:
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        accuracy = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    model.compile(keras.optimizers.Adam(rate), loss, weighted_metrics=[], metrics=[accuracy])
    let_jax_compile(model)
    model.optimizer.build(model.trainable_variables)  # else a checkpoint before the first step lacks its variables
    return model


def _one_epoch(
    model: keras.Model, progress: Progress, average: Weights, data: FitData, config: TrainConfig, folder: Path
) -> Weights:
    """Fit one epoch, keep the averaged weights if they are the best ones so far, and return them."""
    random = np.random.default_rng([config.seed, progress.phase, progress.epoch])
    order = epoch_rows(data.train, data.groups, config.images_per_group, random)
    weights = balanced_weights(data.labels[order], data.class_count)
    shown = in_full_batches(order, config.batch_size)
    rate = _rate(config, progress)
    model.optimizer.learning_rate = rate
    print(f"{PHASES[progress.phase]} phase", flush=True)  # noqa: T201 - heads the progress bar of Keras
    result = model.fit(
        Batches(data.pixels, data.any_version(shown, random), data.labels, config.batch_size, weights, data.masks),
        initial_epoch=progress.epoch,
        epochs=progress.epoch + 1,
        shuffle=False,
    )
    progress.epoch += 1
    last = model.get_weights()
    average = _averaged(average, last, config.average if progress.phase == 1 else 0.0)
    model.set_weights(average)
    row = {name: float(values[-1]) for name, values in result.history.items()} | _validate(model, data)
    model.set_weights(last)
    logger.info("validation accuracy %.4f, calibrated loss %.4f", row["val_accuracy"], row["val_loss"])
    if not math.isfinite(row["val_loss"]):
        raise ConfigError("the loss is no longer a number; lower --learning-rate and --fine-tune-learning-rate")
    progress.history.append({"phase": progress.phase, "epoch": progress.epoch, "learning_rate": rate, **row})
    progress.waited += 1
    if row["val_loss"] < progress.best_loss:
        progress.best_loss, progress.waited = row["val_loss"], 0
        _keep_best(average, folder)
    return average


def _averaged(average: Weights, last: Weights, kept: float) -> Weights:
    if not average:
        return last
    return [np.asarray(kept * old + (1 - kept) * new, new.dtype) for old, new in zip(average, last, strict=True)]


def _keep_best(weights: Weights, folder: Path) -> None:
    with replacing(folder / "best.npz") as temporary:
        np.savez(temporary, *weights)


def _take_best(model: keras.Model, folder: Path) -> None:
    with np.load(folder / "best.npz") as best:
        model.set_weights(list(best.values()))


def _validate(model: keras.Model, data: FitData) -> dict[str, float]:
    """Return accuracy and loss after temperature scaling: what ships is calibrated, so confidence must not decide."""
    rows = in_full_batches(data.validation, _VALIDATION_BATCH)
    batches = Batches(data.pixels, rows, data.labels, _VALIDATION_BATCH, masks=data.masks)
    logits = np.asarray(model.predict(batches, verbose=0), np.float64)[: len(data.validation)]
    labels = data.labels[data.validation]
    temperature = fit_temperature(logits, labels)
    correct = probabilities_of(logits, temperature).argmax(axis=1) == labels
    return {
        "val_accuracy": float(correct.mean()),
        "val_loss": negative_log_likelihood(logits, labels, temperature),
    }


def _rate(config: TrainConfig, progress: Progress) -> float:
    """Constant in the frozen phase; a linear rise, then half a cosine down to a hundredth in the fine-tuning phase."""
    if progress.phase == 0:
        return config.learning_rate
    rise = min(1.0, (progress.epoch + 1) / (config.warm_up_epochs + 1))
    cosine = 0.5 * (1 + math.cos(math.pi * progress.epoch / max(1, config.fine_tune_epochs)))
    return config.fine_tune_learning_rate * rise * (0.01 + 0.99 * cosine)


def _next_phase(model: keras.Model, progress: Progress, config: TrainConfig, folder: Path) -> None:
    """Take the best weights so far along and look for the lowest loss anew."""
    if progress.history:
        _take_best(model, folder)
    progress.phase, progress.epoch = progress.phase + 1, 0
    progress.best_loss, progress.waited = math.inf, 0
    if progress.phase < len(PHASES):
        unfreeze_from(model.get_layer("backbone"), config.fine_tune_from)
        _compile(model, config.fine_tune_learning_rate)


def _save(model: keras.Model, progress: Progress, average: Weights, folder: Path) -> None:
    """Write network and average under names of their own, then the state that points to them; drop the old ones."""
    name = f"checkpoint-{progress.phase}-{progress.epoch}"
    progress.random_states = [np.asarray(state).tolist() for state in _random_states(model)]
    with replacing(folder / f"{name}.keras") as temporary:
        model.save(temporary)
    with replacing(folder / f"{name}.npz") as temporary:
        np.savez(temporary, *average)
    write_json(folder / "progress.json", {"checkpoint": name, **asdict(progress)})
    for old in folder.glob("checkpoint-*"):
        if old.stem != name:
            old.unlink()


def _restore(folder: Path) -> tuple[keras.Model, Progress, Weights] | None:
    path = folder / "progress.json"
    if not path.is_file():
        return None
    state = json.loads(path.read_text("utf-8"))
    name = state.pop("checkpoint")
    progress = Progress(**state)
    logger.info("resuming %s", name)
    model = keras.models.load_model(folder / f"{name}.keras")
    let_jax_compile(model)
    with np.load(folder / f"{name}.npz") as saved_average:
        average = list(saved_average.values())
    for state, saved in zip(_random_states(model), progress.random_states, strict=False):
        state.assign(saved)
    return model, progress, average


def _random_states(model: keras.Model) -> list[keras.Variable]:
    """Return the states of augmentation and dropout, which a `.keras` file does not keep."""
    return [variable for variable in model.variables if variable.path.endswith("seed_generator_state")]
