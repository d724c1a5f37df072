"""Counts per class, split and data set; formats, modes and sizes of the files."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from trainer.audit.data_sets import split_on_disk
from trainer.audit.inspection import PROBLEMS, Facts
from trainer.audit.survey import Survey
from trainer.data.sample import SPLITS

NO_SPLIT = "no split"
_SIZES_SHOWN = 10


def overview(survey: Survey) -> dict[str, Any]:
    """Describe the files without comparing them. Counts of classes are of usable files."""
    classes = {label: _class(survey, label) for label in sorted({sample.label for sample in survey.samples})}
    counts = [entry["usable"] for entry in classes.values()]
    return {
        "files": len(survey.samples),
        "usable": len(survey.usable),
        "classes": classes,
        "imbalance": max(counts) / min(counts) if min(counts) else None,
        "data_sets": _nested((s.source, s.label) for s in survey.usable_samples),
        **_storage(survey.usable_facts),
        "bad": {problem: sum(facts.problem == problem for _, facts in survey.bad) for problem in PROBLEMS},
        "bad_files": [{"file": str(s.path), "problem": f.problem, "reason": f.reason} for s, f in survey.bad],
        "mislabelled": [{"file": str(s.path), "content": f.format} for s, f in survey.usable if f.mislabelled],
    }


def _class(survey: Survey, label: str) -> dict[str, Any]:
    usable = [(sample, facts) for sample, facts in survey.usable if sample.label == label]
    splits = Counter(split_on_disk(sample) or NO_SPLIT for sample, _ in usable)
    return {
        "files": sum(sample.label == label for sample in survey.samples),
        "usable": len(usable),
        "share": len(usable) / len(survey.usable),
        "splits": {split: splits[split] for split in (*SPLITS, NO_SPLIT) if splits[split]},
        **_storage([facts for _, facts in usable]),
    }


def _storage(facts: list[Facts]) -> dict[str, Any]:
    sizes = Counter(f"{fact.width} x {fact.height}" for fact in facts)
    return {
        "formats": dict(Counter(fact.format for fact in facts).most_common()),
        "modes": dict(Counter(fact.mode for fact in facts).most_common()),
        "sizes": dict(sizes.most_common(_SIZES_SHOWN)),
        "different_sizes": len(sizes),
        "median_bytes": int(np.median([fact.size for fact in facts])) if facts else None,
    }


def _nested(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for (source, label), count in sorted(Counter(pairs).items()):
        table.setdefault(source, {})[label] = count
    return table
