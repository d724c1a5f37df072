"""Grad-CAM as it is defined, by automatic differentiation."""

import keras
import numpy as np
import tensorflow as tf


def grad_cam(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return Grad-CAM of every class by automatic differentiation, `[N, h, w, K]`, each map scaled to a maximum of 1.

    A sigmoid network has one logit z: the gradient of class 1 is that of z, the gradient of class 0 that of -z.
    """
    before = keras.Model(network.input, network.get_layer("gap").input)
    behind = keras.Model(network.get_layer("gap").input, network.output)
    features = before(images, training=False)
    count = network.output_shape[-1]
    maps = []
    for sign, column in [(-1, 0), (1, 0)] if count == 1 else [(1, k) for k in range(count)]:
        with tf.GradientTape() as tape:
            tape.watch(features)
            logit = sign * behind(features, training=False)[:, column]
        weights = tf.reduce_mean(tape.gradient(logit, features), axis=[1, 2], keepdims=True)
        cam = tf.nn.relu(tf.reduce_sum(weights * features, axis=-1)).numpy()
        maps.append(cam / np.maximum(cam.max(axis=(1, 2), keepdims=True), 1e-12))
    return np.stack(maps, axis=-1)
