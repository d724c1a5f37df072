"""How an endpoint of many images logs each of them."""

import hashlib
import json
from pathlib import Path

import pytest

from service.audit import Asker, Auditor, build_auditor
from service.classifier import Classifier
from service.errors import AuditUnavailable, UnreadableImage
from service.imaging import Limits
from service.metrics import Metrics
from service.prediction import Predictor, Task
from tests.pictures import good_png
from tests.serving import settings_for

ASKER = Asker("visit-7", "key:viewer", "/predict/batch")


@pytest.fixture(scope="module")
def predictor(model_path: Path) -> Predictor:
    return Predictor(Classifier(model_path), Limits(1_000_000), "refuse")


def judge(auditor: Auditor, predictor: Predictor, index: int, data: bytes) -> None:
    with auditor.image(ASKER, index, predictor.classifier, data) as note:
        note.answered(predictor.predict(Task(data, False, ASKER.request_id)))


def test_each_image_is_a_line(predictor: Predictor, tmp_path: Path) -> None:
    metrics = Metrics()
    path = tmp_path / "audit.jsonl"
    auditor = build_auditor(settings_for(Path("unused"), audit_log=str(path)), metrics)

    judge(auditor, predictor, 0, good_png())
    with pytest.raises(UnreadableImage):
        judge(auditor, predictor, 1, good_png()[:60])

    first, second = map(json.loads, path.read_text().splitlines())
    assert (first["event"], first["index"], first["outcome"]) == ("image", 0, "answered")
    assert first["label"] and first["input_sha256"] == hashlib.sha256(good_png()).hexdigest()
    assert (second["event"], second["index"], second["outcome"]) == ("image", 1, "unreadable-image")
    assert (second["label"], second["model"]) == (None, "tiny")
    assert second["input_sha256"] == hashlib.sha256(good_png()[:60]).hexdigest()
    counted = metrics.exposition().decode()
    assert 'brain_mri_images_total{outcome="answered"} 1.0' in counted
    assert 'brain_mri_images_total{outcome="unreadable-image"} 1.0' in counted


def test_an_image_that_cannot_be_logged_is_refused_where_that_is_asked_for(predictor: Predictor) -> None:
    auditor = build_auditor(settings_for(Path("unused"), audit_log="/dev/full", audit_required=True), Metrics())

    with pytest.raises(AuditUnavailable):
        judge(auditor, predictor, 0, good_png())
