"""The report as one HTML page that needs nothing from elsewhere: style, plots and pictures are inside."""

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

from service import DISCLAIMER
from service.imaging.overlay import data_uri
from service.model_file import Card
from trainer.evaluation.bootstrap import FEW_GROUPS
from trainer.evaluation.gallery import Case
from trainer.evaluation.plots import sections_of

_CAPTIONS = {
    "accuracy": "Share of right answers. Grey marks are controls that do not look at the anatomy: only what lies above "
    "them is knowledge of the anatomy.",
    "confusion": "Rows are the truth; the percentage is the share of that row, the diagonal the recall.",
    "roc": "Over all thresholds. 1.0 is perfect, 0.5 is chance.",
    "precision_recall": "Harder to please than ROC where a class is rare. The thin lines are what chance reaches.",
    "reliability": "Points on the diagonal mean what they say: of the answers given with 80 %, 80 % are right.",
    "abstention": "What remains wrong when the least sure answers are withheld.",
    "prediction_sets": "Each set should hold the true class for 95 % of images like those of the validation split.",
    "localisation": "Hits of the heat map's hottest place on the tumour outline, beside two controls that do not look.",
}


def render(
    card: Card, sha256: str | None, report: Mapping[str, Any], plots: Mapping[str, bytes], cases: Sequence[Case]
) -> str:
    """Return the page for `report`, with `plots` by name and the gallery of `cases`.

    Without the `sha256` of one model file it names those of `report["folds"]`.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": percent, "interval": interval, "decimal": decimal}
    template = (resources.files("trainer.evaluation") / "report.html.j2").read_text("utf-8")
    return environment.from_string(template).render(
        card=card,
        sha256=sha256,
        report=report,
        sections=sections_of(report),
        plots=[(name, data_uri(plots[name]), caption) for name, caption in _CAPTIONS.items() if name in plots],
        cases=cases,
        disclaimer=DISCLAIMER,
        few_groups=FEW_GROUPS,
    )


def percent(value: float | None) -> str:
    """Return 0.5 as "50.0 %", None as a dash."""
    return "-" if value is None else f"{100 * value:.1f} %"


def decimal(value: float | None) -> str:
    """Return three decimals, None as a dash."""
    return "-" if value is None else f"{value:.3f}"


def interval(bounds: Sequence[float] | None) -> str:
    """Return "40.0 to 60.0", None as "one group"."""
    return "one group" if bounds is None else f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f}"
