import numpy as np
import pytest
from PIL import Image, ImageFilter

from service.imaging import measure
from service.phantom import brain_slice


def scan(size: int = 256) -> np.ndarray:
    """Return a phantom as the model would see it."""
    picture = Image.fromarray(brain_slice(1, "glioma", 2 * size)).resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(picture)


def sharpness(pixels: np.ndarray) -> float:
    found = measure(pixels[..., None]).sharpness
    assert found is not None
    return found


def test_sharpness_falls_as_edges_widen() -> None:
    picture = Image.fromarray(scan())

    blurred = [np.asarray(picture.filter(ImageFilter.GaussianBlur(sigma))) for sigma in (0, 1, 2, 4)]

    found = [sharpness(pixels) for pixels in blurred]
    assert found == sorted(found, reverse=True)
    assert found[0] > 2 * found[2]


def test_sharpness_does_not_depend_on_contrast() -> None:
    pixels = scan()

    assert sharpness((pixels // 2 + 40).astype(np.uint8)) == pytest.approx(sharpness(pixels), rel=0.1)


def test_without_a_gradient_there_is_no_sharpness() -> None:
    assert measure(np.full((64, 64, 1), 7, np.uint8)).sharpness is None


def test_black_and_white_are_counted_in_the_middle_only() -> None:
    pixels = np.full((256, 256), 100, np.uint8)
    pixels[:20, :20] = pixels[-20:, -20:] = 255  # corners
    assert (measure(pixels[..., None]).white, measure(pixels[..., None]).black) == (0, 0)

    pixels[:, 120:136] = 255
    pixels[120:136] = 0
    found = measure(pixels[..., None])
    assert (found.white, found.black) == (pytest.approx(0.083, abs=0.01), pytest.approx(0.089, abs=0.01))


def test_the_channels_of_a_coloured_input_are_averaged() -> None:
    pixels = scan()

    assert measure(np.stack([pixels] * 3, -1)) == measure(pixels[..., None])
