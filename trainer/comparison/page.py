"""A comparison as one HTML page that needs nothing from elsewhere. It shows no image of the data."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

from service.imaging.overlay import data_uri
from trainer.comparison.figures import interval, millions, p_value, percent
from trainer.comparison.plot import accuracy_against_time


def render(report: Mapping[str, Any]) -> str:
    """Return the page for the report of `trainer.comparison.report`; every name is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": percent, "interval": interval, "p_value": p_value, "millions": millions}
    template = (resources.files("trainer.comparison") / "comparison.html.j2").read_text("utf-8")
    return environment.from_string(template).render(report=report, plot=data_uri(accuracy_against_time(report)))
