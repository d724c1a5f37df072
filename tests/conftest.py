"""Fixtures that several packages of tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.settings import Settings
from tests.serving import serve, settings_for
from tests.tiny_model import write_model


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("SERVICE_"):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file that obeys the contract and answers in microseconds."""
    return write_model(tmp_path_factory.mktemp("model") / "model.onnx")


@pytest.fixture(scope="session")
def slow_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model, made to take some hundredths of a second."""
    return write_model(tmp_path_factory.mktemp("slow_model") / "model.onnx", work=500)


@pytest.fixture(scope="session")
def settings(model_path: Path) -> Settings:
    """Default settings with the tiny model."""
    return settings_for(model_path)


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[httpx.Client]:
    """A client of the service, which runs in this process behind a real socket."""
    with serve(settings) as (client, _):
        yield client
