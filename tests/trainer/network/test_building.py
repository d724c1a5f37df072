"""The network that is trained."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.trainer.networks import STILL, tiny_config, trained_looking
from tests.trainer.pictures import pictures
from trainer.errors import ConfigError
from trainer.network.augmentation import augment
from trainer.network.backbones import BACKBONES, backbone_of, build_backbone
from trainer.network.building import build_network
from trainer.network.smoothing import smoothed
from trainer.network.unfreezing import unfreeze_from


def as_float(count: int, channels: int = 1) -> np.ndarray:
    return np.repeat(pictures(count, 32), channels, axis=-1).astype(np.float32)


class TestAugmentation:
    """Random changes in training, none at inference."""

    @staticmethod
    def layers(**values: object) -> keras.Model:
        pixels = keras.Input((32, 32, 1))
        return keras.Model(pixels, augment(pixels, tiny_config(**values)))

    def test_at_inference_images_stay_as_they_are(self) -> None:
        images = as_float(4)

        assert np.array_equal(self.layers()(images, training=False), images)

    @pytest.mark.parametrize("flip", ["horizontal", "vertical", "horizontal_and_vertical", "none"])
    def test_in_training_they_change_within_the_range_of_a_pixel(self, flip: str) -> None:
        images = as_float(8)

        changed = np.asarray(self.layers(flip=flip)(images, training=True))

        assert (np.abs(changed - images).mean(axis=(1, 2, 3)) > 1).all()
        assert changed.min() >= 0 and changed.max() <= 255

    def test_noise_has_the_deviation_asked_for_and_stays_within_the_range(self) -> None:
        grey = np.full((8, 32, 32, 1), 128.0, np.float32)
        layers = self.layers(**STILL, noise=0.1)

        noise = np.asarray(layers(grey, training=True)) - grey
        white = np.asarray(layers(grey + 127, training=True))

        assert noise.std() == pytest.approx(25.5, rel=0.05) and abs(noise.mean()) < 1
        assert white.max() == 255 and white.min() < 240
        assert np.array_equal(layers(grey, training=False), grey)

    def test_ranges_of_zero_leave_images_as_they_are_in_training_too(self) -> None:
        images = as_float(4)

        assert np.asarray(self.layers(**STILL)(images, training=True)) == pytest.approx(images, abs=1e-2)

    def test_the_seed_decides(self) -> None:
        images = as_float(4)

        first, again, other = (np.asarray(self.layers(seed=seed)(images, training=True)) for seed in (1, 1, 2))

        assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.usefixtures("tiny_backbone")
class TestNetwork:
    """Augmentation, rescaling, backbone and head."""

    @pytest.mark.parametrize(("classes", "logits"), [(2, 1), (4, 4)])
    @pytest.mark.parametrize("channels", [1, 3])
    def test_pixels_become_logits(self, channels: int, classes: int, logits: int) -> None:
        network = build_network(tiny_config(channels=channels), classes)

        assert network.input_shape == (None, 32, 32, channels)
        assert network.output_shape == (None, logits)

    def test_grey_is_seen_as_a_colour_image_of_equal_channels(self) -> None:
        grey, colour = (trained_looking(tiny_config(channels=channels), 4) for channels in (1, 3))

        one = np.asarray(grey(as_float(3), training=False))

        assert one == pytest.approx(np.asarray(colour(as_float(3, channels=3), training=False)), abs=1e-5)

    def test_the_backbone_sees_what_its_recipe_says(self) -> None:
        config = tiny_config()
        network = trained_looking(config, 4)
        scaling = backbone_of("tiny").scaling
        images = as_float(3)
        features = keras.Model(network.input, network.get_layer("gap").input)(images, training=False)

        softened = np.repeat(np.asarray(smoothed(images)), 3, axis=-1)
        direct = network.get_layer("backbone")(softened * scaling.scale + scaling.offset)

        assert np.asarray(features) == pytest.approx(np.asarray(direct), abs=1e-5)

    @pytest.mark.parametrize("first", ["Conv1", "Conv2", "bn_Conv2"])
    def test_batch_norm_is_in_inference_mode_even_in_fine_tuning(self, first: str) -> None:
        network = trained_looking(tiny_config(), 4)
        unfreeze_from(network.get_layer("backbone"), first)
        before = network.get_weights()

        network(as_float(8), training=True)

        assert all(np.array_equal(a, b) for a, b in zip(before, network.get_weights(), strict=True))


class TestBackbones:
    """The networks under the head."""

    def test_mobile_net_v2_is_there_without_weights(self) -> None:
        assert build_backbone("mobilenet_v2", 64, "none").output_shape == (None, 2, 2, 1280)

    def test_an_unknown_backbone_is_answered_with_known_ones(self) -> None:
        with pytest.raises(ConfigError, match="backbone 'resnet' is unknown; there are mobilenet_v2"):
            build_backbone("resnet", 32, "none")

    @pytest.mark.parametrize(
        ("content", "message"),
        [(None, "': no such file; give a path"), (b"no weights", "' cannot be loaded into mobilenet_v2: ")],
    )
    def test_weights_that_cannot_be_had(self, tmp_path: Path, content: bytes | None, message: str) -> None:
        path = tmp_path / "some.weights.h5"
        if content:
            path.write_bytes(content)

        with pytest.raises(ConfigError, match=f"some.weights.h5{message}"):
            build_backbone("mobilenet_v2", 32, str(path))

    @pytest.mark.parametrize(("name", "other"), [("mobilenet_v2", "mobilenet"), ("vgg16", "mobilenet")])
    def test_weights_of_another_network_are_refused_in_one_line(self, tmp_path: Path, name: str, other: str) -> None:
        path = tmp_path / "other.weights.h5"
        BACKBONES[other].build(include_top=False, weights=None, input_shape=(32, 32, 3), name="other").save_weights(
            path
        )

        with pytest.raises(ConfigError, match=f"other.weights.h5' cannot be loaded into {name}: they must be") as error:
            build_backbone(name, 32, str(path))

        assert "\n" not in str(error.value)

    def test_a_network_that_needs_larger_images_says_so(self) -> None:
        with pytest.raises(ConfigError, match="size is 64; xception needs at least 71"):
            build_backbone("xception", 64, "none")
