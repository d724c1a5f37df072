"""Small files of large slices."""

from pathlib import Path

import numpy as np
import pytest

from service.imaging.nifti.volume import grey_range
from tests.service.imaging.memory import added_mib
from tests.service.imaging.nifti.volumes import nifti, zipped


@pytest.mark.parametrize("dtype", ["u1", "i2"])
def test_a_large_slice_takes_little_more_than_its_voxels_and_its_picture(dtype: str, tmp_path: Path) -> None:
    edge = 4000
    path = tmp_path / "flat.nii.gz"
    path.write_bytes(zipped(nifti(np.tile(np.arange(4, dtype=dtype), (edge, edge // 4))[..., None])))
    voxels = edge * edge * np.dtype(dtype).itemsize >> 20

    assert path.stat().st_size < 200_000
    assert added_mib(path) < 3 * voxels + 120


def test_the_range_of_a_flat_volume_is_that_of_at_most_two_million_voxels(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(
        "service.imaging.nifti.volume.in_units", lambda stored, _: (sizes.append(stored.size), stored.astype(float))[1]
    )

    grey_range(np.zeros((4000, 4000, 1), np.uint8), None)  # type: ignore[arg-type]
    grey_range(np.zeros((1 << 21, 1, 1), np.uint8), None)  # type: ignore[arg-type]

    assert sizes == [1334 * 1334, 1 << 21]  # every third, every one
