"""Presets as the networks of a comparison."""

from pathlib import Path

import pytest

from trainer.comparison.networks import read_networks
from trainer.errors import ConfigError
from trainer.fold_runs.network import Network

FOUR = ("four-class-mobilenet", "four-class-xception", "four-class-cnn")


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A preset of one's own, for the classes of the shipped ones."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'backbone = "vgg16"\nclass_map = { glioma_tumor = "glioma", meningioma_tumor = "meningioma", '
        'pituitary_tumor = "pituitary" }\ntumour_classes = ["glioma", "meningioma", "pituitary"]\n'
    )
    return str(path)


def by_name(networks: list[Network]) -> dict[str, Network]:
    return {network.name: network for network in networks}


def test_each_network_is_trained_as_its_preset_says() -> None:
    networks = by_name(read_networks(FOUR, {}, {}))

    assert list(networks) == list(FOUR)
    assert [one.config.backbone for one in networks.values()] == ["mobilenet", "xception", "custom_cnn"]
    assert networks["four-class-mobilenet"].config.fine_tune_from == "conv_dw_12"


def test_a_toml_file_is_named_after_itself(own: str) -> None:
    assert by_name(read_networks([own, FOUR[0]], {}, {}))["mine"].config.backbone == "vgg16"


def test_an_option_holds_for_all_and_goes_before_the_presets() -> None:
    networks = read_networks(FOUR, {"seed": 7, "size": 96, "fine_tune_epochs": 1}, {})

    assert {(one.config.seed, one.config.size, one.config.fine_tune_epochs) for one in networks} == {(7, 96, 1)}


def test_weights_are_given_by_backbone() -> None:
    networks = read_networks(FOUR, {}, {"mobilenet": "m.h5", "xception": "none"})

    assert [one.config.weights for one in networks] == ["m.h5", "none", "none"]


@pytest.mark.parametrize(
    ("presets", "weights", "message"),
    [
        (FOUR[:1], {}, r"--presets names 1 network\(s\); a comparison needs at least two"),
        ((), {}, r"--presets names 0 network\(s\)"),
        ((FOUR[0], "brian"), {}, "preset 'brian': no such preset or file; there are brain-tumor-mri, "),
        ((FOUR[0], FOUR[0]), {}, r"names \['four-class-mobilenet'\] twice; each network needs a name of its own"),
        (("four-class", "tumor-vgg16"), {}, "'four-class' and 'tumor-vgg16' differ in class_map, .* set --class-map"),
        (FOUR, {"vgg16": "v.h5"}, r"--weights names the backbone\(s\) \['vgg16'\], which no preset"),
    ],
)
def test_what_cannot_be_compared_is_told(presets: tuple[str, ...], weights: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_networks(presets, {}, weights)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("seed = 1", "seed"),
        ("min_images = 11", "min_images"),
        ("near_duplicates = 2.0", "near_duplicates"),
        ('tumour_classes = ["glioma"]', "tumour_classes"),
    ],
)
def test_presets_that_would_be_split_otherwise(tmp_path: Path, line: str, key: str) -> None:
    for name, extra in (("one", ""), ("other", line)):
        (tmp_path / f"{name}.toml").write_text(f"size = 64\n{extra}\n")
    presets = [str(tmp_path / "one.toml"), str(tmp_path / "other.toml")]

    with pytest.raises(ConfigError, match=f"the presets 'one' and 'other' differ in {key}"):
        read_networks(presets, {}, {})

    given = {"seed": 1, "min_images": 11, "near_duplicates": 2.0, "tumour_classes": ("glioma",)}[key]
    assert len(read_networks(presets, {key: given}, {})) == 2


@pytest.mark.parametrize("name", ["splits", ".hidden", "two words"])
def test_a_name_that_cannot_be_a_folder_of_runs(tmp_path: Path, own: str, name: str) -> None:
    path = Path(own).rename(tmp_path / f"{name}.toml")

    with pytest.raises(ConfigError, match="cannot name a folder of runs; rename the file"):
        read_networks([str(path), FOUR[0]], {}, {})
