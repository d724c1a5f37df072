"""Hyper-parameters and presets."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imaging import PreprocessSpec
from trainer.config import _RANGES, TrainConfig, load_preset, make_config, preset_names
from trainer.errors import ConfigError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def test_no_values_give_the_defaults() -> None:
    assert make_config({}) == TrainConfig()


def test_the_preprocessing_is_as_configured() -> None:
    config = make_config({"size": 64, "channels": 3, "crop": "brain", "crop_margin": 0.1})

    assert config.preprocess_spec == PreprocessSpec(size=64, channels=3, crop="brain", crop_margin=0.1)
    assert TrainConfig().preprocess_spec == PreprocessSpec()


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_a_configuration_of_its_name(name: str) -> None:
    assert make_config(load_preset(name)).name == name


def test_presets_set_what_they_promise() -> None:
    default = make_config(load_preset("brain-tumor-mri"))

    assert default.class_map["glioma_tumor"] == "glioma"
    assert set(default.tumour_classes) == {"glioma", "meningioma", "pituitary"}
    assert make_config(load_preset("two-class")).channels == 3


def test_a_preset_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nhead = [64, 32]\n', encoding="utf-8")

    assert make_config(load_preset(str(path))).head == (64, 32)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such preset or file; there are .*two-class"), (b"a = ", "not valid TOML"), (b"\xff", "not valid TOML")],
)
def test_a_preset_that_cannot_be_read(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=message):
        load_preset(str(path))


@pytest.mark.parametrize(("key", "low", "high"), _RANGES)
def test_ranges_hold_at_both_ends(key: str, low: float, high: float) -> None:
    kind = type(getattr(TrainConfig(), key))

    for value in (low, high):
        assert getattr(make_config({key: kind(value)}), key) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ConfigError, match=f"{key} is .*; it must lie between"):
            make_config({key: kind(value)})


def test_every_number_has_a_range() -> None:
    numbers = {f.name for f in dataclasses.fields(TrainConfig) if type(f.default) in (int, float)}

    assert numbers - {key for key, _, _ in _RANGES} == {"channels"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sise": 224}, "unknown key 'sise'; known are name, "),
        ({"channels": 2}, "channels is 2; it must be 1 or 3"),
        ({"crop": "tumour"}, "crop is 'tumour'; it must be one of none, brain"),
        ({"flip": "diagonal"}, "flip is 'diagonal'; it must be one of horizontal"),
        ({"size": "224"}, "size is '224': input should be a valid integer"),
        ({"size": 224.5}, "size is 224.5"),
        ({"batch_size": True}, "batch_size is True"),
        ({"dropout": float("nan")}, "dropout is nan; it must lie between"),
        ({"head": [64, 0]}, r"head is \[64, 0\]; each layer must have between 1 and"),
        ({"head": 512}, "head is 512"),
        ({"head": ["512"]}, "head is"),
        ({"tumour_classes": "glioma"}, "tumour_classes is 'glioma'"),
        ({"class_map": {"a": 1}}, "class_map is"),
        ({"keep_splits": "yes"}, "keep_splits is 'yes'"),
        ({"name": "two words"}, "name is 'two words'; it must consist of"),
        ({"name": ""}, "name is ''"),
        ({"version": ""}, "version is empty"),
        ({"frozen_epochs": 0, "fine_tune_epochs": 0}, "are both 0; nothing would be trained"),
        ({"mask_loss": 1.0, "cache_features": True}, "mask_loss needs the images in every epoch; leave cache_features"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        make_config(values)

    assert "\n" not in str(error.value)


@given(st.dictionaries(st.sampled_from([field.name for field in dataclasses.fields(TrainConfig)]), JSON, max_size=3))
def test_any_toml_gives_a_configuration_or_an_error_in_words(values: dict[str, object]) -> None:
    try:
        config = make_config(values)
    except ConfigError:
        return

    for key, value in values.items():
        assert getattr(config, key) == (tuple(value) if isinstance(value, list) else value)
