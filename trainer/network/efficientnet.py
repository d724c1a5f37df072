"""EfficientNetB0 without the rescaling that Keras builds into it.

Keras scales by 1/255 and standardises with a mean and a variance that stand in the weights file, and scales once more
only for `weights="imagenet"`, not for the same file given by its path. Here `input_scaling` does all of it, wherever
the weights come from (https://github.com/tensorflow/tensorflow/issues/49930).
"""

import keras


def build_efficientnet_b0(
    include_top: bool, weights: str | None, input_shape: tuple[int, int, int], name: str
) -> keras.Model:
    """Build the network from its first padding on; the arguments are those of keras.applications."""
    network = keras.applications.EfficientNetB0(include_top=include_top, weights=weights, input_shape=input_shape)
    return keras.Model(network.get_layer("stem_conv_pad").input, network.output, name=name)
