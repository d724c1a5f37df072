from pathlib import Path

import pytest

from service.cpu import usable_cores
from service.errors import SettingsError
from service.settings import Settings, describe_settings, read_settings, unknown_settings, variable


def test_defaults() -> None:
    settings = read_settings()

    assert settings.model_path == Path(__file__).parents[2] / "models" / "brain-tumor-mri" / "model.onnx"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.threads == usable_cores()
    assert (settings.queue_length, settings.deadline_s) == (32, 30.0)
    assert (settings.max_bytes, settings.max_pixels) == (20 * 1024 * 1024, 64_000_000)
    assert (settings.novelty_policy, settings.header_policy) == ("refuse", "refuse")
    assert (settings.max_batch_bytes, settings.max_batch_images) == (200 * 1024 * 1024, 1000)
    assert (settings.max_batches, settings.batch_deadline_s) == (2, 300.0)


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_PORT", "9000")
    monkeypatch.setenv("SERVICE_NOVELTY_POLICY", "warn")

    settings = read_settings()

    assert (settings.port, settings.novelty_policy) == (9000, "warn")


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_THREADS", "")

    assert read_settings().threads == usable_cores()
    assert read_settings(workers=usable_cores() + 1).threads == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVICE_PORT", "tcp://10.0.0.7:8000"),
        ("SERVICE_PORT", "65536"),
        ("SERVICE_THREADS", "0"),
        ("SERVICE_QUEUE_LENGTH", "-1"),
        ("SERVICE_DEADLINE_S", "0"),
        ("SERVICE_DEADLINE_S", "nan"),
        ("SERVICE_MAX_BYTES", "20MB"),
        ("SERVICE_MAX_PIXELS", "178956971"),
        ("SERVICE_NOVELTY_POLICY", "ignore"),
        ("SERVICE_AUTH", "off"),
        ("SERVICE_RATE_LIMIT", "fast"),
        ("SERVICE_RATE_LIMIT", "0/minute"),
        ("SERVICE_RATE_LIMIT", "5/day"),
        ("SERVICE_HEADER_POLICY", "Refuse"),
        ("SERVICE_MAX_BATCH_BYTES", "1023"),
        ("SERVICE_MAX_BATCH_IMAGES", "0"),
        ("SERVICE_MAX_BATCHES", "0"),
        ("SERVICE_BATCH_DEADLINE_S", "0"),
    ],
)
def test_a_bad_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert f"{name}={value!r}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("https://a.test", ("https://a.test",)),
        ("https://a.test, http://[::1]:8080 ,", ("https://a.test", "http://[::1]:8080")),
    ],
)
def test_origins_are_a_list(monkeypatch: pytest.MonkeyPatch, value: str, origins: tuple[str, ...]) -> None:
    monkeypatch.setenv("SERVICE_CORS_ORIGINS", value)

    assert read_settings().cors_origins == origins


@pytest.mark.parametrize("value", ["*", "null", "a.test", "https://a.test/page", "https://a.test https://b.test"])
def test_an_origin_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SERVICE_CORS_ORIGINS", value)

    with pytest.raises(SettingsError, match="SERVICE_CORS_ORIGINS="):
        read_settings()


def test_every_bad_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_PORT", "high")
    monkeypatch.setenv("SERVICE_THREADS", "many")

    with pytest.raises(SettingsError, match=r"SERVICE_PORT.*SERVICE_THREADS"):
        read_settings()


def test_every_setting_is_described() -> None:
    description = describe_settings()

    assert all(variable(name) in description for name in Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values())


def test_a_misspelt_setting_is_noticed() -> None:
    assert unknown_settings({"SERVICE_TREADS": "1", "SERVICE_PORT": "1", "PATH": ""}) == ["SERVICE_TREADS"]
