"""Batch norm folded into the convolution before it.

In inference mode a batch norm is `y = a * x + b` for each channel, with `a = gamma / sqrt(variance + epsilon)` and
`b = beta - a * mean`; behind a convolution it is that convolution with kernel `a * kernel` and bias `a * bias + b`
(Jacob et al. 2018, section 3.2). So folded it cannot fall back to batch statistics, its scale and shift stay trainable,
and a step of training is shorter.
"""

import keras
import numpy as np
from numpy.typing import NDArray

_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)


def fold_batch_norms(network: keras.Model) -> keras.Model:
    """Return a network of the same name and layer names that computes the same, batch norms folded.

    In the place of a batch norm behind a convolution stands an identity; one behind anything else stays as it is. A
    network in which there is nothing to fold is returned itself.
    """
    pairs = _pairs(network)
    if not pairs:
        return network
    folded_into = {convolution.name: norm for norm, convolution in pairs}
    norms = {norm.name for norm, _ in pairs}

    def copy(layer: keras.layers.Layer) -> keras.layers.Layer:
        if layer.name in norms:
            return keras.layers.Identity(name=layer.name)
        config = layer.get_config()
        return type(layer).from_config(config | {"use_bias": True} if layer.name in folded_into else config)

    def call(layer: keras.layers.Layer, *inputs: keras.KerasTensor, **options: object) -> keras.KerasTensor:
        return layer(*inputs) if layer.name in norms else layer(*inputs, **options)

    folded = keras.models.clone_model(network, clone_function=copy, call_function=call)
    for layer in network.layers:
        if layer.name in folded_into:
            folded.get_layer(layer.name).set_weights(_folded_weights(layer, folded_into[layer.name]))
        elif layer.weights and layer.name not in norms:
            folded.get_layer(layer.name).set_weights(layer.get_weights())
    return folded


def _pairs(network: keras.Model) -> list[tuple[keras.layers.Layer, keras.layers.Layer]]:
    """Return every batch norm with the convolution that feeds it alone."""
    consumers: dict[str, int] = {}
    for layer in network.layers:
        for source in _sources(layer):
            consumers[source.name] = consumers.get(source.name, 0) + 1
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    pairs = [(norm, _sources(norm)[0]) for norm in norms]
    return [(norm, source) for norm, source in pairs if _folds(source) and consumers[source.name] == 1]


def _sources(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    if isinstance(layer, keras.layers.InputLayer):
        return []
    tensors = layer.input if isinstance(layer.input, list) else [layer.input]
    return [tensor._keras_history.operation for tensor in tensors]


def _folds(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, _CONVOLUTIONS) and layer.activation is keras.activations.linear


def _folded_weights(convolution: keras.layers.Layer, norm: keras.layers.Layer) -> list[NDArray[np.float32]]:
    weights = convolution.get_weights()
    *kernels, bias = weights if convolution.use_bias else [*weights, np.float32(0)]
    variance = norm.moving_variance.numpy().astype(np.float64)
    scale = (norm.gamma.numpy() if norm.scale else 1.0) / np.sqrt(variance + norm.epsilon)
    shift = (norm.beta.numpy() if norm.center else 0.0) - scale * norm.moving_mean.numpy()
    depthwise = isinstance(convolution, keras.layers.DepthwiseConv2D)
    kernel = kernels[-1] * (scale.reshape(kernels[-1].shape[2:]) if depthwise else scale)
    return [*kernels[:-1], kernel.astype(np.float32), (bias * scale + shift).astype(np.float32)]
