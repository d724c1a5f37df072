"""The audit as plain data: what `--json` writes, the console prints and the page shows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from trainer.audit.auditing import Audit
from trainer.audit.data_sets import split_on_disk
from trainer.audit.levels import ACROSS_CLASSES, ACROSS_SPLITS, DESCRIPTIONS, INSIDE_CLASS, RELATIONS, Level
from trainer.audit.overview import overview
from trainer.audit.tally import LISTED

DISCLAIMER = "Research use only. Not for diagnostic use."


def make_report(data: Sequence[Path], found: Audit) -> dict[str, Any]:
    """Return the findings as JSON data. Paths are as given on the command line."""
    return {
        "data": [str(place) for place in data],
        **overview(found.survey),
        "repeats": _repeats(found),
        "leaks": _leaks(found),
        "probe": asdict(found.probe) if found.probe else None,
        "label_errors": _label_errors(found),
        "clean": _clean(found),
        "disclaimer": DISCLAIMER,
    }


def _repeats(found: Audit) -> dict[str, Any]:
    """Count pairs and files; a pair has one level, a file can be in pairs of several."""
    tally = found.tally
    repeated = tally.files[:, [INSIDE_CLASS, ACROSS_CLASSES]].any(axis=(0, 1))
    return {
        "levels": {
            DESCRIPTIONS[level]: {
                "pairs": int(tally.pairs[level, [INSIDE_CLASS, ACROSS_CLASSES]].sum()),
                "pairs_by_relation": _by_relation(tally.pairs[level]),
                "files_by_relation": _by_relation(tally.files[level].sum(axis=1)),
            }
            for level in Level
        },
        "files_with_a_repeat": int(repeated.sum()),
        "groups": len(set(found.alike.tolist())),
        "label_conflicts": int(tally.files[:, ACROSS_CLASSES].any(axis=0).sum()),
        "listed_at_most": LISTED,
        "pairs": [
            _pair(found, level, relation, *rows)
            for (level, relation), listed in sorted(tally.listed.items())
            for rows in listed
        ],
    }


def _by_relation(counts: Sequence[int]) -> dict[str, int]:
    return {name: int(count) for name, count in zip(RELATIONS, counts, strict=True)}


def _pair(found: Audit, level: Level, relation: int, first: int, second: int) -> dict[str, Any]:
    samples = [found.survey.usable_samples[row] for row in (first, second)]
    return {
        "level": DESCRIPTIONS[level],
        "relation": RELATIONS[relation],
        "files": [str(sample.path) for sample in samples],
        "classes": [sample.label for sample in samples],
        "splits": [split_on_disk(sample) for sample in samples],
        "data_sets": [sample.source for sample in samples],
    }


def _leaks(found: Audit) -> dict[str, dict[str, Any]]:
    """Say for each split how many of its files show what a file of another split shows; the strongest level counts."""
    splits = np.array([split_on_disk(sample) or "" for sample in found.survey.usable_samples])
    leaking = found.tally.files[:, ACROSS_SPLITS]
    table: dict[str, dict[str, Any]] = {}
    for split in sorted(set(splits.tolist()) - {""}):
        flags = leaking[:, splits == split]
        strongest = np.where(flags.any(axis=0), flags.argmax(axis=0), -1)
        table[split] = {
            "files": flags.shape[1],
            "repeated": int((strongest >= 0).sum()),
            "levels": {DESCRIPTIONS[level]: int((strongest == level).sum()) for level in Level},
        }
    return table if len(table) > 1 else {}


def _label_errors(found: Audit) -> dict[str, Any] | None:
    if found.label_errors is None:
        return None
    samples = found.survey.usable_samples
    return {
        "known_sources": found.label_errors.known_sources,
        "suspects": [
            {
                "file": str(samples[suspect.row].path),
                "class": samples[suspect.row].label,
                "confidence": suspect.confidence,
                "suggested": suspect.suggested,
                "suggested_probability": suspect.suggested_probability,
            }
            for suspect in found.label_errors.suspects
        ],
    }


def _clean(found: Audit) -> dict[str, Any]:
    samples, cleaning = found.survey.usable_samples, found.cleaning
    kept = Counter(sample.label for sample, stays in zip(samples, cleaning.kept, strict=True) if stays)
    copies = [(row, int(cleaning.copy_of[row])) for row in np.flatnonzero(~cleaning.kept & ~cleaning.contradictory)]
    return {
        "kept": int(cleaning.kept.sum()),
        "kept_by_class": dict(sorted(kept.items())),
        "bad": len(found.survey.bad),
        "copies": [
            {"file": str(samples[row].path), "copy_of": str(samples[original].path)} for row, original in copies
        ],
        "contradictory": [str(samples[row].path) for row in np.flatnonzero(cleaning.contradictory)],
    }
