"""A batch without a server: whatever is sent, results come, and each is an answer or a problem of the client."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.classifier import Classifier
from service.errors import BlankImage
from tests.pictures import dark, encode
from tests.service.batch.running import LIMITS, answer
from tests.service.batch.zips import zipped
from tests.service.imaging.dicom.objects import dicom
from tests.service.imaging.nifti.volumes import nifti

STUDY = zipped(
    encode(dark(), "JPEG"),
    dicom(np.stack([dark(seed=1), dark(seed=2)]), frames=2),
    nifti(np.stack([dark(seed=3), dark(seed=4)], -1)),
)


@pytest.fixture(scope="module")
def classifier(model_path: Path) -> Classifier:
    return Classifier(model_path)


@settings(max_examples=150, deadline=None)
@given(
    cuts=st.lists(st.tuples(st.integers(0, len(STUDY) - 1), st.binary(min_size=1, max_size=4)), max_size=5),
    length=st.integers(0, len(STUDY)),
)
def test_damaged_studies_give_answers_or_problems_of_the_client(
    classifier: Classifier, cuts: list[tuple[int, bytes]], length: int
) -> None:
    data = bytearray(STUDY)
    for start, replacement in cuts:
        data[start : start + len(replacement)] = replacement

    for damaged in (bytes(data), bytes(data[:length])):
        results = answer(classifier, [damaged])

        assert [result.index for result in results] == list(range(len(results)))
        assert results
        assert {result.status for result in results} <= {200, 413, 415, 422}
        assert all((result.prediction is None) != (result.problem is None) for result in results)


def test_an_undamaged_study_is_answered(classifier: Classifier) -> None:
    results = answer(classifier, [STUDY])

    assert [(result.file, result.frame, result.status) for result in results] == [
        (0, 0, 200),
        (1, 0, 200),
        (1, 1, 200),
        (2, 0, 200),
        (2, 1, 200),
    ]


def test_a_file_that_was_not_kept_is_told_why(classifier: Classifier) -> None:
    (result,) = answer(classifier, [BlankImage("It was not kept.")])

    assert (result.file, result.frame, result.status) == (0, None, 422)
    assert result.problem is not None and result.problem.detail == "It was not kept."


def test_past_its_deadline_a_batch_computes_nothing(classifier: Classifier) -> None:
    results = answer(classifier, [STUDY, encode(dark())], LIMITS, batch_s=0)

    assert [(result.file, result.frame, result.status) for result in results] == [(0, None, 504), (1, None, 504)]
