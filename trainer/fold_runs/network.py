"""What is trained on every fold."""

from dataclasses import dataclass

from trainer.config import TrainConfig


@dataclass(frozen=True)
class Network:
    """A name for messages (in a comparison that of its preset and of its folder, too), and how it is trained."""

    name: str
    config: TrainConfig
