"""The error tree of the trainer: every error is one line that names what, where and the remedy (exit code 2).

TrainerError
├── DataError      the data set cannot be used
├── ConfigError    an option or a preset is wrong
└── ExportError    the exported file does not do what the network does
"""


class TrainerError(Exception):
    """Base of every error that the trainer raises on purpose."""


class DataError(TrainerError):
    """The data set is missing, empty or too small."""


class ConfigError(TrainerError):
    """An option, a preset or a weights file cannot be used."""


class ExportError(TrainerError):
    """The ONNX file differs from the Keras network."""
