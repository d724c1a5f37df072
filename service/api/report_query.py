"""The query parameter that chooses between the DICOM objects, and how what was chosen is made."""

from typing import Any, Literal

from pydantic import Field

from service.reports.hl7_message import Hl7Options
from service.reports.offers import Offer, offer
from service.settings import Settings

ReportKind = Literal["report", "secondary-capture"]
REPORT_KIND: Any = Field(default="report", description="which DICOM object answers `Accept: application/dicom`")


def report_offer(media_type: str, kind: ReportKind, settings: Settings) -> Offer:
    """Return how the object of that media type is made, as the settings want messages."""
    options = Hl7Options(settings.hl7_facility, settings.hl7_receiver, int(settings.hl7_accession_field))
    return offer(media_type, kind == "secondary-capture", options)
