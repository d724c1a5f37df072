"""The figures of a report as pictures."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from trainer.evaluation.drawing import COLOURS, CONTROL, line_style, new_plot, png_of, unit_square

Report = Mapping[str, Any]


def plots(report: Report) -> dict[str, bytes]:
    """Return a PNG for each name, from the report of `scores.evaluate` and the controls it may have."""
    overall = report["overall"]
    drawn = {
        "accuracy": accuracy(report),
        "confusion": confusion(overall["confusion"]),
        "reliability": reliability(overall["calibration"]),
        "abstention": abstention(overall["abstention"], overall["uncertain_rate"]),
        "prediction_sets": prediction_sets(overall["prediction_sets"]),
    }
    if report["curves"]:
        drawn["roc"] = roc(report)
        drawn["precision_recall"] = precision_recall(report)
    if overall["localisation"]:
        drawn["localisation"] = localisation(report)
    return drawn


def accuracy(report: Report) -> bytes:
    """Accuracy with its interval for each source, the controls beside it."""
    sections = sections_of(report)
    figure, axes = new_plot("Accuracy, 95 % interval, beside its controls", "", "accuracy")
    for number, (name, scores) in enumerate(sections.items()):
        low, high = scores["accuracy_95ci"] or [scores["accuracy"]] * 2
        spread = [[scores["accuracy"] - low], [high - scores["accuracy"]]]
        axes.errorbar(
            [number], [scores["accuracy"]], spread, fmt="o", color=COLOURS[0], capsize=4, label=_once("model", number)
        )
        axes.plot(
            number + 0.2, scores["majority_control"], "_", color=CONTROL, markersize=12, label=_once("majority", number)
        )
        for (control, values), mark in zip(_controls(report).items(), "x^sDv", strict=False):
            place = "overall" if name == "all images" else name
            axes.plot(number + 0.2, values[place], mark, color=CONTROL, markersize=5, label=_once(control, number))
    axes.set_xticks(range(len(sections)), [f"{name}\n{s['images']} images" for name, s in sections.items()])
    axes.set_xlim(-0.5, len(sections) - 0.3)
    axes.set_ylim(0, 1.02)
    axes.legend(fontsize=7, ncols=2, loc="lower left")
    return png_of(figure)


def confusion(matrix: Report) -> bytes:
    """Counts, shaded by the share of the row."""
    names, counts = matrix["classes"], np.array(matrix["counts"])
    rates = np.array([[np.nan if rate is None else rate for rate in row] for row in matrix["rates"]])
    figure, axes = new_plot("Confusion: images, and share of the row", "answer", "truth", (4.8, 4.2))
    axes.imshow(np.nan_to_num(rates), cmap="Blues", vmin=0, vmax=1)
    for (row, column), rate in np.ndenumerate(rates):
        text = str(counts[row, column]) if np.isnan(rate) else f"{counts[row, column]}\n{100 * rate:.0f} %"
        colour = "white" if rate > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    return png_of(figure)


def roc(report: Report) -> bytes:
    """Sensitivity against false positive rate for every question."""
    figure, axes = new_plot("ROC, each class against the rest", "1 - specificity", "sensitivity")
    for number, (name, lines) in enumerate(report["curves"].items()):
        label = f"{name} {areas_of(report, name)['auroc']:.3f}"
        axes.plot(lines["roc"]["false_positive_rate"], lines["roc"]["sensitivity"], label=label, **line_style(number))
    axes.plot([0, 1], [0, 1], color=CONTROL, linewidth=0.8, label="chance 0.500")
    unit_square(axes)
    axes.legend(fontsize=7, loc="lower right", title="area", title_fontsize=7)
    return png_of(figure)


def precision_recall(report: Report) -> bytes:
    """Precision against recall for every question; a thin line shows the prevalence, what chance reaches."""
    figure, axes = new_plot("Precision-recall, each class against the rest", "recall", "precision")
    for number, (name, lines) in enumerate(report["curves"].items()):
        areas, style = areas_of(report, name), line_style(number)
        points = lines["precision_recall"]
        label = f"{name} {areas['average_precision']:.3f} (chance {areas['prevalence']:.3f})"
        axes.plot(points["recall"], points["precision"], label=label, **style)
        axes.axhline(areas["prevalence"], linewidth=0.5, **style)
    unit_square(axes)
    axes.legend(fontsize=7, loc="lower left", title="average precision", title_fontsize=7)
    return png_of(figure)


def reliability(calibration: Report) -> bytes:
    """Accuracy against confidence, before and after the temperature."""
    figure, axes = new_plot("Calibration", "probability of the answer", "share of right answers")
    axes.plot([0, 1], [0, 1], color=CONTROL, linewidth=0.8, label="perfect")
    for number, (name, mark) in enumerate((("before", "s"), ("after", "o"))):
        if calibration[name] is None:
            continue
        bins = calibration[name]["reliability"]
        label = f"{name}: ECE {calibration[name]['ece']:.3f}"
        xs, ys = [b["confidence"] for b in bins], [b["accuracy"] for b in bins]
        axes.plot(xs, ys, marker=mark, markersize=4, label=label, **line_style(1 - number))
    unit_square(axes)
    axes.legend(fontsize=8, loc="upper left")
    return png_of(figure)


def abstention(curve: Report, uncertain_rate: float) -> bytes:
    """Risk against coverage, with the card's threshold and the control that abstains at random."""
    figure, axes = new_plot("Abstention", "share of images answered", "share of wrong answers")
    axes.plot(
        curve["coverage"], curve["risk"], color=COLOURS[0], label=f"least sure left out: area {curve['aurc']:.3f}"
    )
    axes.axhline(
        curve["aurc_random"], color=CONTROL, linestyle="--", label=f"left out at random: {curve['aurc_random']:.3f}"
    )
    if curve["at_threshold"]["risk"] is not None:
        label = f'threshold of the card: {100 * uncertain_rate:.0f} % "uncertain"'
        axes.plot(curve["at_threshold"]["coverage"], curve["at_threshold"]["risk"], "o", color=COLOURS[1], label=label)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.3 * max(curve["risk"]) or 1)
    axes.legend(fontsize=7, loc="upper left")
    return png_of(figure)


