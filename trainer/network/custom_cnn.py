"""A small network that is trained from scratch: the yardstick for networks that bring ImageNet weights along."""

import keras

WIDTHS = (32, 64, 128, 256)
DROPOUT = 0.1


def build_custom_cnn(
    include_top: bool, weights: str | None, input_shape: tuple[int, int, int], name: str
) -> keras.Model:
    """Build four blocks of Conv2D, BatchNormalization, ReLU, MaxPooling2D and Dropout: `[N, S, S, 3]` -> a 16th of S.

    The arguments are those of keras.applications; `include_top` must be False and `weights` None.
    """
    if include_top or weights is not None:
        raise ValueError("the custom CNN has neither a top nor published weights")
    pixels = x = keras.Input(input_shape)
    for number, width in enumerate(WIDTHS, start=1):
        x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False, name=f"block{number}_conv")(x)
        x = keras.layers.BatchNormalization(name=f"block{number}_norm")(x)
        x = keras.layers.ReLU(name=f"block{number}_relu")(x)
        x = keras.layers.MaxPooling2D(name=f"block{number}_pool")(x)
        x = keras.layers.Dropout(DROPOUT, name=f"block{number}_dropout")(x)
    return keras.Model(pixels, x, name=name)
