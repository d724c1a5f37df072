"""How every plot of a report looks: small, legible, and told apart by line style as well as by colour."""

import io
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
"""Colours that the common colour-vision deficiencies tell apart (Okabe and Ito 2008)."""
STYLES = ("-", "--", "-.", ":")
CONTROL = "#767676"
_INCHES = (4.4, 3.6)
_DPI = 110


def new_plot(title: str, x_label: str, y_label: str, inches: tuple[float, float] = _INCHES) -> tuple[Figure, Axes]:
    """Return an empty figure and its axes."""
    figure = Figure(figsize=inches, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(x_label, fontsize=9)
    axes.set_ylabel(y_label, fontsize=9)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def line_style(number: int) -> dict[str, Any]:
    """Return colour and line style of the line `number` of a plot."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": STYLES[number % len(STYLES)]}


def unit_square(axes: Axes) -> None:
    """Show 0 to 1 on both axes."""
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)


def png_of(figure: Figure) -> bytes:
    """Return the figure as PNG."""
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
