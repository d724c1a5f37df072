"""The network in words."""

import hashlib
from pathlib import Path

import pytest

from trainer.card.describing import describe_backbone
from trainer.config import make_config


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "mobilenet_v2, ImageNet weights of Keras, trained as a whole"),
        ({"weights": "none"}, "mobilenet_v2, random initial weights, trained as a whole"),
        ({"fine_tune_epochs": 0}, "mobilenet_v2, ImageNet weights of Keras, frozen"),
        (
            {"backbone": "vgg16", "fine_tune_from": "block5"},
            "vgg16, ImageNet weights of Keras, fine-tuned from block5",
        ),
    ],
)
def test_weights_and_what_was_trained_are_told(values: dict[str, object], words: str) -> None:
    assert describe_backbone(make_config(values)) == words


def test_a_file_is_named_by_its_name_and_its_content(tmp_path: Path) -> None:
    path = tmp_path / "mine.weights.h5"
    path.write_bytes(b"weights")

    words = describe_backbone(make_config({"weights": str(path)}))

    assert f"initial weights mine.weights.h5 (sha256 {hashlib.sha256(b'weights').hexdigest()[:12]})" in words
    assert str(tmp_path) not in words
