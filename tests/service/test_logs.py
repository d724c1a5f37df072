import json
import logging
import sys

import pytest

from service.logs import JsonFormatter

SECRET = "DOE^JANE"


def line(name: str, message: str, *values: object, **fields: object) -> dict[str, object]:
    record = logging.LogRecord(name, logging.INFO, "/somewhere/module.py", 7, message, values, None)
    vars(record).update(fields)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_has_time_level_logger_event_and_allowed_fields() -> None:
    entry = line("service.access", "request", request_id="id-1", status=200, problem=None)

    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "info",
        "logger": "service.access",
        "event": "request",
        "request_id": "id-1",
        "status": 200,
    }


def test_a_field_that_is_not_on_the_list_is_left_out() -> None:
    assert SECRET not in str(line("service.access", "request", filename=SECRET, path=SECRET, patient=SECRET))


@pytest.mark.parametrize(
    ("logger", "event"),
    [
        ("service.errors", f"about {SECRET}"),
        ("uvicorn.error", f"about {SECRET}"),
        ("PIL.TiffImagePlugin", "message withheld, from module.py:7"),
        ("services", "message withheld, from module.py:7"),
    ],
)
def test_only_this_service_and_its_server_may_speak_freely(logger: str, event: str) -> None:
    assert line(logger, "about %s", SECRET)["event"] == event


def test_an_error_is_named_and_placed_but_not_quoted() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        entry = line("service.errors", "unexpected error", exc_info=sys.exc_info())

    assert entry["error"] == "ValueError"
    assert "test_an_error_is_named_and_placed_but_not_quoted" in str(entry["frames"])
    assert SECRET not in str(entry)
