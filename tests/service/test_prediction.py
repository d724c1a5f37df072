import base64
import dataclasses
import hashlib
import io
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from service.classifier import Classifier, Result
from service.errors import OutOfDistribution
from service.imaging import Limits, Picture
from service.prediction import Predictor, Task
from tests.pictures import bright, dark, encode, good_jpeg, good_png
from tests.tiny_model import CLASSES

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
    assert [warning.code for warning in answer.warnings] == ["out-of-distribution"]


def test_the_heat_map_lies_over_the_whole_image(predictor: MakePredictor) -> None:
    answer = predictor().predict(Task(good_png(), explain=True, request_id=""))

    scheme, _, text = str(answer.heatmap).partition(",")
    assert scheme == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(text))).size == (80, 96)


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
