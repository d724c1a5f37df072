"""The command line that a model card shows: the card is public, the paths of a machine are not."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path


def public_command(arguments: Sequence[str]) -> str:
    """Return the command line with absolute paths cut to their last part, in lists and mappings too."""
    return "python -m trainer " + shlex.join(map(_without_folders, arguments))


def _without_folders(argument: str) -> str:
    parts = re.split(r"([,=])(?=/)", argument)
    return "".join(Path(part).name if Path(part).is_absolute() else part for part in parts)
