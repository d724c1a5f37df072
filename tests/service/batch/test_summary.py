import pytest

from service.batch.summary import Tally
from service.errors import BlankImage, ProblemError
from service.problem_object import describe, describe_unexpected
from service.schemas import BatchResult, BatchSummary, ImageFacts, ModelIdentity, Prediction

SHA = "0" * 64


def answered(index: int, tumour: float | None, decision: str = "glioma") -> BatchResult:
    probability = 0.5 if tumour is None else tumour
    prediction = Prediction(
        label="glioma",
        probability=probability,
        decision=decision,
        probabilities={"glioma": probability, "no_tumor": 1 - probability},
        tumor_probability=tumour,
        prediction_set=("glioma",),
        novelty=0.1,
        warnings=(),
        heatmap=None,
        model=ModelIdentity(name="tiny", version="1", sha256=SHA),
        image=ImageFacts(sha256=SHA, format="PNG", width=1, height=1, frame=0),
        request_id="id",
    )
    return BatchResult(index=index, file=index, frame=0, status=200, prediction=prediction, problem=None)


def refused(index: int, error: ProblemError | None) -> BatchResult:
    problem = describe_unexpected("id") if error is None else describe(error, "id")
    return BatchResult(index=index, file=index, frame=None, status=problem.status, prediction=None, problem=problem)


def summary(*results: BatchResult) -> BatchSummary:
    tally = Tally()
    for result in results:
        tally.add(result)
    return tally.summary()


def test_answered_and_refused_images_are_counted() -> None:
    found = summary(
        answered(0, 0.5), refused(1, BlankImage("Blank.")), refused(2, None), refused(3, BlankImage("Blank."))
    )

    assert (found.images, found.answered, found.refused) == (4, 1, 3)
    assert found.refusals == {"blank-image": 2, "unexpected-error": 1}


def test_figures_are_over_the_answered_images() -> None:
    found = summary(answered(0, 0.2), refused(1, None), answered(2, 0.6, "uncertain"))

    assert found.classes["glioma"].model_dump() == pytest.approx({"maximum": 0.6, "mean": 0.4, "decisions": 1})
    assert found.classes["no_tumor"].model_dump() == pytest.approx({"maximum": 0.8, "mean": 0.6, "decisions": 0})
    assert found.tumor_probability is not None
    assert found.tumor_probability.model_dump() == pytest.approx({"maximum": 0.6, "mean": 0.4})
    assert found.uncertain == 1


def test_the_most_suspicious_are_five_at_most_the_first_of_equals_first() -> None:
    found = summary(*(answered(index, tumour) for index, tumour in enumerate([0.1, 0.9, 0.5, 0.9, 0.7, 0.2, 0.3])))

    assert [one.index for one in found.most_suspicious] == [1, 3, 4, 2, 6]


def test_without_an_answer_there_are_no_figures() -> None:
    for found in (summary(), summary(refused(0, None))):
        assert (found.classes, found.tumor_probability, found.most_suspicious) == ({}, None, ())


def test_a_model_that_is_not_about_tumours_suspects_nothing() -> None:
    found = summary(answered(0, None))

    assert (found.tumor_probability, found.most_suspicious, found.answered) == (None, (), 1)


def test_a_mean_is_never_beyond_its_maximum() -> None:
    value = 0.1 + 0.2
    found = summary(*(answered(index, value) for index in range(10)))

    assert found.classes["glioma"].mean <= found.classes["glioma"].maximum
