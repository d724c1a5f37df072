"""Heat maps as PNG files in a folder."""

import base64
from pathlib import Path

from service.client.lines import NamedResult
from service.errors import ClientError

_DATA_URI = "data:image/png;base64,"


class OverlayFolder:
    """Takes the heat map out of each result and puts its file's path there instead."""

    def __init__(self, folder: Path) -> None:
        """Create the folder; raises ClientError."""
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._failed(error) from error

    def take(self, result: NamedResult, stem: str) -> NamedResult:
        """Write `STEM-INDEX.png`; raises ClientError where it cannot be written."""
        prediction = result.prediction
        if prediction is None or not (prediction.heatmap or "").startswith(_DATA_URI):
            return result
        path = self._folder / f"{stem}-{result.index}.png"
        try:
            path.write_bytes(base64.b64decode(str(prediction.heatmap).removeprefix(_DATA_URI)))
        except (OSError, ValueError) as error:
            raise self._failed(error) from error
        kept = prediction.model_copy(update={"heatmap": str(path)})
        return result.model_copy(update={"prediction": kept})

    def _failed(self, error: OSError | ValueError) -> ClientError:
        return ClientError(f"--explain {self._folder}: {getattr(error, 'strerror', None) or error}.")
