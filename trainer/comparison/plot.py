"""Accuracy against time, the choice at a glance."""

from collections.abc import Mapping
from typing import Any

from trainer.evaluation.drawing import COLOURS, CONTROL, STYLES, new_plot, png_of

_MARKS = "osD^vPX*"


def accuracy_against_time(report: Mapping[str, Any]) -> bytes:
    """Return a PNG: each network with its 95 % interval, the chosen one filled; lines are what the controls reach."""
    figure, axes = new_plot("Accuracy against time", "ms an image, one thread", "accuracy, 95 % interval", (7.6, 4.0))
    for number, (name, row) in enumerate(report["networks"].items()):
        low, high = row["accuracy_95ci"] or [row["accuracy"]] * 2
        axes.errorbar(
            [row["latency_ms"]["median"]],
            [row["accuracy"]],
            [[row["accuracy"] - low], [high - row["accuracy"]]],
            fmt=_MARKS[number % len(_MARKS)],
            color=COLOURS[number % len(COLOURS)],
            markerfacecolor=None if name == report["choice"]["chosen"] else "white",
            capsize=4,
            label=name,
        )
    for number, (name, row) in enumerate(report["controls"].items()):
        style = STYLES[number % len(STYLES)]
        axes.axhline(row["accuracy"], color=CONTROL, linestyle=style, linewidth=0.9, label=f"control: {name}")
    axes.margins(x=0.2)
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1.02)
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.01, 1))
    return png_of(figure)
