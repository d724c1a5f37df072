"""The audit as a readable table."""

from collections.abc import Iterator, Mapping
from typing import Any

from trainer.audit.levels import RELATIONS
from trainer.data.sample import SPLITS

_SHOWN = 5


def format_audit(report: dict[str, Any]) -> str:
    """Return the report of `trainer.audit.report` as plain text."""
    sections = [_files(report), _bad(report), _repeats(report), _probe(report), _label_errors(report), _clean(report)]
    lines = [line for section in sections for line in (*section, "")]
    return "\n".join([*lines, report["disclaimer"]])


def _files(report: dict[str, Any]) -> Iterator[str]:
    data_sets = report["data_sets"]
    yield f"== {report['files']} files, {report['usable']} usable: {', '.join(data_sets)}"
    columns = [*SPLITS, "no split"]
    present = [split for split in columns if any(split in entry["splits"] for entry in report["classes"].values())]
    width = _width(report["classes"])
    yield f"{'class':<{width}}{'usable':>8}{'share':>8}" + "".join(f"{split:>12}" for split in present)
    for label, entry in report["classes"].items():
        counts = "".join(f"{entry['splits'].get(split, 0):>12}" for split in present)
        yield f"{label:<{width}}{entry['usable']:>8}{percent(entry['share']):>8}{counts}"
    if report["imbalance"]:
        yield f"the largest class has {report['imbalance']:.1f} times the files of the smallest"
    if len(data_sets) > 1:
        for source, counts in data_sets.items():
            yield f"{source}: " + _counted(counts)
    yield f"formats: {_counted(report['formats'])}; modes: {_counted(report['modes'])}"
    yield f"sizes: {report['different_sizes']} different; most frequent {_counted(report['sizes'])}"
    for label, entry in report["classes"].items():
        most_frequent = dict(list(entry["sizes"].items())[:3])
        yield f"  {label}: {entry['different_sizes']} different; {_counted(most_frequent)}"


def _bad(report: dict[str, Any]) -> Iterator[str]:
    bad, mislabelled = report["bad_files"], report["mislabelled"]
    counts = {problem: count for problem, count in report["bad"].items() if count}
    yield f"== {len(bad)} files cannot be used" + (f": {_counted(counts)}" if counts else "")
    yield from _some(f"{entry['file']}: {entry['problem']}. {entry['reason']}" for entry in bad)
    if mislabelled:
        yield f"{len(mislabelled)} files have a suffix that is not that of their content (they can be used)"
        yield from _some(f"{entry['file']} is {entry['content']}" for entry in mislabelled)


def _repeats(report: dict[str, Any]) -> Iterator[str]:
    repeats = report["repeats"]
    yield (
        f"== {repeats['files_with_a_repeat']} files have a repeat; {report['usable']} files show "
        f"{repeats['groups']} different pictures, near ones counted as one"
    )
    yield f"{'pairs of files':<26}{'all':>9}" + "".join(f"{relation:>18}" for relation in RELATIONS)
    for level, entry in repeats["levels"].items():
        numbers = "".join(f"{entry['pairs_by_relation'][relation]:>18}" for relation in RELATIONS)
        yield f"{level:<26}{entry['pairs']:>9}{numbers}"
    for split, leak in report["leaks"].items():
        levels = {level: count for level, count in leak["levels"].items() if count}
        if leak["repeated"]:
            share = percent(leak["repeated"] / leak["files"])
            yield (
                f"LEAK: {leak['repeated']} of {leak['files']} files of {split} ({share}) repeat a file of another "
                f"split: {_counted(levels)}"
            )
    conflicts = [pair for pair in repeats["pairs"] if pair["relation"] == RELATIONS[1]]
    if conflicts:
        yield f"LABEL CONFLICT: {repeats['label_conflicts']} files show what a file of another class shows"
        yield from _some(
            "{}: {} ({}) and {} ({})".format(
                pair["level"], pair["files"][0], pair["classes"][0], pair["files"][1], pair["classes"][1]
            )
            for pair in conflicts
        )


def _probe(report: dict[str, Any]) -> Iterator[str]:
    probe = report["probe"]
    if probe is None:
        yield "== shortcut probe: left out, the groups of alike pictures are too few for folds"
        return
    yield f"== shortcut probe: {probe['folds']} folds over {probe['groups']} groups, no anatomy looked at"
    yield f"{'':<26}{'accuracy':>10}{'mean recall':>13}"
    for name, score in probe["scores"].items():
        yield f"{name:<26}{percent(score['accuracy']):>10}{percent(score['balanced_accuracy']):>13}"
    yield "A network has learnt something about the anatomy only as far as it is better than these."


def _label_errors(report: dict[str, Any]) -> Iterator[str]:
    errors = report["label_errors"]
    if errors is None:
        yield "== likely label errors: not looked for; give a model with --model, and at least two groups in each class"
        return
    yield f"== {len(errors['suspects'])} likely label errors"
    yield honesty(errors)
    yield from _some(
        f"{entry['file']}: {entry['class']} ({percent(entry['confidence'])}), rather {entry['suggested']} "
        f"({percent(entry['suggested_probability'])})"
        for entry in errors["suspects"]
    )


def honesty(errors: Mapping[str, Any]) -> str:
    """Say how far the probabilities behind the suspected label errors are out of fold."""
    if errors["known_sources"]:
        return (
            f"The model was trained on data called {', '.join(errors['known_sources'])}: if it is this data, only the "
            "regression on its outputs is out of fold, and errors that the network has learnt by heart stay hidden."
        )
    return (
        "The regression on the outputs of the model is out of fold; so is the model, as far as its card tells: it "
        "names no training data of these names."
    )


def _clean(report: dict[str, Any]) -> Iterator[str]:
    clean = report["clean"]
    yield (
        f"== clean manifest: {clean['kept']} files kept ({_counted(clean['kept_by_class'])}); left out "
        f"{clean['bad']} that cannot be used, {len(clean['copies'])} copies, {len(clean['contradictory'])} with the "
        "same pixels in two classes"
    )


def percent(value: float) -> str:
    """Return 0..1 as per cent with one decimal."""
    return f"{100 * value:.1f}%"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def _some(lines: Iterator[str]) -> Iterator[str]:
    """Yield the first few lines, indented, and how many more there are."""
    every = list(lines)
    yield from (f"  {line}" for line in every[:_SHOWN])
    if len(every) > _SHOWN:
        yield f"  and {len(every) - _SHOWN} more"


def _width(names: Mapping[str, Any]) -> int:
    return max(12, *(len(name) for name in names)) + 2
