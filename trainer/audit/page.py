"""The audit as one HTML file that needs nothing else: no script, no network."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from trainer.atomic import replacing
from trainer.audit.auditing import Audit
from trainer.audit.console import honesty, percent
from trainer.audit.gallery import class_sections, pair_sections, suspects
from trainer.audit.levels import RELATIONS


def write_page(path: Path, report: dict[str, Any], found: Audit) -> None:
    """Write the page with its pictures; an existing file is replaced only when the new one is whole."""
    text = render(report, found)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def render(report: dict[str, Any], found: Audit) -> str:
    """Return the page as HTML; every name from the data set is escaped."""
    environment = Environment(
        loader=PackageLoader("trainer.audit"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["percent"] = percent
    errors = report["label_errors"]
    return environment.get_template("audit.html").render(
        report=report,
        relations=RELATIONS,
        pair_sections=pair_sections(report),
        class_sections=class_sections(found.survey),
        suspects=suspects(errors["suspects"]) if errors else [],
        honesty=honesty(errors) if errors else "",
    )
