"""Commands that must fail before they train or write anything."""

from pathlib import Path

import pytest

from trainer.cli import main


def refusal(arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command and return its one line on stderr; nothing may be left in the empty `folder`."""
    code = main(arguments)
    lines = capsys.readouterr().err.splitlines()
    assert code == 2
    assert len(lines) == 1 and lines[0].startswith("trainer: "), lines
    assert not list(folder.iterdir())
    return lines[0]
