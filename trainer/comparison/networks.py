"""The networks of a comparison: presets, with what the command line sets for all of them."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from trainer.config import SPLIT_KEYS, TrainConfig, load_preset, make_config
from trainer.errors import ConfigError
from trainer.fold_runs.network import Network

ALIKE = (*SPLIT_KEYS, "tumour_classes")
"""What decides classes and folds, and therefore is the same for all networks."""
_FOLDER = re.compile(r"(?!splits$)[A-Za-z0-9][A-Za-z0-9._-]*")


def read_networks(presets: Sequence[str], common: Mapping[str, Any], weights: Mapping[str, str]) -> list[Network]:
    """Read presets by name or TOML path; the keys of `common` go before theirs, and so do `weights` by backbone.

    Raises ConfigError for fewer than two networks, two of the same name, a preset that there is not, weights for a
    backbone that none has, and networks that differ in what decides classes or folds.
    """
    if len(presets) < 2:
        raise ConfigError(f"--presets names {len(presets)} network(s); a comparison needs at least two")
    networks = [Network(_name(preset), _config(preset, common, weights)) for preset in presets]
    _check_names([network.name for network in networks])
    unused = sorted(set(weights) - {network.config.backbone for network in networks})
    if unused:
        raise ConfigError(f"--weights names the backbone(s) {unused}, which no preset of the comparison has")
    for one, other in pairwise(networks):
        _check_alike(one, other)
    return networks


def _config(preset: str, common: Mapping[str, Any], weights: Mapping[str, str]) -> TrainConfig:
    values = {**load_preset(preset), **common}
    backbone = make_config(values).backbone
    return make_config(values | ({"weights": weights[backbone]} if backbone in weights else {}))


def _name(preset: str) -> str:
    """Return the name of a preset, or of its file without the suffix."""
    name = Path(preset).stem if preset.endswith(".toml") else Path(preset).name
    if not _FOLDER.fullmatch(name):
        raise ConfigError(f"preset '{preset}': '{name}' cannot name a folder of runs; rename the file")
    return name


def _check_names(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"--presets names {twice} twice; each network needs a name of its own")


def _check_alike(one: Network, other: Network) -> None:
    for key in ALIKE:
        if getattr(one.config, key) != getattr(other.config, key):
            raise ConfigError(
                f"the presets '{one.name}' and '{other.name}' differ in {key}, but compared networks need the same "
                f"classes and folds; set --{key.replace('_', '-')} for both"
            )
