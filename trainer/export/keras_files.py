"""The trained Keras network of a run as a file of its own: float pixels in, calibrated probabilities out."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
from numpy.typing import NDArray

from service.classifier import Classifier
from trainer.atomic import write_json
from trainer.errors import ConfigError, ExportError
from trainer.evaluation.temperature import temperature_of
from trainer.fitting.acceleration import to_float32
from trainer.network.building import behind_augmentation
from trainer.network.smoothing import Smoothing
from trainer.network.tumour_map import Detached

TOLERANCE = 1e-4
KINDS = {"keras": ".keras", "h5": ".h5", "savedmodel": ""}


def export_keras(run: Path, kind: str, out: Path) -> None:
    """Write the network of the folder `run` as one of `KINDS` to `out`, its card as JSON beside it.

    It takes float `[N, S, S, C]` in 0..255 and gives probabilities `[N, K]`; heat map and novelty are in the ONNX file
    only. Raises ConfigError when the run is not finished or the suffix of `out` is another, ExportError when the
    network does not give the probabilities of the run's model.onnx; then nothing is written.
    """
    if out.suffix != KINDS[kind]:
        raise ConfigError(f"{out}: --format {kind} needs a name that ends in '{KINDS[kind]}'")
    classifier = Classifier(run / "model.onnx")
    network = calibrated(trained(run), temperature_of(run / "model.onnx") or 1.0)
    _check(network, classifier, out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".partial-", dir=out.parent) as folder:
        made = Path(folder) / f"model{KINDS[kind]}"
        if kind == "savedmodel":
            network.export(made, format="tf_saved_model", verbose=False)
            shutil.rmtree(out, ignore_errors=True)
        else:
            network.save(made)
        made.replace(out)
    write_json(out.with_name(f"{out.name}.card.json"), classifier.card.model_dump(mode="json"))


def trained(run: Path) -> keras.Model:
    """Return the network that the finished run keeps in `fit`, from pixels to logits; raises ConfigError."""
    found = sorted((run / "fit").glob("checkpoint-*.keras"))
    if not found:
        raise ConfigError(f"{run}: holds no Keras network; give the folder of a run that `trainer train` has finished")
    network = keras.models.load_model(found[-1], compile=False)
    to_float32(network)
    return network


def calibrated(network: keras.Model, temperature: float) -> keras.Model:
    """Return `network` as it predicts, without augmentation, ending in `softmax(logits / temperature)`."""
    predicting = keras.models.clone_model(behind_augmentation(network), clone_function=_of_keras_alone)
    pixels = keras.Input(predicting.input_shape[1:], name="image")
    logits = predicting(pixels, training=False)
    if predicting.output_shape[-1] == 1:
        logits = keras.layers.Concatenate()([keras.layers.Rescaling(0.0)(logits), logits])
    scaled = keras.layers.Rescaling(1 / temperature)(logits)
    return keras.Model(pixels, keras.layers.Softmax(name="probabilities")(scaled))


def _of_keras_alone(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return the layer itself, or one that loads without this package and predicts the same."""
    if isinstance(layer, Smoothing):
        return _smoothing_of_keras_alone(layer.input.shape[1:])
    return keras.layers.Identity() if isinstance(layer, Detached) else layer


def _smoothing_of_keras_alone(shape: tuple[int, int, int]) -> keras.Model:
    """Return `smoothed` in layers that the HDF5 format knows, too: the border is mirrored by cutting and joining."""
    pixels = x = keras.Input(shape)
    for axis in (1, 2):
        edge = shape[axis - 1]
        second, last_but_one = (_cut(x, axis, cut) for cut in ((1, edge - 2), (edge - 2, 1)))
        x = keras.layers.Concatenate(axis=axis)([second, x, last_but_one])
    for _ in range(2):
        x = keras.layers.AveragePooling2D(2, strides=1)(x)
    return keras.Model(pixels, x)


def _cut(x: keras.KerasTensor, axis: int, cut: tuple[int, int]) -> keras.KerasTensor:
    nothing = (0, 0)
    return keras.layers.Cropping2D((cut, nothing) if axis == 1 else (nothing, cut))(x)


def _check(network: keras.Model, classifier: Classifier, out: Path) -> None:
    """Compare both on noise; a checkpoint of another training would differ."""
    pixels = _noise(classifier.card.preprocess.size, classifier.card.preprocess.channels)
    said = np.asarray(network(pixels.astype(np.float32), training=False))
    difference = float(np.abs(said - classifier.score(pixels).probabilities).max())
    if not difference <= TOLERANCE:
        raise ExportError(f"{out}: not written: its probabilities differ from the run's model.onnx by {difference:.2e}")


def _noise(size: int, channels: int) -> NDArray[np.uint8]:
    coarse = np.random.default_rng(0).integers(0, 256, (4, 8, 8, channels), dtype=np.uint8)
    return np.asarray(coarse.repeat(-(-size // 8), axis=1).repeat(-(-size // 8), axis=2)[:, :size, :size])
