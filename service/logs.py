"""JSON lines on standard output, from an allow-list of fields.

A log may leave the hospital. So it holds no file name, no path or query a client sent, no header value but a sane
request id, no image content, and no text of an unexpected error, which might quote any of these.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.library_logs import silence_image_libraries

FIELDS = (
    "request_id",
    "method",
    "route",
    "status",
    "problem",
    "duration_ms",
    "host",
    "port",
    "threads",
    "worker",
    "model",
    "version",
    "sha256",
    "settings",
    "requests",
    "images",
    "refused",
    "auth",
    "tls",
    "reason",
    "setting",
    "outcome",
    "series",
    "study",
    "classified",
    "every_s",
    "destination",
    "http_port",
)
_TRUSTED = ("service", "uvicorn")


def configure_logging(level: int = logging.INFO) -> None:
    """Send every logger of the process, uvicorn's included, through one handler that writes JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    silence_image_libraries()
    logging.raiseExceptions = False


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time, level, logger, event, the allowed fields, the type and place of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        values = {name: getattr(record, name, None) for name in FIELDS}
        entry |= {name: value for name, value in values.items() if value is not None}
        if record.exc_info and record.exc_info[1] is not None:
            entry |= _place(record.exc_info[1])
        return json.dumps(entry)


def _event(record: logging.LogRecord) -> str:
    """Return the message of this service and its server; other libraries may quote their input."""
    if record.name.partition(".")[0] in _TRUSTED and isinstance(record.msg, str):
        return record.getMessage().strip()
    return f"message withheld, from {Path(record.pathname).name}:{record.lineno}"


def _place(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "frames": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
