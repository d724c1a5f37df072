"""One labelled image file."""

from dataclasses import dataclass
from pathlib import Path

SPLITS = ("train", "validation", "test")
EXCLUDED = "excluded"


@dataclass(frozen=True)
class Sample:
    """One image of a data set.

    `group` names what must not straddle a split (a patient). `series` names an ordered run of slices whose patients are
    unknown, in the order of the samples; `block` is the number of slices of the largest. `mask` is the tumour outline,
    where there is one. `folder_split` is what the folders of the data set claim, whether or not the split follows it.
    """

    path: Path
    label: str
    source: str
    group: str | None = None
    split: str | None = None
    mask: Path | None = None
    series: str | None = None
    block: int | None = None
    folder_split: str | None = None
