"""Controls: how far one gets without looking at the anatomy. A score means something only beside them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier

from trainer.duplicates import thumbnails
from trainer.sample import Sample

_FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF")
_MODES = ("L", "RGB", "RGBA", "P", "CMYK")


def control_predictions(
    samples: Sequence[Sample], pixels: NDArray[np.uint8], train: Sequence[int], test: Sequence[int]
) -> dict[str, list[str]]:
    """Fit three controls on the rows `train` and return their labels for the rows `test`.

    `header`: a random forest on width, height, bytes, mode and format.
    `intensity`: one on mean, standard deviation and five percentiles. `nearest-thumbnail`: the label of the nearest
    64 x 64 thumbnail.
    """
    labels = np.array([sample.label for sample in samples])
    headers = np.array([_header(sample) for sample in samples])
    small = thumbnails(pixels).reshape(len(pixels), -1)
    controls = {
        "header": (RandomForestClassifier(200, random_state=0), headers),
        "intensity": (RandomForestClassifier(200, random_state=0), _intensity(small)),
        "nearest-thumbnail": (KNeighborsClassifier(1), small),
    }
    return {name: list(m.fit(x[train], labels[train]).predict(x[test])) for name, (m, x) in controls.items()}


def _intensity(flat: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `[N, 7]` for flat thumbnails `[N, 4096]`."""
    percentiles = np.percentile(flat, [5, 25, 50, 75, 95], axis=1)
    return np.stack([flat.mean(axis=1), flat.std(axis=1), *percentiles], axis=1).astype(np.float32)


def _header(sample: Sample) -> list[float]:
    with Image.open(sample.path) as image:
        mode = _MODES.index(image.mode) if image.mode in _MODES else len(_MODES)
        kind = _FORMATS.index(image.format) if image.format in _FORMATS else len(_FORMATS)
        return [image.width, image.height, sample.path.stat().st_size, mode, kind]
