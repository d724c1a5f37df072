"""The model file that a command is given."""

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import ConfigError

if TYPE_CHECKING:
    from service.classifier import Classifier


def load_classifier(path: Path) -> "Classifier":
    """Load a model file; raises ConfigError."""
    from service.classifier import Classifier
    from service.errors import ModelFileError

    try:
        return Classifier(path)
    except ModelFileError as error:
        raise ConfigError(str(error)) from error
