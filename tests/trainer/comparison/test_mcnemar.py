"""McNemar's exact test and Holm's correction against values calculated by hand."""

import numpy as np
import pytest

from trainer.comparison.holm import holm
from trainer.comparison.mcnemar import McNemar, mcnemar


def paired(both: int, only_first: int, only_second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    """Return hits of two networks with so many images of each kind."""
    counts = (both, only_first, only_second, neither)
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


@pytest.mark.parametrize(
    ("only_first", "only_second", "p_value"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 0, 2 / 2**5),
        (6, 1, 2 * (1 + 7) / 2**7),
        (1, 6, 2 * (1 + 7) / 2**7),
        (8, 2, 2 * (1 + 10 + 45) / 2**10),
        (4, 4, 1.0),
    ],
)
def test_the_p_value_is_that_of_a_fair_coin(only_first: int, only_second: int, p_value: float) -> None:
    assert mcnemar(*paired(20, only_first, only_second, 3)) == McNemar(
        only_first, only_second, pytest.approx(p_value, rel=1e-12)
    )


@pytest.mark.parametrize(("both", "neither"), [(0, 0), (1000, 0), (0, 1000)])
def test_images_on_which_both_agree_say_nothing(both: int, neither: int) -> None:
    assert mcnemar(*paired(both, 9, 1, neither)).p_value == mcnemar(*paired(5, 9, 1, 5)).p_value


@pytest.mark.parametrize(
    ("given", "adjusted"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.02, 0.02], [0.04, 0.04]),
        ([0.9, 0.5], [1.0, 1.0]),
        ([0.04, 0.001, 0.01, 0.3], [0.08, 0.004, 0.03, 0.3]),
    ],
)
def test_holm(given: list[float], adjusted: list[float]) -> None:
    assert holm(given) == pytest.approx(adjusted)
