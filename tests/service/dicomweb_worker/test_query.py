"""Which studies are searched for."""

from datetime import date

import pytest

from service.dicomweb_worker.query import read_query
from service.errors import SettingsError

TODAY = date(2026, 3, 1)


def test_filters_and_days_become_parameters() -> None:
    query = read_query(["ModalitiesInStudy=MR", "StudyDescription=*brain*"], 2)

    assert query.parameters(TODAY) == {
        "ModalitiesInStudy": "MR",
        "StudyDescription": "*brain*",
        "StudyDate": "20260227-",
    }


def test_without_days_the_date_is_free() -> None:
    assert "StudyDate" not in read_query([], None).parameters(TODAY)


@pytest.mark.parametrize(
    ("given", "days", "said"),
    [
        (["ModalitiesInStudy"], 2, "KEYWORD=VALUE"),
        (["ModalitiesInStudy="], 2, "KEYWORD=VALUE"),
        (["Modalitties=MR"], 2, "no keyword"),
        (["StudyDate=20260101-"], 2, "exclude each other"),
    ],
)
def test_what_is_no_filter_is_named(given: list[str], days: int, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_query(given, days)
