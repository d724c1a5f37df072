"""Every hyper-parameter of `trainer train` on one screen, and the presets that set them."""

import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from service.imaging import PreprocessSpec
from trainer.errors import ConfigError


def _option(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class TrainConfig:
    """Hyper-parameters; each is an option of the command line and a key of a preset."""

    name: str = _option("my-classifier", "name of the model in its card")
    version: str = _option("1.0.0", "version of the model in its card")
    licence: str = _option("unspecified", "licence of the model file")
    recipe: str = _option("", "where the commands that prepare the data stand, for the card (in a preset)")
    citations: tuple[str, ...] = _option((), "whose data it is, for the card (in a preset)")
    class_map: dict[str, str] = field(
        default_factory=dict, metadata={"help": "rename labels: glioma_tumor=glioma,no=no_tumor"}
    )
    tumour_classes: tuple[str, ...] = _option((), "classes that mean a tumour: glioma,meningioma")

    size: int = _option(224, "edge of the square input in pixels")
    channels: int = _option(1, "1 greyscale, 3 colour")
    crop: str = _option("none", "none, or brain: cut the head out of its background")
    crop_margin: float = _option(0.02, "what the crop leaves around the head, as a fraction of its edges")
    backbone: str = _option(
        "mobilenet_v2", "mobilenet_v2, mobilenet, vgg16, resnet50, xception, efficientnet_b0 or custom_cnn"
    )
    weights: str = _option("imagenet", "'imagenet' (downloads), a weights file, or 'none'")
    head: tuple[int, ...] = _option((512,), "units of the dense layers, each with ReLU")
    dropout: float = _option(0.3, "dropout before each dense layer")

    test_fraction: float = _option(0.15, "share of the images held out for the final score")
    validation_fraction: float = _option(0.15, "share of the images for early stopping and calibration")
    keep_splits: bool = _option(False, "respect Training/ and Testing/ folders instead of pooling them")
    near_duplicates: float = _option(0.97, "correlation of picture or head from which two are one group; above 1: off")
    min_images: int = _option(10, "fewest images (and groups) a class may have")
    seed: int = _option(0, "seed of split, weights, order and augmentation")

    images_per_group: int = _option(12, "most images of one group (a patient, a series) that an epoch shows")
    batch_size: int = _option(32, "images a step")
    frozen_epochs: int = _option(1, "epochs with a frozen backbone; with --weights none there are none")
    learning_rate: float = _option(1e-3, "Adam rate of the frozen phase")
    fine_tune_epochs: int = _option(6, "most epochs of fine-tuning")
    fine_tune_learning_rate: float = _option(2e-4, "highest Adam rate of fine-tuning, decayed by a cosine")
    warm_up_epochs: int = _option(0, "epochs of fine-tuning over which the rate rises to its highest")
    average: float = _option(0.0, "share of its old value that the average of the fine-tuned weights keeps an epoch")
    fine_tune_from: str = _option("all", "first backbone layer or block that is fine-tuned: block5, Conv_1, all")
    mask_loss: float = _option(0.0, "weight of the loss of a tumour map, learnt from the masks of the data; 0: none")
    patience: int = _option(5, "epochs without a lower validation loss before fitting stops")
    cache_features: bool = _option(False, "compute the features of the frozen backbone once, not in every epoch")
    feature_copies: int = _option(0, "augmented copies of each training image among the cached features")

    smoothing: bool = _option(
        True, "soften what is classified by a 3 x 3 filter, as augmentation softens what is learnt from"
    )
    rotation: float = _option(0.06, "largest rotation, in turns")
    flip: str = _option("horizontal", "horizontal, vertical, horizontal_and_vertical or none")
    zoom: float = _option(0.15, "largest zoom, as a fraction")
    translation: float = _option(0.08, "largest shift, as a fraction of the edge")
    brightness: float = _option(0.2, "largest change of brightness, as a fraction of the range")
    contrast: float = _option(0.0, "largest change of contrast, as a fraction")
    noise: float = _option(0.0, "standard deviation of added Gaussian noise, as a fraction of the range")

    @property
    def smooths(self) -> bool:
        """Whether what is classified is softened: only where augmentation resamples what is learnt from."""
        return self.smoothing and any((self.rotation, self.zoom, self.translation))

    @property
    def from_scratch(self) -> bool:
        """Whether all weights start at random: nothing is worth freezing, no batch norm has statistics to keep."""
        return self.weights == "none"

    @property
    def preprocess_spec(self) -> PreprocessSpec:
        """How pictures become the model's input, for the card and for the cache."""
        return PreprocessSpec.model_validate(
            {"size": self.size, "channels": self.channels, "crop": self.crop, "crop_margin": self.crop_margin}
        )


SPLIT_KEYS = (
    "class_map",
    "test_fraction",
    "validation_fraction",
    "keep_splits",
    "near_duplicates",
    "min_images",
    "seed",
)
"""What decides which images are in which split."""


def preset_names() -> list[str]:
    """Names of the presets that ship with the package."""
    folder = resources.files("trainer") / "presets"
    return sorted(Path(entry.name).stem for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_preset(name: str) -> dict[str, Any]:
    """Read a shipped preset by name, or a TOML file by path; raises ConfigError."""
    if name in preset_names():
        content = (resources.files("trainer") / "presets" / f"{name}.toml").read_bytes()
    elif Path(name).is_file():
        content = Path(name).read_bytes()
    else:
        raise ConfigError(f"preset '{name}': no such preset or file; there are {', '.join(preset_names())}")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"preset '{name}': not valid TOML: {error}") from error


def make_config(values: dict[str, Any]) -> TrainConfig:
    """Build and check a configuration from plain values; raises ConfigError naming the key and its range."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    for key, value in values.items():
        _check_type(key, value)
    config = TrainConfig(**values)
    if not re.fullmatch(_NAME, config.name):
        raise ConfigError(f"name is '{config.name}'; it must consist of letters, digits, '.', '_' and '-'")
    if not config.version:
        raise ConfigError("version is empty; give one such as 1.0.0")
    for key, low, high in _RANGES:
        if not low <= getattr(config, key) <= high:
            raise ConfigError(f"{key} is {getattr(config, key)}; it must lie between {low} and {high}")
    if config.crop not in _CROPS:
        raise ConfigError(f"crop is '{config.crop}'; it must be one of {', '.join(_CROPS)}")
    if config.channels not in (1, 3):
        raise ConfigError(f"channels is {config.channels}; it must be 1 or 3")
    if not all(1 <= units <= 65_536 for units in config.head):
        raise ConfigError(f"head is {list(config.head)}; each layer must have between 1 and 65536 units")
    if config.flip not in _FLIPS:
        raise ConfigError(f"flip is '{config.flip}'; it must be one of {', '.join(_FLIPS)}")
    if config.frozen_epochs + config.fine_tune_epochs == 0:
        raise ConfigError("frozen_epochs and fine_tune_epochs are both 0; nothing would be trained")
    if config.from_scratch and config.fine_tune_epochs == 0:
        raise ConfigError("weights is 'none' and fine_tune_epochs is 0; a network from scratch has no frozen phase")
    if config.mask_loss and config.cache_features:
        raise ConfigError("mask_loss needs the images in every epoch; leave cache_features out, or set mask_loss to 0")
    return config


def _check_type(key: str, value: Any) -> None:
    types = get_type_hints(TrainConfig)
    if key not in types:
        raise ConfigError(f"unknown key '{key}'; known are {', '.join(types)}")
    try:
        TypeAdapter(types[key]).validate_python(value, strict=True)
    except ValidationError as error:
        raise ConfigError(f"{key} is {value!r}: {error.errors()[0]['msg'].lower()}") from error


_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"  # what the card of the model file accepts
_CROPS = ("none", "brain")
_FLIPS = ("horizontal", "vertical", "horizontal_and_vertical", "none")
_RANGES: tuple[tuple[str, float, float], ...] = (
    ("size", 32, 1024),
    ("crop_margin", 0.0, 0.5),
    ("dropout", 0.0, 0.9),
    ("test_fraction", 0.05, 0.5),
    ("validation_fraction", 0.05, 0.5),
    ("near_duplicates", 0.5, 2.0),
    ("min_images", 3, 1_000_000),
    ("seed", 0, 2**31 - 1),
    ("batch_size", 1, 4096),
    ("frozen_epochs", 0, 1000),
    ("images_per_group", 1, 1_000_000),
    ("fine_tune_epochs", 0, 1000),
    ("warm_up_epochs", 0, 1000),
    ("average", 0.0, 0.99),
    ("learning_rate", 1e-7, 1.0),
    ("fine_tune_learning_rate", 1e-7, 1.0),
    ("mask_loss", 0.0, 100.0),
    ("patience", 1, 1000),
    ("feature_copies", 0, 100),
    ("rotation", 0.0, 0.5),
    ("zoom", 0.0, 0.9),
    ("translation", 0.0, 0.9),
    ("brightness", 0.0, 1.0),
    ("contrast", 0.0, 1.0),
    ("noise", 0.0, 1.0),
)
