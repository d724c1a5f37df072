"""What the published weights of a network expect of its input."""

from dataclasses import dataclass

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class InputScaling:
    """`pixels * scale + offset` for red, green and blue, pixels in 0..255.

    `bgr`: the published weights expect blue first. `backbones` turns the first convolution round once they are loaded,
    so that from there on every network takes red first.
    """

    scale: Rgb
    offset: Rgb
    bgr: bool = False


_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

TO_PLUS_MINUS_ONE = InputScaling(scale=(1 / 127.5,) * 3, offset=(-1.0,) * 3)
"""-1..1: 'tf' mode of keras.applications."""

BGR_MINUS_MEAN = InputScaling(scale=(1.0,) * 3, offset=(-123.68, -116.779, -103.939), bgr=True)
"""Means of ImageNet subtracted, blue first: 'caffe' mode of keras.applications (Simonyan and Zisserman 2015)."""

STANDARDISED = InputScaling(
    scale=(1 / (255 * _DEVIATION[0]), 1 / (255 * _DEVIATION[1]), 1 / (255 * _DEVIATION[2])),
    offset=(-_MEAN[0] / _DEVIATION[0], -_MEAN[1] / _DEVIATION[1], -_MEAN[2] / _DEVIATION[2]),
)
"""Mean 0 and standard deviation 1 over ImageNet: 'torch' mode of keras.applications."""
