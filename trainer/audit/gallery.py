"""Which pictures the page shows, as `data:` URIs, so that the page is one file."""

import base64
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from service.errors import ProblemError
from service.imaging import decode
from trainer.audit.levels import DESCRIPTIONS, RELATIONS
from trainer.audit.survey import Survey

EDGE = 160
_QUALITY = 80
_PAIRS_SHOWN = 8
_SAMPLES_SHOWN = 10
_SUSPECTS_SHOWN = 24
_MEANINGS = {
    RELATIONS[1]: "Label conflicts: the same picture in two classes",
    RELATIONS[2]: "Leaks: the same picture in two splits",
    RELATIONS[3]: "The same picture in two data sets",
    RELATIONS[0]: "Repeats inside a class",
}


@dataclass(frozen=True)
class Shown:
    """A picture with what stands below it; `uri` is empty where the file can no longer be read."""

    uri: str
    lines: tuple[str, ...]


def shown(path: Path, *lines: str) -> Shown:
    """Return the picture of a file, at most 160 pixels on its longer edge."""
    return Shown(_data_uri(path), (path.name, *lines))


def pair_sections(report: dict[str, Any]) -> list[tuple[str, int, list[tuple[str, Shown, Shown]]]]:
    """Return (title, number of pairs, the first of them) for each level of each relation that has any."""
    sections = []
    for relation, title in _MEANINGS.items():
        for level in DESCRIPTIONS.values():
            count = report["repeats"]["levels"][level]["pairs_by_relation"][relation]
            pairs = [p for p in report["repeats"]["pairs"] if (p["level"], p["relation"]) == (level, relation)]
            if count:
                sections.append((f"{title} ({level})", count, [_pair(pair) for pair in pairs[:_PAIRS_SHOWN]]))
    return sections


def class_sections(survey: Survey) -> list[tuple[str, list[Shown]]]:
    """Return the same random pictures of each class for the same files."""
    chance = random.Random(0)
    sections = []
    for label in sorted({sample.label for sample in survey.usable_samples}):
        paths = [sample.path for sample in survey.usable_samples if sample.label == label]
        chosen = chance.sample(paths, min(_SAMPLES_SHOWN, len(paths)))
        sections.append((label, [shown(path) for path in chosen]))
    return sections


def suspects(entries: Sequence[dict[str, Any]]) -> list[Shown]:
    """Return the most doubtful labels."""
    return [
        shown(Path(entry["file"]), f"labelled {entry['class']}", f"rather {entry['suggested']}")
        for entry in entries[:_SUSPECTS_SHOWN]
    ]


def _pair(pair: dict[str, Any]) -> tuple[str, Shown, Shown]:
    places = zip(pair["files"], pair["classes"], pair["splits"], pair["data_sets"], strict=True)
    one, other = (shown(Path(file), label, f"{source}, {split or 'no split'}") for file, label, split, source in places)
    return pair["level"], one, other


def _data_uri(path: Path) -> str:
    try:
        picture = decode(path.read_bytes(), target=EDGE).image
    except (OSError, ProblemError):
        return ""
    picture.thumbnail((EDGE, EDGE), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
