"""The same seed, the same network."""

import keras


def make_deterministic(seed: int) -> None:
    """Seed Python, NumPy and the library that Keras computes with; TensorFlow also takes deterministic kernels."""
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
