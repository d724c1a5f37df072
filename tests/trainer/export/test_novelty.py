"""The distance from the training images."""

import numpy as np
import pytest

from trainer.export.novelty import FALSE_REFUSALS, fit_novelty


def features(count: int, width: int, seed: int = 0) -> np.ndarray:
    """Return correlated features of different scales."""
    generator = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(width, width)) * np.geomspace(3, 0.1, width)
    return generator.normal(size=(count, width)) @ mixing + 5


@pytest.mark.parametrize(("width", "components"), [(6, 3), (12, 4), (20, 64)])
def test_it_is_the_mahalanobis_distance_of_its_covariance(width: int, components: int) -> None:
    model = fit_novelty(features(300, width), features(100, width, 1), components)
    others = features(50, width, 2) * 1.5

    kept = model.components @ np.diag(model.variances) @ model.components.T
    rest = model.residual_variance * (np.eye(width) - model.components @ model.components.T)
    covariance = np.diag(model.scale) @ (kept + rest) @ np.diag(model.scale)
    centred = others - model.mean
    expected = np.sqrt(np.einsum("ni,ij,nj->n", centred, np.linalg.inv(covariance), centred)) / model.threshold

    assert model.distance(others) == pytest.approx(expected, rel=1e-6)


def test_with_all_components_that_is_the_sample_covariance() -> None:
    train, others = features(300, 6), features(50, 6, 2)
    model = fit_novelty(train, features(100, 6, 1))

    centred = others - train.mean(axis=0)
    expected = np.sqrt(np.einsum("ni,ij,nj->n", centred, np.linalg.inv(np.cov(train.T)), centred)) / model.threshold

    assert model.distance(others) == pytest.approx(expected, rel=1e-6)


def test_the_threshold_refuses_the_agreed_share_of_held_out_images() -> None:
    held_out = features(2000, 30, 1)
    model = fit_novelty(features(3000, 30), held_out)

    assert (model.distance(held_out) > 1).mean() == pytest.approx(FALSE_REFUSALS, abs=1 / 2000)
    assert (model.distance(features(20_000, 30, 2)) > 1).mean() == pytest.approx(FALSE_REFUSALS, abs=0.006)


def test_the_share_holds_for_each_source_however_few_its_images_are() -> None:
    held_out = np.concatenate([features(1900, 30, 1), features(100, 30, 2) * 1.3])
    sources = ["many"] * 1900 + ["few"] * 100

    pooled = fit_novelty(features(3000, 30), held_out)
    model = fit_novelty(features(3000, 30), held_out, sources=sources)

    assert (pooled.distance(held_out[1900:]) > 1).mean() > 5 * FALSE_REFUSALS
    assert (model.distance(held_out[1900:]) > 1).mean() == pytest.approx(FALSE_REFUSALS, abs=0.001)
    assert (model.distance(held_out[:1900]) > 1).mean() <= FALSE_REFUSALS


def test_a_source_of_a_few_odd_images_does_not_open_the_door() -> None:
    held_out = np.concatenate([features(1000, 30, 1), features(3, 30, 2) * 9])

    pooled = fit_novelty(features(3000, 30), held_out)
    model = fit_novelty(features(3000, 30), held_out, sources=["many"] * 1000 + ["odd"] * 3)

    assert model.threshold == pytest.approx(pooled.threshold, rel=0.02)


def test_what_lies_far_away_is_refused_also_where_the_training_images_never_go() -> None:
    train = features(400, 10)
    train[:, 3] = 1.0
    model = fit_novelty(train[:300], train[300:], components=4)
    unused = train[:1].copy()
    unused[0, 3] = 40.0

    assert model.distance(train[:1] + 100)[0] > 1
    assert model.distance(unused)[0] > 1


@pytest.mark.parametrize("count", [2, 3, 5, 40])
def test_fewer_images_than_components(count: int) -> None:
    train = features(count, 100)
    model = fit_novelty(train, features(10, 100, 1))

    assert np.isfinite(model.distance(features(5, 100, 2))).all()
    assert model.distance(train).max() < 1


def test_features_that_are_all_the_same_give_numbers() -> None:
    model = fit_novelty(np.zeros((20, 8)), np.zeros((5, 8)))

    assert np.isfinite(model.distance(np.zeros((1, 8)))).all()
    assert model.distance(np.ones((1, 8)))[0] > 1
