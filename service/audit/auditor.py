"""Write the lines of the audit log, and say loudly when one could not be written."""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Protocol

from service.audit.log import AuditLog
from service.audit.note import ANSWERED, Asker, ImageNote
from service.errors import AuditUnavailable
from service.settings import Settings

SCHEMA = 1
RETRY_S = 30
_LOG = logging.getLogger("service.audit")


class AuditFigures(Protocol):
    """What is counted."""

    def audit_failure(self) -> None:
        """A line could not be written."""

    def image(self, outcome: str) -> None:
        """An image was answered or refused."""


class Auditor:
    """Without a log it only counts; with `required` what cannot be logged is not answered."""

    def __init__(self, log: AuditLog | None, required: bool, figures: AuditFigures) -> None:
        self.log = log
        self._required = required
        self._figures = figures

    def request(self, asker: Asker, note: ImageNote, outcome: str, status: int, seconds: float) -> None:
        """Log one request when its outcome is clear; raises AuditUnavailable. May wait for a disk."""
        answered = outcome == ANSWERED
        self._write("request", asker, {"outcome": outcome, "status": status, **note.fields(answered)}, seconds)

    def image(self, asker: Asker, index: int, note: ImageNote, outcome: str, seconds: float) -> None:
        """Count and log one image of many, from any thread; raises AuditUnavailable.

        `outcome` is ANSWERED or the code of a problem, `index` that of the result in the batch.
        """
        fields = {"outcome": outcome, "index": index, **note.fields(outcome == ANSWERED)}
        try:
            self._write("image", asker, fields, seconds)
        except AuditUnavailable as error:
            self.count(error.code if outcome == ANSWERED else outcome)
            raise
        self.count(outcome)

    def count(self, outcome: str) -> None:
        """Count one image."""
        self._figures.image(outcome)

    def _write(self, event: str, asker: Asker, fields: dict[str, Any], seconds: float) -> None:
        if self.log is None:
            return
        line = {
            "audit": SCHEMA,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event,
            "request_id": asker.request_id,
            "caller": asker.caller,
            "route": asker.route,
            **fields,
            "duration_ms": round(seconds * 1000, 1),
        }
        try:
            self.log.append(json.dumps(line).encode() + b"\n")
        except OSError as error:
            self._figures.audit_failure()
            _LOG.error("the audit log cannot be written", extra={"request_id": asker.request_id}, exc_info=error)
            if self._required:
                raise AuditUnavailable(
                    "The answer cannot be logged, so it is not given. Try again later; the operator finds the cause in "
                    "the service's log.",
                    retry_after_s=RETRY_S,
                ) from error


def build_auditor(settings: Settings, figures: AuditFigures) -> Auditor:
    """Open the log; raises SettingsError when it cannot be."""
    log = AuditLog(settings.audit_log) if settings.audit_log else None
    return Auditor(log, settings.audit_required, figures)
