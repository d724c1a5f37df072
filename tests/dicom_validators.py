"""What dicom3tools says of DICOM objects; it knows nothing of this project."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.peers import need


def errors_of(results: Sequence[Path], images: Sequence[Path] = ()) -> list[str]:
    """Return the lines with an error about each of the results by itself, and about all of them with their images."""
    need("dciodvfy")
    need("dcentvfy")
    commands = [["dciodvfy", "-new", str(path)] for path in results]
    commands.append(["dcentvfy", *map(str, [*results, *images])])
    ended = [subprocess.run(command, capture_output=True, text=True) for command in commands]
    return [line for one in ended for line in (one.stdout + one.stderr).splitlines() if "Error" in line]
