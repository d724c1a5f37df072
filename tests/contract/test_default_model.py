"""The model that ships does what README and model card say."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sklearn.datasets import load_sample_images

from service.classifier import Classifier
from service.imaging import Limits
from service.phantom import brain_slice
from service.settings import Settings
from tests.serving import serve
from trainer.export.int8_gate import failures
from trainer.refusals.synthetic import KINDS, synthetic_png

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "brain-tumor-mri" / "model.onnx"
TWIN = MODEL.with_name("model.int8.onnx")


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serve(Settings(model_path=MODEL)) as (client, _):
        yield client


def png(pixels: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def predict(client: httpx.Client, data: bytes, **parameters: str) -> httpx.Response:
    return client.post("/predict", content=data, params=parameters, headers={"Content-Type": "image/png"})


def test_its_file_is_at_most_16_mb() -> None:
    assert MODEL.stat().st_size <= 16_000_000


def test_the_int8_twin_is_smaller_and_passed_its_gate() -> None:
    figures = Classifier(TWIN).card.metrics["int8_gate"]

    assert TWIN.stat().st_size < 0.6 * MODEL.stat().st_size
    assert figures["images"] > 1800 and failures(figures) == []  # type: ignore[index, operator, arg-type]


@pytest.mark.parametrize("lesion", ["glioma", "meningioma", "pituitary"])
def test_the_int8_twin_answers_as_the_float_file_does(lesion: str) -> None:
    scan = png(brain_slice(lesion=lesion))  # type: ignore[arg-type]
    files = [Classifier(path) for path in (MODEL, TWIN)]

    whole, twin = (one.classify(one.open(scan, Limits())) for one in files)

    assert (twin.label, twin.in_distribution) == (whole.label, True)
    assert twin.probability == pytest.approx(whole.probability, abs=0.1)


def test_the_answer_in_the_readme_is_the_real_one(client: httpx.Client) -> None:
    shown = json.loads(re.search(r"```json\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[1])  # type: ignore[index]

    answer = predict(client, png(brain_slice(lesion="glioma"))).json()

    assert answer.keys() == shown.keys()
    for name in ("label", "decision", "prediction_set", "warnings", "heatmap", "model", "disclaimer"):
        assert answer[name] == shown[name], name
    assert answer["probability"] == pytest.approx(shown["probability"], abs=5e-4)
    assert answer["probabilities"] == pytest.approx(shown["probabilities"], abs=5e-4)


@pytest.mark.parametrize("photo", [0, 1], ids=["temple", "flower"])
def test_photographs_are_refused(client: httpx.Client, photo: int) -> None:
    refused = predict(client, png(load_sample_images().images[photo]))

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/out-of-distribution")


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_drawn_by_no_scanner_is_refused(client: httpx.Client, kind: str, number: int) -> None:
    refused = predict(client, synthetic_png(kind, number))

    code = "blank-image" if kind == "blank" else "out-of-distribution"
    assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{code}")


def test_a_heat_map_comes_on_request(client: httpx.Client) -> None:
    scan = png(brain_slice(lesion="meningioma"))

    plain, explained = predict(client, scan).json(), predict(client, scan, explain="true").json()

    assert explained["heatmap"].startswith("data:image/png;base64,")
    assert explained["probabilities"] == plain["probabilities"]


def test_the_card_in_the_file_and_the_model_card_agree(client: httpx.Client) -> None:
    card = client.get("/model").json()
    page = (MODEL.parent / "MODEL_CARD.md").read_text("utf-8")

    assert card["training_data"]["content_sha256"] in page
    assert card["command"] in page
    for source, scores in card["metrics"]["test"].items():
        assert f"{100 * scores['accuracy']:.1f} %" in page, source
