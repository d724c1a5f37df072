"""A comparison as a readable table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainer.comparison.figures import interval, millions, p_value, percent

Row = Mapping[str, Any]


def format_comparison(report: Row) -> str:
    """Return the report of `trainer.comparison.report` as plain text."""
    return "\n".join([*_head(report), "", *_scores(report), "", *_costs(report), "", *_choice(report)])


def _head(report: Row) -> Iterator[str]:
    folds = len(report["folds"])
    how = f"{folds} folds, each image tested in one of them" if folds > 1 else "one hold-out"
    yield f"== {len(report['networks'])} networks: {report['images']} images in {report['groups']} groups, {how}"


def _scores(report: Row) -> Iterator[str]:
    rows = [("network", "accuracy (95 %)", "macro-F1", "worst recall", "behind best (95 %)", "McNemar p, Holm")]
    for name, row in report["networks"].items():
        rows.append((name, *_scored(row), *_behind(row["behind_best"])))
    for name, row in report["controls"].items():
        rows.append((f"control: {name}", *_scored(row), "", ""))
    return _aligned(rows)


def _scored(row: Row) -> tuple[str, str, str]:
    worst = row["worst_recall"]
    return (
        f"{percent(row['accuracy'])} ({interval(row['accuracy_95ci'])})",
        percent(row["macro_f1"]),
        f"{percent(worst['recall'])} {worst['class']}",
    )


def _behind(behind: Row | None) -> tuple[str, str]:
    if behind is None:
        return "best", ""
    p_values = f"{p_value(behind['mcnemar_p'])}, {p_value(behind['mcnemar_p_holm'])}"
    return f"{100 * behind['accuracy']:.1f} ({interval(behind['accuracy_95ci'])})", p_values


def _costs(report: Row) -> Iterator[str]:
    rows = [("network", "parameters", "MACs", "ONNX", "one image, one thread", "input", "network and head")]
    for name, row in report["networks"].items():
        low, high = row["latency_ms"]["quartiles"]
        time = f"{row['latency_ms']['median']:.2f} ms ({low:.2f} to {high:.2f})"
        size = f"{row['onnx_bytes'] / 1e6:.1f} MB"
        described = f"{row['backbone']}; {row['head']}"
        rows.append((name, millions(row["parameters"]), millions(row["macs"]), size, time, row["input"], described))
    return _aligned(rows)


def _choice(report: Row) -> Iterator[str]:
    choice = report["choice"]
    yield f"Rule: {choice['rule']}"
    yield f"Choice: {choice['chosen']}. {choice['reason']}"
    yield from report["caveats"]
    yield report["disclaimer"]


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
