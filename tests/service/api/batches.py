"""Requests to `POST /predict/batch`, and classifiers that a test holds up."""

import io
import threading
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from service.classifier import Classifier, Result
from service.imaging import Picture
from tests.pictures import dark, encode
from tests.service.imaging.nifti.volumes import nifti
from tests.serving import PATIENCE_S

SLICES = [dark(seed=seed) for seed in range(3)]
FILES = [encode(pixels) for pixels in SLICES]
PATIENT = "DOE^JANE"
NDJSON = {"Accept": "application/x-ndjson"}


def form(*files: bytes) -> dict[str, Any]:
    return {"files": [("files", (f"{PATIENT}-{number}.png", data)) for number, data in enumerate(files)]}


def body(data: bytes, media_type: str | None = None) -> dict[str, Any]:
    return {"content": data, "headers": {"Content-Type": media_type} if media_type else {}}


def pages(kind: str) -> bytes:
    first, *others = (Image.fromarray(pixels) for pixels in SLICES)
    file = io.BytesIO()
    first.save(file, kind, save_all=True, append_images=others)
    return file.getvalue()


def volume() -> bytes:
    return nifti(np.stack(SLICES, -1))


class Turnstile(Classifier):
    """Lets the first image pass, and every other one only when it is told to."""

    def __init__(self, model_path: Path, pass_first: int = 1) -> None:
        super().__init__(model_path)
        self.passes = threading.Semaphore(pass_first)
        self.entered = 0

    def classify(self, picture: Picture, explain: bool = False) -> Result:
        self.entered += 1
        if not self.passes.acquire(timeout=PATIENCE_S):
            raise TimeoutError("nobody let the image pass")
        return super().classify(picture, explain)


class Failing(Classifier):
    """Fails on the second image, with a message that nobody may see."""

    calls = 0

    def classify(self, picture: Picture, explain: bool = False) -> Result:
        self.calls += 1
        if self.calls == 2:
            raise RuntimeError(PATIENT)
        return super().classify(picture, explain)
