"""How the figures of a comparison are written."""

from collections.abc import Sequence

from trainer.comparison.differences import Difference


def percent(value: float | None) -> str:
    """Return 0.5 as "50.0 %", None as a dash."""
    return "-" if value is None else f"{100 * value:.1f} %"


def interval(bounds: Sequence[float] | None) -> str:
    """Return the bounds of a share in percent, or of a difference in points."""
    return "one group" if bounds is None else f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f}"


def points(difference: Difference) -> str:
    """Return a difference of accuracies in percentage points, with its interval."""
    bounds = difference.interval
    spread = f"95 % interval {interval(bounds)}" if bounds else "a single group: no interval"
    return f"{100 * difference.value:.1f} points ({spread})"


def p_value(value: float) -> str:
    """Return three decimals, or that it is smaller."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def millions(value: int) -> str:
    """Return a count in millions."""
    return f"{value / 1e6:.2f} M" if value < 1e8 else f"{value / 1e6:.0f} M"
