"""Refusal rates as plain data and as a table."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from service.classifier import Classifier
from trainer.evaluation.bootstrap import FEW_GROUPS, share_interval
from trainer.refusals.tally import Tally, joined

_PERCENTILES = (5, 50, 95)


def make_report(classifier: Classifier, kinds: Sequence[Tally], scans: Sequence[Tally]) -> dict[str, Any]:
    """Return the rates of the kinds that should be refused and of the scans that should not, as JSON data."""
    card = classifier.card
    return {
        "model": {"name": card.name, "version": card.version, "sha256": classifier.sha256},
        "threshold": card.thresholds.novelty,
        "kinds": {one.kind: _figures(one) for one in kinds},
        "scans": {
            "overall": _figures(joined("all", scans)) if scans else None,
            "sources": {one.kind: _figures(one) for one in scans},
        },
        "disclaimer": card.disclaimer,
    }


def format_report(report: dict[str, Any]) -> str:
    """Return the report as plain text."""
    model, scans = report["model"], report["scans"]
    lines = [
        f"{model['name']} {model['version']}, sha256 {model['sha256'][:12]}: refused as novel above "
        f"{report['threshold']:g}"
    ]
    if report["kinds"]:
        lines += ["", *_table("no MRI, to be refused", report["kinds"])]
    if scans["overall"]:
        several = {"all": scans["overall"]} if len(scans["sources"]) > 1 else {}
        lines += ["", *_table("scans, to be answered", scans["sources"] | several)]
        lines += _over_groups(scans["overall"])
    return "\n".join([*lines, "", report["disclaimer"]])


def _figures(one: Tally) -> dict[str, Any]:
    judged = len(one.novelty)
    percentiles = np.percentile(one.novelty, _PERCENTILES).tolist() if judged else [None] * len(_PERCENTILES)
    return {
        "files": judged + one.otherwise.total(),
        "judged": judged,
        "refused": int(one.refused.sum()),
        "rate": one.rate,
        "rate_95ci": one.interval,
        "groups": len(set(one.groups)) if one.groups else None,
        "rate_95ci_over_groups": share_interval(one.refused, None, one.groups) if one.groups else None,
        "novelty_percentiles": dict(zip(map(str, _PERCENTILES), percentiles, strict=True)),
        "refused_otherwise": dict(sorted(one.otherwise.items())),
    }


def _table(title: str, rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    width = max(len(name) for name in (title, *rows)) + 2
    yield f"{title:<{width}}{'judged':>8}{'refused':>9}{'rate':>8}   {'95 % interval':<16}novelty at 5, 50, 95 %"
    for name, row in rows.items():
        novelty = ", ".join("-" if value is None else f"{value:.2f}" for value in row["novelty_percentiles"].values())
        others = ", ".join(f"{count} {code}" for code, count in row["refused_otherwise"].items())
        yield (
            f"{name:<{width}}{row['judged']:>8}{row['refused']:>9}{_percent(row['rate']):>8}   "
            f"{_interval(row['rate_95ci']):<16}{novelty}" + (f"; not judged: {others}" if others else "")
        )


def _over_groups(scans: dict[str, Any]) -> Iterator[str]:
    if scans["groups"] is None:
        yield "No groups are given: the intervals are over images, too narrow where images share patients."
    elif scans["rate_95ci_over_groups"]:
        few = f", too narrow for fewer than {FEW_GROUPS} groups" if scans["groups"] < FEW_GROUPS else ""
        yield f"over {scans['groups']} groups instead of images: {_interval(scans['rate_95ci_over_groups'])}{few}"


def _interval(bounds: list[float] | None) -> str:
    return f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f}" if bounds else "-"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}%"
