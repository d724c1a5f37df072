"""The network in words, for the card of its model file."""

import hashlib
from pathlib import Path

from trainer.config import TrainConfig


def describe_backbone(config: TrainConfig) -> str:
    """Return the network, the weights it started from and what of it was trained."""
    return f"{config.backbone}, {_weights(config.weights)}, {_trained(config)}"


def _weights(weights: str) -> str:
    if weights == "none":
        return "random initial weights"
    if weights == "imagenet":
        return "ImageNet weights of Keras"
    path = Path(weights)
    return f"initial weights {path.name} (sha256 {hashlib.sha256(path.read_bytes()).hexdigest()[:12]})"


def _trained(config: TrainConfig) -> str:
    if config.fine_tune_epochs == 0:
        return "frozen"
    return "trained as a whole" if config.fine_tune_from == "all" else f"fine-tuned from {config.fine_tune_from}"