def prediction_sets(sets: Report) -> bytes:
    """How large the prediction sets are."""
    low, high = sets["coverage_95ci"] or [sets["coverage"]] * 2
    title = (
        f"Prediction sets: hold the truth in {100 * sets['coverage']:.1f} %\n"
        f"({100 * low:.1f} to {100 * high:.1f}), target {100 * sets['target']:.0f} %"
    )
    figure, axes = new_plot(title, "classes in the set", "images")
    bars = axes.bar(list(sets["sizes"]), list(sets["sizes"].values()), color=COLOURS[0], width=0.6)
    axes.bar_label(bars, fontsize=8)
    return png_of(figure)


def localisation(report: Report) -> bytes:
    """Pointing game for each source, beside the middle of the picture and a random pixel."""
    games = {name: s["localisation"]["all_with_a_mask"] for name, s in sections_of(report).items() if s["localisation"]}
    figure, axes = new_plot("Pointing game: hottest place on the tumour?", "", "share of hits")
    keys = ("peak_hits", "control_centre_of_the_picture", "control_random_pixel_of_the_head")
    for number, (key, colour) in enumerate(zip(keys, (COLOURS[0], CONTROL, "#B5B5B5"), strict=True)):
        places = [place + 0.25 * (number - 1) for place in range(len(games))]
        label = "heat map" if number == 0 else key.removeprefix("control_").replace("_", " ")
        axes.bar(places, [game[key] for game in games.values()], 0.25, color=colour, label=label)
    axes.set_xticks(range(len(games)), [f"{name}\n{game['images']} images" for name, game in games.items()])
    axes.set_ylim(0, 1)
    axes.legend(fontsize=7)
    return png_of(figure)


def sections_of(report: Report) -> dict[str, Any]:
    """Return the scores over all images and, where there are several, of each source."""
    sources = report["sources"] if len(report["sources"]) > 1 else {}
    return {"all images": report["overall"], **sources}


def areas_of(report: Report, question: str) -> Any:
    """Return the areas under the two curves of `question`, a class or "tumour"."""
    overall = report["overall"]
    return overall["per_class"][question]["areas"] if question in overall["per_class"] else overall["tumour"]


def _controls(report: Report) -> dict[str, Any]:
    return {name: values for name, values in report.get("controls", {}).items() if name != "majority"}


def _once(label: str, number: int) -> str:
    return label if number == 0 else "_"
