"""How an endpoint of many images logs each of them."""

import hashlib
import json
from pathlib import Path

import pytest

from service.audit import ANSWERED, Asker, ImageNote, build_auditor
from service.classifier import Classifier
from service.errors import AuditUnavailable
from service.imaging import Limits
from service.metrics import Metrics
from service.prediction import Predictor, Task, identify
from tests.pictures import good_png
from tests.serving import settings_for

ASKER = Asker("visit-7", "key:viewer", "/predict/batch")


@pytest.fixture(scope="module")
def predictor(model_path: Path) -> Predictor:
    return Predictor(Classifier(model_path), Limits(1_000_000), "refuse")


def answered(predictor: Predictor) -> ImageNote:
    note = ImageNote(model=identify(predictor.classifier))
    note.answered(predictor.predict(Task(good_png(), False, ASKER.request_id)))
    return note


def test_each_image_is_a_line(predictor: Predictor, tmp_path: Path) -> None:
    metrics = Metrics()
    path = tmp_path / "audit.jsonl"
    auditor = build_auditor(settings_for(Path("unused"), audit_log=str(path)), metrics)

    auditor.image(ASKER, 0, answered(predictor), ANSWERED, 0.02)
    auditor.image(ASKER, 1, ImageNote(input_sha256="ab" * 32), "unreadable-image", 0.01)

    first, second = map(json.loads, path.read_text().splitlines())
    assert (first["event"], first["index"], first["outcome"]) == ("image", 0, "answered")
    assert (first["request_id"], first["caller"], first["route"]) == ("visit-7", "key:viewer", "/predict/batch")
    assert first["label"] and first["input_sha256"] == hashlib.sha256(good_png()).hexdigest()
    assert (first["model"], first["duration_ms"]) == ("tiny", 20.0)
    assert (second["event"], second["index"], second["outcome"]) == ("image", 1, "unreadable-image")
    assert (second["label"], second["input_sha256"]) == (None, "ab" * 32)
    counted = metrics.exposition().decode()
    assert 'brain_mri_images_total{outcome="answered"} 1.0' in counted
    assert 'brain_mri_images_total{outcome="unreadable-image"} 1.0' in counted


def test_an_answer_that_was_not_given_is_not_in_the_line(predictor: Predictor, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    auditor = build_auditor(settings_for(Path("unused"), audit_log=str(path)), Metrics())

    auditor.image(ASKER, 0, answered(predictor), "deadline-exceeded", 30.0)

    line = json.loads(path.read_text())
    assert (line["model"], line["label"], line["decision"], line["probability"]) == ("tiny", None, None, None)


def test_an_image_that_cannot_be_logged_is_refused_where_that_is_asked_for(predictor: Predictor) -> None:
    auditor = build_auditor(settings_for(Path("unused"), audit_log="/dev/full", audit_required=True), Metrics())

    with pytest.raises(AuditUnavailable):
        auditor.image(ASKER, 0, answered(predictor), ANSWERED, 0.02)
