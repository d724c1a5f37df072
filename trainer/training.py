"""`trainer train`: from images to a checked model file with its card."""

import logging
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from trainer.atomic import write_json
from trainer.card import card_file
from trainer.card.public_command import public_command
from trainer.config import TrainConfig
from trainer.export import onnx_file
from trainer.export.feature_graph import FeatureGraph
from trainer.export.inference_graph import InferenceGraph
from trainer.export.novelty import fit_novelty
from trainer.final_report import final_report
from trainer.fitted import fit_data_of, fit_run
from trainer.fitting import calibration
from trainer.fitting.acceleration import to_float32
from trainer.fitting.batches import Batches
from trainer.network.building import behind_augmentation
from trainer.preparation import Prepared

logger = logging.getLogger(__name__)
PARITY_IMAGES = 64


def train(prepared: Prepared, out: Path, config: TrainConfig) -> dict[str, Any]:
    """Train, calibrate, export and evaluate; everything lands in the folder `out`.

    A second call with the same arguments resumes an interrupted run. Raises TrainerError.
    """
    model_path = _fit_and_export(out, prepared, config)
    return final_report(out, model_path, prepared)


def _fit_and_export(out: Path, prepared: Prepared, config: TrainConfig) -> Path:
    images, samples, classes = prepared.images, prepared.samples, prepared.classes
    data = fit_data_of(prepared)
    trained, progress = fit_run(prepared, out, config)
    network = behind_augmentation(trained)
    to_float32(network)
    write_json(out / "history.json", progress.history)

    held_out, truth = data.validation, data.labels[data.validation]
    logits = _logits(network, images.pixels, held_out)
    temperature = calibration.fit_temperature(logits, truth)
    features = FeatureGraph(network, config)
    novelty = fit_novelty(
        features.textures(images.pixels, data.train),
        features.textures(images.pixels, held_out),
        sources=[samples[row].source for row in held_out],
    )
    card = card_file.make_card(
        config,
        classes,
        samples,
        images.content_sha256,
        calibration.probabilities_of(logits, temperature),
        truth,
        public_command(sys.argv[1:]),
        _libraries(),
        given_splits=all(sample.split for sample in images.samples),
    )
    model = onnx_file.convert(InferenceGraph(features, network, config, temperature, novelty), card)
    path = out / "model.onnx"
    checked = np.linspace(0, len(samples) - 1, min(PARITY_IMAGES, len(samples))).astype(np.int64)
    expected = calibration.probabilities_of(_logits(network, images.pixels, checked), temperature)
    difference = onnx_file.save_checked(model, path, images.pixels[checked], expected)
    logger.info("temperature %.3f; ONNX and Keras differ by at most %.1e", temperature, difference)
    return path


def _logits(network: keras.Model, pixels: NDArray[np.uint8], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return Keras' logits `[len(rows), 1 or K]` of the given rows of cached `pixels`."""
    batches = Batches(pixels, rows, np.zeros(len(pixels), np.int64), batch_size=64)
    return np.asarray(network.predict(batches, verbose=0), np.float64)


def _libraries() -> dict[str, str]:
    return {
        name: version(name) for name in ("tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "numpy", "pillow")
    }
