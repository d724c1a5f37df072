"""What limits the figures of a comparison, in words."""

from trainer.comparison.answers import Answers
from trainer.evaluation.bootstrap import FEW_GROUPS


def caveats_of(answers: Answers) -> list[str]:
    """Return a sentence for each limit."""
    groups, left_out = len(set(answers.groups)), len(answers.left_out)
    lines = [
        "The most accurate of several is found on the very images that score it: its accuracy is on the high side.",
        "McNemar's test takes images for independent: where several show one patient, p is too small. The rule looks "
        "at the interval over groups instead.",
        "Each network was trained once on each fold: another seed would move its figures, and no interval says so.",
    ]
    if groups < FEW_GROUPS:
        lines.append(f"Only {groups} groups: the intervals are too narrow.")
    if left_out:
        lines.append(f"{left_out} image(s) left out, because one of the networks could not read them.")
    return lines
