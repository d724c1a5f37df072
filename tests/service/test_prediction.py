import base64
import dataclasses
import hashlib
import io
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from service.classifier import Classifier, Result
from service.errors import OutOfDistribution
from service.imaging import Limits, Picture
from service.imaging.legend import Legend
from service.prediction import Predictor, Task
from tests.pictures import bright, dark, encode, good_jpeg, good_png
from tests.tiny_model import CLASSES, SIZE, card, write_model

MakePredictor = Callable[..., Predictor]


@pytest.fixture
def predictor(model_path: Path) -> MakePredictor:
    def make(policy: str = "refuse", kind: type[Classifier] = Classifier) -> Predictor:
        return Predictor(kind(model_path), Limits(), policy)

    return make


def test_the_answer_names_image_model_and_request(predictor: MakePredictor, model_path: Path) -> None:
    data = good_png()

    answer = predictor().predict(Task(data, explain=False, request_id="id-1"))

    assert answer.image.sha256 == hashlib.sha256(data).hexdigest()
    assert (answer.image.format, answer.image.width, answer.image.height, answer.image.frame) == ("PNG", 80, 96, 0)
    assert answer.model.sha256 == hashlib.sha256(model_path.read_bytes()).hexdigest()
    assert (answer.model.name, answer.model.version, answer.request_id) == ("tiny", "0.0.1", "id-1")
    assert set(answer.probabilities) == set(CLASSES)
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert answer.probability == max(answer.probabilities.values())
    assert answer.heatmap is None


def test_an_image_unlike_the_training_images_is_refused(predictor: MakePredictor) -> None:
    with pytest.raises(OutOfDistribution, match=r"novelty 2\.69, threshold 1") as refused:
        predictor("refuse").predict(Task(encode(bright()), explain=False, request_id=""))

    assert refused.value.extensions == {"novelty": pytest.approx(2.686, abs=1e-3), "threshold": 1.0}


def test_or_answered_with_a_warning(predictor: MakePredictor) -> None:
    answer = predictor("warn").predict(Task(encode(bright()), explain=False, request_id=""))

    assert answer.novelty == pytest.approx(2.686, abs=1e-3)
    assert [warning.code for warning in answer.warnings] == ["clipped", "out-of-distribution"]


def test_the_heat_map_lies_over_the_whole_image(predictor: MakePredictor) -> None:
    answer = predictor().predict(Task(good_png(), explain=True, request_id=""))

    scheme, _, text = str(answer.heatmap).partition(",")
    assert scheme == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(text))).size == (80, 96)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_heat_map_of_a_cropping_model_lies_where_the_model_looked(kind: str, tmp_path: Path) -> None:
    spec = {"size": SIZE, "channels": 1, "resize": "stretch", "crop": "brain", "crop_margin": 0.0}
    path = write_model(tmp_path / "model.onnx", json.dumps(card(preprocess=spec)))
    pixels = np.zeros((640, 960), np.uint8)  # a JPEG is decoded at a quarter of this scale to be classified
    pixels[160:480, 240:720] = 60
    pixels[160:240, 600:720] = 255

    answer = Predictor(Classifier(path), Limits(), "warn").predict(Task(encode(pixels, kind), True, ""))

    shown = Image.open(io.BytesIO(base64.b64decode(str(answer.heatmap).partition(",")[2])))
    redness = np.ptp(np.asarray(shown).astype(int), axis=-1)
    rows, columns = np.nonzero(redness > 12)
    assert shown.size == (960, 640)
    np.testing.assert_allclose(
        (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1), (240, 160, 720, 480), atol=4
    )
    assert redness[170:230, 610:710].mean() > 2 * redness[300:480, 240:500].mean()


def test_a_picture_that_stands_alone_says_what_the_answer_says(predictor: MakePredictor) -> None:
    """What is drawn can be read in the legend that is handed over; `test_legend` checks that all of it is drawn."""
    drawn: list[Legend] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.prediction.with_legend", lambda picture, legend, _: drawn.append(legend) or picture)
        predictor("warn").draw(Task(encode(bright()), explain=False, request_id=""))
    answer = predictor("warn").predict(Task(encode(bright()), explain=False, request_id=""))

    words = " ".join((drawn[0].title, *drawn[0].lines, drawn[0].footer))
    for word in (
        answer.label,
        f"{answer.probability:.1%}",
        answer.decision,
        "2.69",
        "clipped, out-of-distribution",
        "tiny 0.0.1",
    ):
        assert word in words
    assert drawn[0].footer == answer.disclaimer


def test_explaining_does_not_change_the_rest_of_the_answer(predictor: MakePredictor) -> None:
    large_jpeg = encode(dark(900, 700), "JPEG")  # decoded to a smaller scale unless it is to be shown

    plain, explained = (predictor().predict(Task(large_jpeg, explain, "id")) for explain in (False, True))

    assert explained.heatmap is not None
    assert explained.model_copy(update={"heatmap": None}) == plain


class BrokenClassifier(Classifier):
    def classify(self, picture: Picture, explain: bool = False) -> Result:
        return dataclasses.replace(super().classify(picture, explain), probability=math.nan)


def test_a_value_that_is_no_number_is_never_answered(predictor: MakePredictor) -> None:
    with pytest.raises(FloatingPointError):
        predictor(kind=BrokenClassifier).predict(Task(good_jpeg(), explain=False, request_id=""))
