"""Grad-CAM and HiResCAM as they are defined, by automatic differentiation."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def grad_cam(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return Grad-CAM of every class by automatic differentiation, `[N, h, w, K]`, each map scaled to a maximum of 1.

    A sigmoid network has one logit z: the gradient of class 1 is that of z, the gradient of class 0 that of -z.
    """
    return _maps(network, images, lambda gradient: tf.reduce_mean(gradient, axis=[1, 2], keepdims=True))


def hi_res_cam(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return HiResCAM likewise: the gradient of each position is not replaced by its mean."""
    return _maps(network, images, lambda gradient: gradient)


def _maps(network: keras.Model, images: np.ndarray, weights_of: Callable[[tf.Tensor], tf.Tensor]) -> np.ndarray:
    pooled, logits = network.get_layer("gap").input, network.get_layer("logits").output
    before = keras.Model(network.get_layer("augmented").output, pooled)
    behind = keras.Model(pooled, logits)
    features = before(images, training=False)
    count = logits.shape[-1]
    maps = []
    for sign, column in [(-1, 0), (1, 0)] if count == 1 else [(1, k) for k in range(count)]:
        with tf.GradientTape() as tape:
            tape.watch(features)
            logit = sign * behind(features, training=False)[:, column]
        weights = weights_of(tape.gradient(logit, features))
        cam = tf.nn.relu(tf.reduce_sum(weights * features, axis=-1)).numpy()
        maps.append(cam / np.maximum(cam.max(axis=(1, 2), keepdims=True), 1e-12))
    return np.stack(maps, axis=-1)
