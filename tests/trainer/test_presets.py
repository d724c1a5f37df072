"""Every preset trains, exports and scores on phantoms."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from service.classifier import Classifier
from service.phantom import brain_slice
from tests.trainer.networks import weights_file
from tests.trainer.pictures import write
from trainer.config import TrainConfig, load_preset, make_config, preset_names
from trainer.data.dataset import load_samples
from trainer.data.manifest import write_manifest
from trainer.data.sample import Sample
from trainer.network.backbones import BACKBONES, build_backbone
from trainer.network.unfreezing import first_trained
from trainer.preparation import prepare
from trainer.training import train

EACH = 10
LESIONS = {"glioma_tumor": "glioma", "meningioma_tumor": "meningioma", "pituitary_tumor": "pituitary", "no_tumor": None}
PAGE = Path(__file__).parents[2] / "docs" / "presets.md"
SMALL = {"frozen_epochs": 1, "cache_features": True, "min_images": 5, "near_duplicates": 2.0}


def small(name: str) -> TrainConfig:
    """Return the preset with little to do and nothing to download: of a published network the head alone is fitted.

    Of these MobileNet stands for all; the others are represented by two convolutions, for `test_training` trains
    MobileNetV2 and `test_every_network` exports each.
    """
    preset = load_preset(name)
    backbone = make_config(preset).backbone
    values = {**preset, **SMALL, "feature_copies": min(1, preset.get("feature_copies", 0))}
    values["size"] = 32
    values["fine_tune_epochs"] = 1 if backbone == "custom_cnn" else 0
    values["cache_features"] = not preset.get("mask_loss")
    values.pop("fine_tune_from", None)  # a layer that only the network itself has
    backbone = backbone if backbone in ("custom_cnn", "mobilenet") else "tiny"
    weights = "none" if backbone == "custom_cnn" else weights_file(backbone)
    return make_config({**values, "backbone": backbone, "weights": weights})


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of four classes, of the two classes yes and no, and a manifest of the four classes with masks."""
    root = tmp_path_factory.mktemp("phantoms")
    for kind, (label, lesion) in enumerate(LESIONS.items()):
        for number in range(EACH):
            image = Image.fromarray(brain_slice(1000 * kind + number, lesion or "none", size=64))  # type: ignore[arg-type]
            places = [root / "four" / label] + ([root / "two" / ("yes" if lesion else "no")] if kind in (0, 3) else [])
            for place in places:
                place.mkdir(parents=True, exist_ok=True)
                image.save(place / f"{number}.png")
    outlined = [replace(sample, mask=_outline(sample, root)) for sample in load_samples([root / "four"], {}, False)]
    write_manifest(root / "outlined.csv", outlined)
    return root


def _outline(sample: Sample, root: Path) -> Path | None:
    """Write a mask of one place for every tumour of a class."""
    if sample.label == "no_tumor":
        return None
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 10 * list(LESIONS).index(sample.label) :][:, :16] = 255
    return write(root / "masks" / sample.label / sample.path.name, mask)


@pytest.mark.parametrize("name", preset_names())
@pytest.mark.usefixtures("few_resamples", "tiny_backbone")
def test_it_trains_and_its_file_can_be_served(name: str, phantoms: Path, tmp_path: Path) -> None:
    config = small(name)
    data = phantoms / ("two" if name.startswith("t") else "outlined.csv" if config.mask_loss else "four")

    report = train(prepare([data], tmp_path, config), tmp_path, config)

    card = Classifier(tmp_path / "model.onnx").card
    assert 0 <= report["overall"]["accuracy"] <= 1
    assert (card.name, len(card.classes)) == (name, 2 if name.startswith("t") else 4)
    weights = "random initial weights" if config.from_scratch else "initial weights "
    assert card.backbone.startswith(f"{config.backbone}, {weights}")
    assert card.backbone in (tmp_path / "MODEL_CARD.md").read_text("utf-8")


@pytest.mark.parametrize("name", preset_names())
def test_it_is_documented_with_its_command(name: str) -> None:
    page = PAGE.read_text("utf-8")

    assert f"| `{name}` |" in page and f"--preset {name}\n" in page


@pytest.mark.parametrize("name", [name for name in preset_names() if "fine_tune_from" in load_preset(name)])
def test_what_it_fine_tunes_is_there(name: str) -> None:
    config = make_config({**load_preset(name), "weights": "none"})
    backbone = build_backbone(config.backbone, BACKBONES[config.backbone].min_size + 4, "none")

    assert 0 < first_trained(backbone, config.fine_tune_from) < len(backbone.layers)
