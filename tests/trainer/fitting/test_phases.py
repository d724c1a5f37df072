"""Two phases of fitting, repeatable and resumable."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.trainer.networks import STILL, tiny_config
from tests.trainer.pictures import picture
from trainer.config import TrainConfig
from trainer.fitting import phases
from trainer.fitting.batches import Batches
from trainer.fitting.determinism import make_deterministic
from trainer.fitting.phases import FitData, Progress, fit
from trainer.network.building import build_network

CLASSES = 3


def make_data() -> FitData:
    """Return 60 pictures of three classes that a network can tell apart."""
    labels = np.arange(60) % CLASSES
    pixels = np.stack([picture(n, kind, size=32) for n, kind in enumerate(labels)])[..., None]
    rows = np.random.default_rng(0).permutation(60)
    return FitData(pixels, labels, np.arange(60), rows[:45], rows[45:], CLASSES)


@dataclass(frozen=True)
class Run:
    """A finished fit."""

    network: keras.Model
    progress: Progress
    folder: Path

    @property
    def weights(self) -> list[np.ndarray]:
        return self.network.get_weights()


class Interrupted(Exception):
    """Stands for a signal between two epochs."""


def run(folder: Path, config: TrainConfig, data: FitData) -> Run:
    """Fit as a process of its own would."""
    make_deterministic(config.seed)
    network, progress = fit(data, config, folder)
    return Run(network, progress, folder)


@contextmanager
def stopping_after(saves: int) -> Iterator[None]:
    """Interrupt fitting once its state has been saved `saves` times."""
    save, count = phases._save, 0

    def save_then_stop(*arguments: object) -> None:
        nonlocal count
        save(*arguments)  # type: ignore[arg-type]
        count += 1
        if count == saves:
            raise Interrupted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phases, "_save", save_then_stop)
        yield


@pytest.fixture(scope="module")
def config(tiny_backbone: str) -> TrainConfig:
    return tiny_config(seed=3, average=0.5)


@pytest.fixture(scope="module")
def data() -> FitData:
    return make_data()


@pytest.fixture(scope="module")
def finished(config: TrainConfig, data: FitData, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("finished"), config, data)


def equal(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def fresh_weights(config: TrainConfig) -> keras.Model:
    make_deterministic(config.seed)
    return build_network(config, CLASSES)


def changed_layers(run: Run, config: TrainConfig) -> set[str]:
    """Return the names of the layers, those of the backbone too, whose weights differ from those of a new network."""
    before, after = (_layers(network) for network in (fresh_weights(config), run.network))
    return {name for name in after if not equal(before[name].get_weights(), after[name].get_weights())}


def _layers(network: keras.Model) -> dict[str, keras.layers.Layer]:
    layers = {layer.name: layer for layer in [*network.layers, *network.get_layer("backbone").layers]}
    del layers["backbone"]
    return {name: layer for name, layer in layers.items() if layer.get_weights()}


def test_the_same_seed_gives_the_same_weights_to_the_bit(
    finished: Run, config: TrainConfig, data: FitData, tmp_path: Path
) -> None:
    again = run(tmp_path, config, data)

    assert equal(again.weights, finished.weights)
    assert again.progress == finished.progress


def test_another_seed_gives_others(finished: Run, data: FitData, tmp_path: Path) -> None:
    other = run(tmp_path, tiny_config(seed=4), data)

    assert not equal(other.weights, finished.weights)


@pytest.mark.parametrize("saves", range(1, 6))
def test_an_interrupted_run_ends_as_if_it_had_not_been(
    finished: Run, config: TrainConfig, data: FitData, tmp_path: Path, saves: int
) -> None:
    with stopping_after(saves), pytest.raises(Interrupted):
        run(tmp_path, config, data)

    resumed = run(tmp_path, config, data)

    assert resumed.progress.history == finished.progress.history
    assert equal(resumed.weights, finished.weights)


def test_a_finished_run_is_read_back(finished: Run, config: TrainConfig, data: FitData) -> None:
    state = (finished.folder / "progress.json").read_bytes()

    again = run(finished.folder, config, data)

    assert equal(again.weights, finished.weights)
    assert again.progress.history == finished.progress.history
    assert (finished.folder / "progress.json").read_bytes() == state


def test_the_folder_holds_one_checkpoint_and_nothing_half_written(finished: Run) -> None:
    names = sorted(file.name for file in finished.folder.iterdir())

    assert names == ["best.npz", "checkpoint-2-0.keras", "checkpoint-2-0.npz", "progress.json"]


def test_an_interruption_while_saving_keeps_the_state_before(
    config: TrainConfig, data: FitData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stopping_after(1), pytest.raises(Interrupted):
        run(tmp_path, config, data)
    before = sorted(file.name for file in tmp_path.iterdir())

    def full_disk(self: keras.Model, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(keras.Model, "save", full_disk)
        run(tmp_path, config, data)

    assert sorted(file.name for file in tmp_path.iterdir()) == before
    keras.models.load_model(tmp_path / "checkpoint-0-1.keras")


def test_the_history_has_a_row_an_epoch(finished: Run) -> None:
    rows = finished.progress.history

    assert [(row["phase"], row["epoch"]) for row in rows] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert all({"loss", "accuracy", "val_loss", "val_accuracy"} <= set(row) for row in rows)


def test_the_weights_returned_are_those_of_the_best_epoch(finished: Run) -> None:
    with np.load(finished.folder / "best.npz") as best:
        assert equal(list(best.values()), finished.weights)


def test_fitting_stops_when_validation_no_longer_improves(
    config: TrainConfig, data: FitData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([3.0, 2.0, 2.5, 2.5, 2.2, 9.0, 9.0])
    best: list[list[np.ndarray]] = []

    def validate(model: keras.Model, data: FitData) -> dict[str, float]:
        best.append(model.get_weights())
        return {"val_loss": next(losses), "val_accuracy": 0.5}

    monkeypatch.setattr(phases, "_validate", validate)

    ended = run(tmp_path, tiny_config(frozen_epochs=9, fine_tune_epochs=9, patience=2), data)

    assert [row["phase"] for row in ended.progress.history] == [0, 0, 0, 0, 1, 1, 1]
    assert equal(ended.weights, best[4])


def test_the_rate_of_fine_tuning_rises_then_falls(tiny_backbone: str, data: FitData, tmp_path: Path) -> None:
    rates = {"learning_rate": 1e-3, "fine_tune_learning_rate": 1e-4}

    ended = run(tmp_path, tiny_config(fine_tune_epochs=5, warm_up_epochs=2, patience=9, **rates), data)

    frozen, *rest = [row["learning_rate"] for row in ended.progress.history if row["epoch"] == 1 or row["phase"] == 1]
    assert frozen == pytest.approx(1e-3)
    assert rest[0] == pytest.approx(1e-4 / 3)
    assert rest[0] < rest[1] < rest[2] > rest[3] > rest[4] > 0


def test_an_epoch_shows_no_more_of_a_group_than_it_may(
    tiny_backbone: str, data: FitData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[np.ndarray] = []

    def batches(pixels: np.ndarray, rows: np.ndarray, *rest: object, **options: object) -> Batches:
        shown.append(rows)
        return Batches(pixels, rows, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(phases, "Batches", batches)
    groups = np.where(np.arange(60) < 30, 0, np.arange(60))

    run(tmp_path, tiny_config(images_per_group=2, frozen_epochs=1, fine_tune_epochs=0), replace(data, groups=groups))

    assert np.bincount(groups[shown[0]]).max() == 2
    assert sorted(shown[1]) == sorted(data.validation)


def test_the_weights_of_fine_tuning_are_a_running_average_and_fitting_goes_on_from_the_last_ones(
    tiny_backbone: str, data: FitData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, list[list[np.ndarray]]] = {}

    def watch(name: str) -> None:
        losses = iter([9.0, 3.0, 2.0, 1.0])
        seen[name] = []

        def validate(model: keras.Model, data: FitData) -> dict[str, float]:
            seen[name].append(model.get_weights())
            return {"val_loss": next(losses), "val_accuracy": 0.5}

        monkeypatch.setattr(phases, "_validate", validate)

    options = {"frozen_epochs": 1, "fine_tune_epochs": 3, "patience": 9}
    watch("plain")
    run(tmp_path / "plain", tiny_config(**options), data)
    watch("averaged")
    ended = run(tmp_path / "averaged", tiny_config(average=0.75, **options), data)

    plain = seen["plain"]
    expected = [0.75 * (0.75 * a + 0.25 * b) + 0.25 * c for a, b, c in zip(plain[1], plain[2], plain[3], strict=True)]
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(ended.weights, expected, strict=True))
    assert not all(np.allclose(a, b, atol=1e-6) for a, b in zip(ended.weights, plain[3], strict=True))


def test_without_fine_tuning_only_the_head_changes(config: TrainConfig, data: FitData, tmp_path: Path) -> None:
    frozen = tiny_config(fine_tune_epochs=0)

    ended = run(tmp_path, frozen, data)

    assert changed_layers(ended, frozen) == {"dense_0", "logits"}


def test_fine_tuning_changes_the_layers_from_the_one_named(finished: Run, config: TrainConfig) -> None:
    changed = changed_layers(finished, config)

    assert {"Conv2", "dense_0", "logits"} <= changed
    assert "Conv1" not in changed


@pytest.mark.parametrize("channels", [1, 3])
def test_two_classes_are_learned_with_one_logit(tiny_backbone: str, tmp_path: Path, channels: int) -> None:
    quick = {"learning_rate": 0.02, "dropout": 0.0, **STILL}
    config = tiny_config(channels=channels, frozen_epochs=10, fine_tune_epochs=0, **quick)
    labels = np.arange(40) % 2
    pixels = np.stack([picture(n, 3 * label, size=32) for n, label in enumerate(labels)])[..., None]
    pixels = np.repeat(pixels, channels, axis=-1)

    ended = run(tmp_path, config, FitData(pixels, labels, np.arange(40), np.arange(30), np.arange(30, 40), 2))

    assert ended.network.output_shape == (None, 1)
    logits = np.asarray(ended.network(pixels.astype(np.float32), training=False))[:, 0]
    assert ((logits > 0) == (labels == 1)).mean() >= 0.9
