"""Results as a table for people."""

from collections.abc import Iterator
from typing import TextIO

from service import DISCLAIMER
from service.client.lines import NamedResult, SummaryLine
from service.schemas import Prediction

_WIDEST_NAME = 48
_HEADINGS = ("FRAME", "DECISION", "PROBABILITY", "TUMOUR", "NOVELTY", "REMARKS")
_CELLS = "{:>5}  {:<16} {:>11} {:>7} {:>8}  {}"


class Table:
    """Prints a row for each result, at once; a refused image says why."""

    def __init__(self, out: TextIO, names: list[str]) -> None:
        """Give the first column the width of the longest of `names`, within reason."""
        self._out = out
        self._width = min(max(map(len, [*names, "FILE"])) + 6, _WIDEST_NAME)

    def begin(self) -> None:
        """Print the headings."""
        self._row("FILE", _CELLS.format(*_HEADINGS))

    def result(self, result: NamedResult) -> None:
        """Print one image."""
        name = result.path if result.entry is None else f"{result.path} #{result.entry}"
        self._row(_printable(name), _cells(result))

    def end(self, summary: SummaryLine) -> None:
        """Print how many were answered, by which model, and what the answers are not for."""
        counts, model = summary.summary, summary.model
        self._line(f"{counts.images} images: {counts.answered} answered, {counts.refused} refused")
        if model:
            self._line(f"Model {_printable(model.name)} {_printable(model.version)}, sha256 {model.sha256[:12]}.")
        self._line(DISCLAIMER)

    def _row(self, name: str, cells: str) -> None:
        shown = name if len(name) <= self._width else "..." + name[3 - self._width :]
        self._line(f"{shown:<{self._width}}  {cells}")

    def _line(self, text: str) -> None:
        self._out.write(text.rstrip() + "\n")
        self._out.flush()


def _cells(result: NamedResult) -> str:
    frame = "-" if result.frame is None else str(result.frame)
    if result.prediction is not None:
        return _CELLS.format(frame, *map(_printable, _answer(result.prediction)))
    problem = result.problem
    detail = f"{problem.title}: {problem.detail}" if problem else ""
    return _CELLS.format(frame, f"refused ({result.status})", "-", "-", "-", _printable(detail))


def _answer(prediction: Prediction) -> Iterator[str]:
    tumour = prediction.tumor_probability
    yield prediction.decision
    yield f"{prediction.probability:.3f}"
    yield "-" if tumour is None else f"{tumour:.3f}"
    yield f"{prediction.novelty:.2f}"
    yield ", ".join(warning.code for warning in prediction.warnings)


def _printable(text: str) -> str:
    """Replace what could steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
