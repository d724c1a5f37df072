"""Whatever becomes of a file on its way, it is answered or refused with a reason: nothing else happens, and soon."""

import itertools
import time
import warnings
from pathlib import Path

import pytest

from benchmarks.mutating import Mutant, Mutator
from service.classifier import Classifier
from service.errors import ProblemError
from service.imaging import Limits
from service.prediction import Predictor, Task
from tests.service.batch.running import answer
from tests.service.whole_files import whole_files

SEED = 20261126
MUTANTS = 2000
SHARES = 8
PATIENCE_S = 10.0
FILES = whole_files()


@pytest.fixture(scope="module")
def classifier(model_path: Path) -> Classifier:
    return Classifier(model_path)


def share(number: int) -> list[Mutant]:
    """Return an equal share of all mutants."""
    return list(itertools.islice(Mutator(FILES, SEED).mutants(), number, MUTANTS, SHARES))


def status_of_prediction(classifier: Classifier, data: bytes) -> int:
    """Answer as `/predict` does, with the frame named so that volumes are looked at too."""
    predictor = Predictor(classifier, Limits(), "warn", "warn")
    try:
        predictor.predict(Task(data, explain=False, request_id="id", frame=0)).model_dump_json()
    except ProblemError as problem:
        assert problem.detail
        return problem.status
    return 200


def statuses_of_batch(classifier: Classifier, mutant: Mutant) -> list[int]:
    """Answer as `/predict/batch` does: always where the file was a ZIP, otherwise one in four, for time's sake."""
    if "ZIP" not in mutant.origin and mutant.number % 4:
        return []
    statuses = [result.status for result in answer(classifier, [mutant.data])]
    assert statuses
    return statuses


@pytest.mark.parametrize("number", range(SHARES))
def test_a_mutated_file_is_answered_or_refused_with_a_reason(classifier: Classifier, number: int) -> None:
    for mutant in share(number):
        began = time.monotonic()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", module=r"(PIL|pydicom|nibabel)\.")  # as service/library_logs.py does
            alone = status_of_prediction(classifier, mutant.data)
            batched = statuses_of_batch(classifier, mutant)

        told = f"mutant {mutant.number} of {mutant.origin}"
        assert not warned, f"{told}: {warned[0].message}"
        assert alone == 200 or 400 <= alone < 500, told
        assert all(status == 200 or 400 <= status < 500 for status in batched), told
        assert time.monotonic() - began < PATIENCE_S, told


def test_the_corpus_is_sound_before_it_is_changed(classifier: Classifier) -> None:
    codes = {result.problem.code for data in FILES.values() for result in answer(classifier, [data]) if result.problem}

    assert codes <= {"out-of-distribution"}  # read, and found unlike the training images of the tiny model


def test_the_same_seed_gives_the_same_mutants() -> None:
    first, again = (list(itertools.islice(Mutator(FILES, 1).mutants(), 100)) for _ in range(2))

    assert first == again
    assert sum(mutant.data != FILES[mutant.origin] for mutant in first) > 90
