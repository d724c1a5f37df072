"""An evaluation as a readable table."""

from collections.abc import Iterator, Mapping
from typing import Any

from trainer.evaluation.bootstrap import FEW_GROUPS


def format_report(report: Mapping[str, Any]) -> str:
    """Return the report of `trainer.evaluation.scores.evaluate` as plain text."""
    lines = [*_folds(report.get("folds", {})), *_section("all images", report["overall"])]
    if len(report["sources"]) > 1:
        for source, scores in report["sources"].items():
            lines += ["", *_section(f"source {source}", scores)]
    for control, accuracy in report.get("controls", {}).items():
        lines.append(f"control: {control} {_percent(accuracy['overall'])}")
    if not report["grouped"]:
        lines += [
            "",
            "No groups are given: intervals are over images, too narrow where images share patients.",
        ]
    for source, scores in report.get("leaked", {}).items():
        lines += [
            "",
            f"LEAKED, not a measure of quality: {_percent(scores['accuracy'])} on the test folder of {source}; "
            f"of its {scores['images']} images training has seen the group of {scores['of_groups_seen_in_training']}",
        ]
    if report["skipped"]:
        lines += ["", f"{len(report['skipped'])} file(s) skipped:"]
        lines += [f"  {skip['file']}: {skip['reason']}" for skip in report["skipped"][:20]]
    return "\n".join([*lines, "", "Research use only. Not for diagnostic use."])


def _folds(folds: dict[str, Any]) -> Iterator[str]:
    if not folds:
        return
    yield f"== pooled over {len(folds)} models, one for each fold: no single file has these scores"
    for name, fold in folds.items():
        accuracy = f"{_percent(fold['accuracy'])} ({_interval(fold['accuracy_95ci'], fold['groups'])})"
        yield f"{name}: {fold['images']} images in {fold['groups']} groups, accuracy {accuracy}"
    yield ""


def _section(title: str, scores: dict[str, Any]) -> Iterator[str]:
    yield f"== {title}: {scores['images']} images in {scores['groups']} groups"
    yield f"accuracy {_percent(scores['accuracy'])} ({_interval(scores['accuracy_95ci'], scores['groups'])})"
    yield f"control: majority class {_percent(scores['majority_control'])}; macro-F1 {_percent(scores['macro_f1'])}"
    if scores["tumour"]:
        t = scores["tumour"]
        yield (
            f"tumour yes/no: AUROC {_percent(t['auroc'])} ({_interval(t['auroc_95ci'], scores['groups'])}), "
            f"sensitivity {_percent(t['sensitivity'])}, specificity {_percent(t['specificity'])}"
        )
    sets = scores["prediction_sets"]
    yield (
        f"uncertain {_percent(scores['uncertain_rate'])}, accuracy of the rest "
        f"{_percent(scores['accuracy_when_decided'])}; prediction sets cover "
        f"{_percent(sets['coverage'])} (target {_percent(sets['target'])}) with {sets['mean_size']:.2f} classes; "
        f"refused as novel {_percent(scores['refused_as_novel'])}"
    )
    yield _calibration(scores["calibration"])
    if scores["localisation"]:
        yield _pointing(scores["localisation"]["all_with_a_mask"])
    yield from _classes(scores)


def _calibration(calibration: dict[str, Any]) -> str:
    after, before = calibration["after"], calibration["before"]
    text = f"calibration error {_percent(after['ece'])} (a perfect model: {_percent(after['ece_if_perfect'])})"
    return f"{text}; before the temperature {_percent(before['ece'])}" if before else text


def _pointing(game: dict[str, Any]) -> str:
    return (
        f"heat map's peak on the tumour {_percent(game['peak_hits'])} of {game['images']}; "
        f"controls: middle of the picture {_percent(game['control_centre_of_the_picture'])}, random pixel of the head "
        f"{_percent(game['control_random_pixel_of_the_head'])}"
    )


def _classes(scores: dict[str, Any]) -> Iterator[str]:
    confusion = scores["confusion"]
    width = max(12, *(len(name) for name in confusion["classes"])) + 2
    yield f"{'class':<{width}}{'precision':>10}{'recall':>8}{'F1':>8}{'images':>8}   confusion (truth in rows)"
    for (name, row), counts in zip(scores["per_class"].items(), confusion["counts"], strict=True):
        numbers = "".join(f"{_percent(row[key]):>{w}}" for key, w in (("precision", 10), ("recall", 8), ("f1", 8)))
        yield f"{name:<{width}}{numbers}{row['images']:>8}   " + " ".join(f"{count:>6}" for count in counts)


def _interval(bounds: list[float] | None, groups: int) -> str:
    if bounds is None:
        return "a single group: no interval"
    text = f"95 % interval {_percent(bounds[0])} to {_percent(bounds[1])}"
    return text + ", too narrow for so few groups" if groups < FEW_GROUPS else text


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}%"
