"""The first convolution as it is served: raw pixels in, scaling and grey replication folded into the kernel.

`conv(x * scale + offset)` is a convolution of `x` with a scaled kernel and a bias, and stays so at the border when `x`
is padded with the value that maps to zero. Where that value differs between red, green and blue, it is subtracted
first, and the padding is zero.
"""

import keras
import numpy as np
import tensorflow as tf

from trainer.network.input_scaling import InputScaling


class ServedStem(tf.Module):  # type: ignore[misc]
    """Maps float `[N, S, S, C]` in 0..255, C of 1 or 3, to the output of the stem layer, its activation included."""

    def __init__(self, stem: keras.layers.Conv2D, scaling: InputScaling, channels: int) -> None:
        """Take over the weights of `stem`, before which zeros may be padded by a layer of their own."""
        super().__init__()
        scale, offset = np.array(scaling.scale), np.array(scaling.offset)
        kernel = stem.kernel.numpy().astype(np.float64)
        bias = stem.bias.numpy() if stem.use_bias else np.zeros(kernel.shape[-1])
        zeros = -offset / scale
        alike = bool(np.ptp(zeros) < 1e-6)
        scaled = kernel * scale[:, None]
        folded = scaled.sum(axis=2, keepdims=True) if alike and channels == 1 else scaled
        shift = (kernel * offset[:, None]).sum(axis=(0, 1, 2)) if alike else 0.0
        self._kernel, self._bias = folded.astype(np.float32), (bias + shift).astype(np.float32)
        self._subtracted = None if alike else zeros.astype(np.float32)
        self._padding_value = float(zeros[0]) if alike else 0.0
        self._stem = stem

    def __call__(self, pixels: tf.Tensor) -> tf.Tensor:
        """Return float `[N, h, w, F]`."""
        x = pixels if self._subtracted is None else pixels - self._subtracted
        rows, columns = _padding(self._stem, int(pixels.shape[1]))
        x = tf.pad(x, [[0, 0], rows, columns, [0, 0]], constant_values=self._padding_value)
        x = tf.nn.conv2d(x, self._kernel, self._stem.strides, "VALID") + self._bias
        return self._stem.activation(x)


def _padding(stem: keras.layers.Conv2D, extent: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return what is padded above and below, left and right, of an image of edge `extent`."""
    before = stem.input._keras_history.operation
    if isinstance(before, keras.layers.ZeroPadding2D):
        rows, columns = before.padding
        return tuple(rows), tuple(columns)
    if stem.padding == "valid":
        return (0, 0), (0, 0)
    both = _same_padding(extent, stem.kernel_size[0], stem.strides[0])
    return both, both


def _same_padding(extent: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return the padding before and after that TensorFlow's SAME stands for."""
    total = max((-(-extent // stride) - 1) * stride + kernel - extent, 0)
    return total // 2, total - total // 2
