"""Fixtures of the trainer's tests."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


@pytest.fixture(scope="module", autouse=True)
def _forget_networks() -> Iterator[None]:
    """Free the graphs of a module's networks, which Keras would keep to the end of the process."""
    yield
    if keras := sys.modules.get("keras"):
        keras.utils.clear_session()


@pytest.fixture(scope="session")
def tiny_backbone() -> Iterator[str]:
    """Register a backbone of two convolutions; `tests.trainer.networks.tiny_config` uses it."""
    from tests.trainer.networks import TINY_BACKBONE
    from trainer.network.backbones import BACKBONES

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BACKBONES, "tiny", TINY_BACKBONE)
        yield "tiny"


@pytest.fixture(scope="module")
def few_resamples() -> Iterator[None]:
    """Make bootstrap intervals quick where their width does not matter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainer.evaluation.bootstrap.RESAMPLES", 50)
        yield
