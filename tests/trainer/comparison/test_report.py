"""A comparison as data, as a table and as a page, from answers made by hand."""

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from service import DISCLAIMER
from tests.trainer.comparison.made import IMAGES, answers, report
from trainer.comparison.console import format_comparison
from trainer.comparison.report_files import write_comparison

pytestmark = pytest.mark.usefixtures("few_resamples")

WRONG = {"slow": range(0, 10, 2), "fast": [0, 2, 4, 7, 9, 11], "worse": range(40)}
MILLISECONDS = (30.0, 9.0, 5.0)


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return report(WRONG, MILLISECONDS)


def test_scores_are_those_of_all_folds_together(made: dict[str, Any]) -> None:
    assert list(made["networks"]) == ["slow", "fast", "worse"]
    assert [row["accuracy"] for row in made["networks"].values()] == pytest.approx([0.95, 0.94, 0.60])
    assert made["networks"]["slow"]["worst_recall"]["class"] == "glioma"
    assert made["networks"]["slow"]["worst_recall"]["recall"] == pytest.approx(0.9)
    assert made["networks"]["slow"]["folds"]["fold-1"]["accuracy"] == pytest.approx(0.9)
    assert made["networks"]["slow"]["folds"]["fold-2"]["accuracy"] == 1.0
    assert {place: row["images"] for place, row in made["networks"]["slow"]["sources"].items()} == {"a": 66, "b": 34}


def test_each_network_is_held_against_the_best(made: dict[str, Any]) -> None:
    fast, worse = made["networks"]["fast"]["behind_best"], made["networks"]["worse"]["behind_best"]

    assert made["networks"]["slow"]["behind_best"] is None
    assert (fast["only_best_right"], fast["only_this_right"]) == (3, 2)
    assert fast["accuracy"] == pytest.approx(0.01) and fast["mcnemar_p"] == fast["mcnemar_p_holm"] == 1.0
    assert fast["accuracy_95ci"][0] < 0 < fast["accuracy_95ci"][1]
    assert (worse["only_best_right"], worse["only_this_right"]) == (35, 0)
    assert worse["mcnemar_p"] == pytest.approx(2 / 2**35)
    assert worse["mcnemar_p_holm"] == pytest.approx(2 * worse["mcnemar_p"])
    assert worse["accuracy_95ci"][0] > 0


def test_the_rule_is_applied_to_these_figures(made: dict[str, Any]) -> None:
    choice = made["choice"]

    assert (choice["chosen"], choice["most_accurate"]) == ("fast", "slow")
    assert choice["on_a_par"] == ["slow", "fast"]
    assert choice["reason"].startswith("fast (94.0 %) is on a par with the most accurate network, slow (95.0 %)")
    assert "worse is faster (5.00 ms) but behind slow by 35.0 points" in choice["reason"]


def test_controls_stand_beside_the_scores(made: dict[str, Any]) -> None:
    assert made["controls"]["majority"]["accuracy"] == 0.5
    assert made["controls"]["majority"]["worst_recall"]["recall"] == 0.0
    assert made["choice"]["best_control"] == "header"
    assert made["choice"]["above_best_control"]["accuracy"] == pytest.approx(0.34)
    assert "The best control, header, reaches 60.0 %" in made["choice"]["reason"]


def test_a_network_that_is_no_better_than_a_control_is_called_so() -> None:
    reason = report({"a": range(40), "b": range(45)}, (5, 9))["choice"]["reason"]

    assert "a is NOT shown to be better" in reason


def test_what_limits_the_figures_is_said() -> None:
    few = answers(WRONG, groups=10)
    said = report(WRONG, MILLISECONDS, samples=few.samples, left_out=[Path("odd.png")])

    assert said["left_out"] == ["odd.png"]
    assert "Only 10 groups: the intervals are too narrow." in said["caveats"]
    assert any(line.startswith("1 image(s) left out") for line in said["caveats"])
    assert len(report(WRONG, MILLISECONDS)["caveats"]) == len(said["caveats"]) - 2


def test_groups_widen_the_intervals() -> None:
    alone, together = answers(WRONG), answers(WRONG, groups=10)
    block = [replace(one, group=f"g{row // 10}") for row, one in enumerate(together.samples)]

    narrow, wide = (
        report(WRONG, MILLISECONDS, samples=samples)["networks"]["worse"]["behind_best"]["accuracy_95ci"]
        for samples in (alone.samples, block)
    )

    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_the_table(made: dict[str, Any]) -> None:
    lines = format_comparison(made).splitlines()

    assert lines[0] == "== 3 networks: 100 images in 100 groups, 2 folds, each image tested in one of them"
    fast = next(line for line in lines if line.startswith("fast "))
    assert re.search(
        r"94\.0 % \(\d+\.\d to \d+\.\d\) +94\.0 % +94\.0 % glioma +1\.0 \(-\d\.\d to \d\.\d\) +1\.000, 1\.000", fast
    )
    assert any(re.match(r"control: header +60\.0 %", line) for line in lines)
    costs = [line for line in lines if line.startswith("fast ")][1]
    assert "2.86 M" in costs and "293 M" in costs and "11.6 MB" in costs and "9.00 ms (8.10 to 9.90)" in costs
    assert lines[-1] == DISCLAIMER
    assert any(line.startswith("Rule: ") for line in lines) and any(line.startswith("Choice: fast. ") for line in lines)


def test_a_hold_out_is_called_one() -> None:
    assert ", one hold-out" in format_comparison(report(WRONG, MILLISECONDS, folds=["split"] * IMAGES)).splitlines()[0]


class Page(HTMLParser):
    """The text of a page, the images in it and where it would load something from."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.images, self.links, self.tags = "", 0, [], set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attributes:
            if name in ("src", "href"):
                self.images += (value or "").startswith("data:image/png;base64,")
                self.links += [] if (value or "").startswith("data:") else [value]

    def handle_data(self, data: str) -> None:
        self.text += " ".join(data.split()) + " "


def test_the_page_needs_nothing_else_and_says_the_same(made: dict[str, Any], tmp_path: Path) -> None:
    write_comparison(tmp_path, made)

    page = Page((tmp_path / "comparison.html").read_text("utf-8"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["comparison.html", "comparison.json"]
    assert page.images == 1 and page.links == [] and not page.tags & {"script", "link"}
    assert DISCLAIMER in page.text
    for part in (
        made["choice"]["reason"],
        made["choice"]["rule"],
        *made["caveats"],
        "control: header",
        "a <b> network",
    ):
        assert part in page.text
    assert "b" not in page.tags


def test_a_page_that_cannot_be_made_leaves_the_old_files(
    made: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("trainer.comparison.page.accuracy_against_time", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_comparison(tmp_path, made)

    assert list(tmp_path.iterdir()) == []


def test_comparing_what_is_trained_needs_no_tensorflow() -> None:
    program = (
        "import sys, trainer.comparison.comparing, trainer.comparison.report_files; "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
