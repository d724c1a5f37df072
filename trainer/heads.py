"""Global average pooling and dense layers on top of a backbone, ending in logits."""

import keras


def logit_count(class_count: int) -> int:
    """Return 1 for two classes (sigmoid of class 1), else one logit for each class (softmax)."""
    return 1 if class_count == 2 else class_count


def add_head(
    features: keras.KerasTensor, units: tuple[int, ...], class_count: int, dropout: float
) -> keras.KerasTensor:
    """Return logits for features `[N, h, w, F]`: GAP, then dense layers with ReLU, then a linear layer in float32."""
    x = keras.layers.GlobalAveragePooling2D(name="gap")(features)
    for number, width in enumerate(units):
        x = keras.layers.Dropout(dropout)(x)
        x = keras.layers.Dense(width, activation="relu", name=f"dense_{number}")(x)
    x = keras.layers.Dropout(dropout)(x)
    return keras.layers.Dense(logit_count(class_count), name="logits", dtype="float32")(x)


def describe_head(units: tuple[int, ...], class_count: int) -> str:
    """Return the head in words for the card."""
    dense = [f"Dense({width}, ReLU)" for width in units]
    return " + ".join(["GAP", *dense, "sigmoid" if class_count == 2 else "softmax"])
