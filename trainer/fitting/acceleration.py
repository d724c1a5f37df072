"""Mixed precision and XLA, where there is a GPU; without one both only cost time."""

import logging

import keras

logger = logging.getLogger(__name__)


def accelerate() -> None:
    """Compute in float16 with float32 weights, and compile with XLA what XLA knows, if TensorFlow sees a GPU.

    Clusters of operations are compiled instead of whole steps, because XLA has no kernel for the warps of the
    augmentation. With JAX or PyTorch nothing is changed: they compute in float32, JAX compiled by XLA.
    """
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        keras.mixed_precision.set_global_policy("mixed_float16")
        tf.config.optimizer.set_jit("autoclustering")
        logger.info("a GPU is there: mixed precision and XLA are on")


def let_jax_compile(network: keras.Model) -> None:
    """Compile the steps of a compiled or loaded `network` with XLA, where JAX computes.

    Keras marks the layers that move images as ones that XLA cannot compile, which holds for the kernels of TensorFlow
    alone; with one of them JAX would compute each step operation by operation.
    """
    if keras.backend.backend() == "jax":
        for layer in network._flatten_layers():
            layer.supports_jit = True
        network.jit_compile = True


def to_float32(network: keras.Model) -> None:
    """Let every layer of `network` compute in float32; its weights have been float32 all along."""
    for layer in network._flatten_layers():
        layer.dtype_policy = "float32"
