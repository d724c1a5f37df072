"""Global average pooling and dense layers on top of a backbone, ending in logits."""

import keras

from trainer.network.tumour_map import attended


def logit_count(class_count: int) -> int:
    """Return 1 for two classes (sigmoid of class 1), else one logit for each class (softmax)."""
    return 1 if class_count == 2 else class_count


def add_head(
    features: keras.KerasTensor,
    units: tuple[int, ...],
    class_count: int,
    dropout: float,
    tumour_map: keras.KerasTensor | None = None,
) -> keras.KerasTensor:
    """Return logits for features `[N, h, w, F]`: GAP, then dense layers with ReLU, then a linear layer in float32.

    With a `tumour_map` `[N, h, w, 1]` the mean of the features under the map stands beside the GAP.
    """
    x = keras.layers.GlobalAveragePooling2D(name="gap")(features)
    if tumour_map is not None:
        x = keras.layers.Concatenate()([x, attended(features, tumour_map)])
    for number, width in enumerate(units):
        x = keras.layers.Dropout(dropout)(x)
        x = keras.layers.Dense(width, activation="relu", name=f"dense_{number}")(x)
    x = keras.layers.Dropout(dropout)(x)
    return keras.layers.Dense(logit_count(class_count), name="logits", dtype="float32")(x)


def describe_head(units: tuple[int, ...], class_count: int, with_map: bool = False) -> str:
    """Return the head in words for the card; `with_map` says whether it looks where the tumour map points."""
    dense = [f"Dense({width}, ReLU)" for width in units]
    pooling = "GAP and mean under a learnt tumour map" if with_map else "GAP"
    return " + ".join([pooling, *dense, "sigmoid" if class_count == 2 else "softmax"])
