"""Which series are taken, and which rule says so."""

from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from service.errors import SettingsError
from service.series_selection import SelectionRules, facts_of, facts_of_file, read_rules, select
from service.series_selection.__main__ import main
from tests.service.reports.scans import scan

HEAD = {"Modality": "MR", "BodyPartExamined": "HEAD", "ImageType": ["ORIGINAL", "PRIMARY"]}


def header(**elements: Any) -> Dataset:
    made = Dataset()
    for keyword, value in (HEAD | elements).items():
        if value is not None:
            setattr(made, keyword, value)
    return made


def reason(rules: SelectionRules, images: int = 20, **elements: Any) -> str:
    return select(facts_of(header(**elements), images), rules).reason


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"BodyPartExamined": None},
        {"BodyPartExamined": "Brain"},
        {"BodyPartExamined": "HEADNECK"},
        {"ImageType": None, "SeriesDescription": "t1 tse axial"},
    ],
)
def test_the_rules_that_ship_take_what_may_be_a_brain(elements: dict[str, Any]) -> None:
    assert select(facts_of(header(**elements), 20), read_rules(None)).taken


@pytest.mark.parametrize(
    ("elements", "rule"),
    [
        ({"Modality": "CT"}, "include.Modality: matches none of 1 patterns"),
        ({"Modality": None}, "include.Modality: matches none of 1 patterns"),
        ({"BodyPartExamined": "KNEE"}, "include.BodyPartExamined: matches none of 6 patterns"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "exclude.ImageType: matches 'LOCALIZER'"),
        ({"SeriesDescription": "3-plane Localizer"}, "exclude.SeriesDescription: matches '*LOCALIZER*'"),
    ],
)
def test_they_leave_what_is_none_and_name_the_rule(elements: dict[str, Any], rule: str) -> None:
    assert reason(read_rules(None), **elements) == rule


def test_too_few_and_too_many_images_are_left() -> None:
    rules = SelectionRules(min_images=5, max_images=100)

    assert reason(rules, 4) == "min_images: 4 are fewer than 5"
    assert reason(rules, 101) == "max_images: 101 are more than 100"
    assert reason(rules, 5) == "matches every rule"


def test_a_reason_repeats_nothing_of_the_header() -> None:
    verdict = select(facts_of(header(Modality="LOVELACE", BodyPartExamined="ADA"), 1), read_rules(None))

    assert "LOVELACE" not in verdict.reason and "ADA" not in verdict.reason


def test_the_facts_of_a_file_are_those_of_its_header() -> None:
    facts = facts_of_file(scan(1), 3)

    assert (facts.texts["Modality"], facts.texts["SeriesDescription"], facts.images) == ("MR", "T1 AXIAL", 3)
    assert facts.texts["ImageType"] == "ORIGINAL\\PRIMARY"
    assert facts.texts["ProtocolName"] == ""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[include", "no TOML"),
        ("[include]\nPatientName = ['*']", "include: PatientName is none of Modality"),
        ("[include]\nModality = 'MR'", "include.Modality"),
        ("min_images = 0", "min_images"),
        ("colour = 'red'", "colour"),
    ],
)
def test_rules_that_are_wrong_are_named_with_their_key(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)

    with pytest.raises(SettingsError) as refused:
        read_rules(path)

    assert named in str(refused.value) and str(path) in str(refused.value)


def test_rules_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_rules(tmp_path / "none.toml")


def test_a_dry_run_says_of_each_series_whether_it_is_taken_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.dcm").write_bytes(scan(1, "head"))
    (tmp_path / "b.dcm").write_bytes(scan(2, "head"))
    (tmp_path / "c.dcm").write_bytes(scan(1, "knee", BodyPartExamined="KNEE"))
    (tmp_path / "notes.txt").write_text("no DICOM")

    assert main([str(tmp_path)]) == 0

    taken, left = sorted(capsys.readouterr().out.splitlines(), reverse=True)
    assert taken.startswith("taken  ") and "  2 files  matches every rule" in taken
    assert left.startswith("left  ") and "include.BodyPartExamined" in left


def test_a_dry_run_over_nothing_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2

    assert "there is no DICOM file" in capsys.readouterr().err
