"""MODEL_CARD.md: what the model is, what it was made of, how good it is and what it is not for."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from service.model_file import Card
from trainer.atomic import replacing
from trainer.evaluation.bootstrap import FEW_GROUPS


def write_model_card(path: Path, card: Card, report: Mapping[str, Any]) -> None:
    """Write the model card as Markdown from the card and the test report."""
    with replacing(path) as temporary:
        temporary.write_text("\n".join([*_lines(card, report), ""]), encoding="utf-8")


def _lines(card: Card, report: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {card.name} {card.version}"
    yield from ("", f"**{card.disclaimer}**", "", card.intended_use, "")
    yield f"- Classes: {', '.join(card.class_names)}"
    yield f"- Network: {card.backbone}; {card.head}"
    spec = card.preprocess
    crop = f"brain, margin {100 * spec.crop_margin:g} %" if spec.crop == "brain" else spec.crop
    yield f"- Input: {spec.size} x {spec.size}, {spec.channels} channel(s), resize {spec.resize}, crop {crop}"
    yield f"- Made on {card.date} by `{card.command}`"
    yield f"- Libraries: {', '.join(f'{name} {version}' for name, version in card.libraries.items())}"
    yield f"- Licence of the file: {card.licence}"
    yield from ("", "## Data", "")
    yield from _data(card, report)
    yield from ("", "## Score on held-out groups", "")
    yield "Computed from the exported file through the classifier that serves it; 95 % bootstrap intervals over groups."
    yield f"An interval over fewer than {FEW_GROUPS} groups is too narrow."
    yield ""
    yield from _scores(report)
    yield from _shared(report)
    yield from _leaked(report)
    yield from ("", "## Controls", "")
    yield "Accuracy on the same test images without looking at the anatomy. A score means something only above these."
    yield ""
    yield from _controls(report)
    yield from ("", "## Per class", "")
    yield from _per_class(report)


def _data(card: Card, report: Mapping[str, Any]) -> Iterator[str]:
    data = card.training_data
    yield f"Content hash (sha256 over sorted file hashes and labels): `{data.content_sha256}`"
    yield from ("", f"Split {data.split_method}.", "")
    if data.recipe:
        yield from (f"All commands, those that prepare the data too: `{data.recipe}`.", "")
    for citation in data.citations:
        yield f"- {citation}"
    for reason, count in report["skipped_before_split"].items():
        yield f"- {count} file(s) not used: {reason}"
    yield ""
    yield "| source | split | " + " | ".join(card.class_names) + " |"
    yield "|---" * (2 + len(card.classes)) + "|"
    for source, splits in data.sources.items():
        for split, counts in sorted(splits.items()):
            yield f"| {source} | {split} | " + " | ".join(str(counts.get(name, 0)) for name in card.class_names) + " |"


def _scores(report: Mapping[str, Any]) -> Iterator[str]:
    yield "| test images of | images | groups | accuracy | macro-F1 | tumour yes/no AUROC | refused as novel |"
    yield "|---|---|---|---|---|---|---|"
    for name, scores in _sections(report):
        accuracy = f"{_percent(scores['accuracy'])} {_interval(scores['accuracy_95ci'])}"
        tumour = scores["tumour"]
        area = f"{_percent(tumour['auroc'])} {_interval(tumour['auroc_95ci'])}" if tumour else "-"
        cells = [name, scores["images"], scores["groups"], accuracy, _percent(scores["macro_f1"]), area]
        yield "| " + " | ".join(str(cell) for cell in [*cells, _percent(scores["refused_as_novel"])]) + " |"


def _shared(report: Mapping[str, Any]) -> Iterator[str]:
    for source, count in report["shared"].items():
        if count:
            yield ""
            yield f"{count} of the test images of {source} share a group with another source: the two scores overlap."


def _leaked(report: Mapping[str, Any]) -> Iterator[str]:
    for source, scores in report["leaked"].items():
        yield ""
        yield (
            f"**Leaked score, no measure of quality:** {_percent(scores['accuracy'])} on the test folder of {source}. "
            f"Of its {scores['images']} images training has seen the group of "
            f"{scores['of_groups_seen_in_training']}."
        )


def _controls(report: Mapping[str, Any]) -> Iterator[str]:
    names = [name for name, _ in _sections(report)]
    yield "| control | " + " | ".join(names) + " |"
    yield "|---" * (1 + len(names)) + "|"
    for control, scores in report["controls"].items():
        values = [scores["overall" if name == "all" else name] for name in names]
        yield f"| {control} | " + " | ".join(_percent(value) for value in values) + " |"


def _per_class(report: Mapping[str, Any]) -> Iterator[str]:
    yield "| test images of | class | precision | recall | F1 | images |"
    yield "|---|---|---|---|---|---|"
    for source, scores in _sections(report):
        for name, row in scores["per_class"].items():
            if row["images"]:
                values = " | ".join(_percent(row[key]) for key in ("precision", "recall", "f1"))
                yield f"| {source} | {name} | {values} | {row['images']} |"


def _sections(report: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [("all", report["overall"]), *report["sources"].items()]


def _interval(bounds: list[float] | None) -> str:
    return f"({100 * bounds[0]:.1f}-{100 * bounds[1]:.1f})" if bounds else "(one group)"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"
