"""`POST /render`: a frame as it is meant to be shown."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from service.imaging import decode
from tests import pictures
from tests.pictures import dark, encode, good_png
from tests.service.imaging.dicom.objects import dicom, ramp, shown
from tests.service.imaging.nifti.volumes import counting, nifti, zipped
from tests.serving import GatedClassifier, serve, settings_for


def rendered(response: httpx.Response) -> np.ndarray:
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png"), response.text
    return np.asarray(Image.open(io.BytesIO(response.content)))


def test_a_dicom_frame_is_shown_in_8_bits(client: httpx.Client) -> None:
    response = client.post("/render", files={"file": dicom(ramp())})

    np.testing.assert_array_equal(rendered(response), shown(ramp()))
    assert (response.headers["X-Frames"], response.headers["Cache-Control"]) == ("1", "no-store")


@pytest.mark.parametrize(
    ("data", "aspect"),
    [
        (dicom(ramp(), PixelSpacing=[2.0, 0.5]), "4"),
        (dicom(ramp(), PixelSpacing=[0.9, 0.9]), "1"),
        (dicom(ramp(), PixelSpacing=[0.0, 1.0]), "1"),
        (dicom(ramp(), PixelSpacing=[100.0, 0.1]), "1"),
        (dicom(ramp()), "1"),
        (nifti(counting(), affine=np.diag([1.0, 3.0, 1.0, 1.0])), "3"),
        (good_png(), "1"),
    ],
)
def test_the_shape_of_the_pixels_is_told(client: httpx.Client, data: bytes, aspect: str) -> None:
    assert client.post("/render", content=data).headers["X-Pixel-Aspect"] == aspect


@pytest.mark.parametrize("frame", [0, 4, 5])
def test_any_slice_of_a_volume_can_be_asked_for(client: httpx.Client, frame: int) -> None:
    volume = zipped(nifti(counting((4, 5, 6))))

    response = client.post("/render", params={"frame": frame}, content=volume)

    np.testing.assert_array_equal(rendered(response), np.asarray(decode(volume, frame=frame).image))
    assert response.headers["X-Frames"] == "6"


def test_several_slices_come_as_one_picture(client: httpx.Client) -> None:
    volume = nifti(counting((4, 5, 6)))

    sheet = rendered(client.post("/render", params={"frame": 2, "count": 3}, content=volume))

    expected = np.concatenate([np.asarray(decode(volume, frame=frame).image) for frame in (2, 3, 4)])
    np.testing.assert_array_equal(sheet, expected)


@pytest.mark.parametrize(
    ("kind", "max_edge", "size"),
    [("PNG", 40, (33, 40)), ("JPEG", 41, (34, 41)), ("PNG", 96, (80, 96)), ("PNG", 500, (80, 96))],
)
def test_a_picture_is_scaled_down_but_never_up(
    client: httpx.Client, kind: str, max_edge: int, size: tuple[int, int]
) -> None:
    response = client.post("/render", params={"max_edge": max_edge}, content=encode(dark(), kind))

    assert rendered(response).shape[::-1] == size


def test_it_lies_under_the_overlay_pixel_by_pixel(client: httpx.Client) -> None:
    scan = encode(dark(1500, 700))

    base = rendered(client.post("/render", params={"max_edge": 1024}, content=scan))
    answer = client.post("/predict", params={"explain": True, "opacity": 0}, content=scan).json()

    overlay = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["heatmap"].partition(",")[2]))))
    np.testing.assert_array_equal(overlay, np.repeat(base[..., None], 3, axis=-1))


def test_what_the_model_would_refuse_is_shown(client: httpx.Client) -> None:
    np.testing.assert_array_equal(rendered(client.post("/render", content=encode(pictures.blank()))), pictures.blank())


REFUSED: dict[str, tuple[Callable[[], bytes], dict[str, object], int, str]] = {
    "no body": (lambda: b"", {}, 400, "malformed-request"),
    "text": (lambda: b"Dear colleague", {}, 415, "unsupported-format"),
    "truncated": (pictures.truncated_jpeg, {}, 422, "unreadable-image"),
    "too many pixels": (pictures.oversized_png, {}, 413, "too-many-pixels"),
    "25 MB": (lambda: bytes(25 * 1024 * 1024), {}, 413, "payload-too-large"),
    "no such frame": (good_png, {"frame": 1}, 422, "invalid-request"),
    "frame -1": (good_png, {"frame": -1}, 422, "invalid-request"),
    "no frames": (good_png, {"count": 0}, 422, "invalid-request"),
    "65 frames": (good_png, {"count": 65}, 422, "invalid-request"),
    "no edge": (good_png, {"max_edge": 0}, 422, "invalid-request"),
    "max_egde": (good_png, {"max_egde": 9}, 422, "invalid-request"),
}


@pytest.mark.parametrize(("body", "params", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_shown_gets_a_problem(
    client: httpx.Client, body: Callable[[], bytes], params: dict[str, object], status: int, code: str
) -> None:
    response = client.post("/render", params=params, content=body())  # type: ignore[arg-type]

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["type"] == f"/problems/{code}"


def test_it_takes_a_place_in_the_same_queue_but_asks_no_model(model_path: Path) -> None:
    classifier = GatedClassifier(model_path)
    with serve(settings_for(model_path, threads=1, queue_length=0), classifier) as (client, runtime):
        assert client.post("/render", content=good_png()).status_code == 200
        runtime.admission.drain()
        refused = client.post("/render", content=good_png())

        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/not-ready")
        assert classifier.entered == 0
