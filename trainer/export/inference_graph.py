"""The network as it is served: uint8 in; probabilities, heat map and novelty out.

The heat map is Grad-CAM (Selvaraju et al. 2017) in closed form: behind global average pooling and dense ReLU layers the
gradient of a logit with respect to the features is the same at every position and a product of weight matrices. Where
a tumour map weights the positions too, the gradient differs from one to the next, and what each contributes is gradient
times feature (HiResCAM, Draelos and Carin 2020), the weights held fixed as they are in training; behind global average
pooling alone both are the same.
"""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from trainer.config import TrainConfig
from trainer.export.feature_graph import FeatureGraph
from trainer.export.novelty import NoveltyModel
from trainer.network.tumour_map import NAME


class InferenceGraph(tf.Module):  # type: ignore[misc]
    """A `tf.Module` whose `__call__` maps uint8 `[N, S, S, C]` to the three outputs of the model file."""

    def __init__(
        self,
        features: FeatureGraph,
        network: keras.Model,
        config: TrainConfig,
        temperature: float,
        novelty: NoveltyModel,
    ) -> None:
        """Put the head of `network`, the temperature and the novelty model behind `features`."""
        super().__init__()
        self._features = features
        self._dense = [_arrays(network.get_layer(f"dense_{number}")) for number in range(len(config.head))]
        self._logits = _arrays(network.get_layer("logits"))
        self._map = _arrays(network.get_layer(NAME)) if config.mask_loss else None
        self._temperature = temperature
        self._novelty = novelty

    def __call__(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return float32 `probabilities` `[N, K]`, `heatmap` `[N, h, w, K]` in 0..1 and `novelty` `[N]`."""
        features, texture = self._features(image)
        height, width, depth = features.shape[1:]
        places = tf.reshape(features, [-1, height * width, depth])
        attention = self._attention(places)
        logits, gates = self._head(_pooled(places, attention))
        saliency = self._saliency(places, attention, gates)
        return {
            "probabilities": self._probabilities(logits),
            "heatmap": tf.reshape(saliency, [-1, height, width, saliency.shape[-1]]),
            "novelty": self._distance(texture),
        }

    def _attention(self, places: tf.Tensor) -> tf.Tensor | None:
        """Return the weights `[N, h * w, 1]` that the tumour map gives the positions, if there is one."""
        if not self._map:
            return None
        kernel, bias = self._map
        return tf.nn.softmax(tf.matmul(places, kernel[0, 0]) + bias, axis=1)

    def _head(self, pooled: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        x, gates = pooled, []
        for kernel, bias in self._dense:
            x = tf.nn.relu(x @ kernel + bias)
            gates.append(tf.cast(x > 0, tf.float32))
        kernel, bias = self._logits
        return x @ kernel + bias, gates

    def _probabilities(self, logits: tf.Tensor) -> tf.Tensor:
        if logits.shape[-1] == 1:
            logits = tf.concat([tf.zeros_like(logits), logits], axis=1)
        return tf.nn.softmax(logits / self._temperature)

    def _saliency(self, places: tf.Tensor, attention: tf.Tensor | None, gates: list[tf.Tensor]) -> tf.Tensor:
        """Return what each position adds to each class, `[N, h * w, K]`, the largest scaled to 1."""
        kernel = self._logits[0]
        if kernel.shape[1] == 1:
            kernel = np.concatenate([-kernel, kernel], axis=1)
        gradient = tf.constant(kernel)
        for (weights, _), gate in zip(reversed(self._dense), reversed(gates), strict=True):
            gradient = tf.matmul(weights, gate[:, :, None] * gradient)
        if attention is None:
            saliency = tf.nn.relu(tf.matmul(places, gradient))
        else:
            average, attended = (tf.matmul(places, part) for part in tf.split(gradient, 2, axis=-2))
            saliency = tf.nn.relu(average / places.shape[1] + attention * attended)
        return saliency / (tf.reduce_max(saliency, axis=1, keepdims=True) + 1e-12)

    def _distance(self, texture: tf.Tensor) -> tf.Tensor:
        model = self._novelty
        centred = (texture - model.mean.astype(np.float32)) * (1 / model.scale).astype(np.float32)
        projected = centred @ model.components.astype(np.float32)
        weights = (1 / model.variances - 1 / model.residual_variance).astype(np.float32)
        squared = tf.reduce_sum(projected**2 * weights, axis=1)
        squared += tf.reduce_sum(centred**2, axis=1) / np.float32(model.residual_variance)
        return tf.sqrt(tf.nn.relu(squared)) / np.float32(model.threshold)


def _pooled(places: tf.Tensor, attention: tf.Tensor | None) -> tf.Tensor:
    """Return the mean of the positions, and behind it that under `attention`."""
    average = tf.reduce_mean(places, axis=1)
    return average if attention is None else tf.concat([average, tf.reduce_sum(attention * places, axis=1)], axis=1)


def _arrays(layer: keras.layers.Dense) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return layer.kernel.numpy(), layer.bias.numpy()
