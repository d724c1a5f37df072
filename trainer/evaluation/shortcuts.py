"""Controls: how far one gets without looking at the anatomy. A score means something only beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from sklearn.ensemble import RandomForestClassifier

from service.imaging import decode
from trainer.data.sample import Sample
from trainer.similarity.duplicates import thumbnails
from trainer.similarity.nearest import nearest_rows

_FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "DICOM", "NIFTI")
_MODES = ("L", "RGB", "RGBA", "P", "CMYK")
_TREES = 200


@dataclass(frozen=True)
class ControlFeatures:
    """What the controls see of N images: headers `[N, 5]`, intensity `[N, 7]`, flat uint8 thumbnails `[N, 4096]`."""

    headers: NDArray[np.float64]
    intensity: NDArray[np.float32]
    thumbnails: NDArray[np.uint8]


def control_predictions(
    samples: Sequence[Sample], pixels: NDArray[np.uint8], train: Sequence[int], test: Sequence[int]
) -> dict[str, list[str]]:
    """Fit the controls on the rows `train` and return their labels for the rows `test`.

    Width, height and bytes are those of the file; the rest comes from `pixels`, uint8 `[N, S, S, C]`.
    """
    small = thumbnails(pixels).reshape(len(pixels), -1)
    headers = np.array([_header(sample) for sample in samples])
    features = ControlFeatures(headers, intensity_statistics(small), small.astype(np.uint8))
    return predict_controls([sample.label for sample in samples], features, train, test)


def predict_controls(
    labels: Sequence[str], features: ControlFeatures, train: Sequence[int], test: Sequence[int]
) -> dict[str, list[str]]:
    """Fit three controls on the rows `train` and return their labels for the rows `test`.

    `header`: a random forest on width, height, bytes, mode and format.
    `intensity`: one on mean, standard deviation and five percentiles. `nearest-thumbnail`: the label of the nearest
    64 x 64 thumbnail.
    """
    known = np.array(labels)
    return {
        "header": _forest(features.headers, known, train, test),
        "intensity": _forest(features.intensity, known, train, test),
        "nearest-thumbnail": known[nearest_rows(features.thumbnails, train, test)].tolist(),
    }


def header_features(width: int, height: int, size: int, mode: str, format: str) -> list[int]:
    """Return the five facts of a header as numbers; `size` is in bytes."""
    mode_number = _MODES.index(mode) if mode in _MODES else len(_MODES)
    format_number = _FORMATS.index(format) if format in _FORMATS else len(_FORMATS)
    return [width, height, size, mode_number, format_number]


def intensity_statistics(flat: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return `[N, 7]` for flat thumbnails `[N, 4096]`."""
    values = flat.astype(np.float32)
    percentiles = np.percentile(values, [5, 25, 50, 75, 95], axis=1)
    return np.stack([values.mean(axis=1), values.std(axis=1), *percentiles], axis=1).astype(np.float32)


def _forest(
    values: NDArray[np.generic], labels: NDArray[np.str_], train: Sequence[int], test: Sequence[int]
) -> list[str]:
    """Fit and predict in one thread.

    Several would add the votes in an order that changes, and so break ties; and they disturb the process's warning
    filters, which are not safe between threads.
    """
    forest = RandomForestClassifier(_TREES, random_state=0).fit(values[train], labels[train])
    return [str(label) for label in forest.predict(values[test])]


def _header(sample: Sample) -> list[int]:
    size = sample.path.stat().st_size
    try:
        with Image.open(sample.path) as image:
            return header_features(image.width, image.height, size, image.mode, str(image.format))
    except UnidentifiedImageError:  # DICOM and NIfTI
        picture = decode(sample.path.read_bytes())
        return header_features(picture.width, picture.height, size, picture.image.mode, picture.format)
