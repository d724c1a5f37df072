"""What an operator sees of the spool, and does with results that could not be delivered."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from service.dicom_node.outbox import DeadLetter, Entry, Outbox
from service.errors import SettingsError

EVERYTHING = "all"


def list_spool(root: Path, entries: Sequence[str]) -> str:
    """Return a line for each series that is kept, each result that waits, and each dead letter with its reason."""
    if entries:
        raise SettingsError("`spool list` takes no entries.")
    outbox = _open(root)
    lines = [_series(folder) for folder in sorted((root / "series").iterdir())]
    lines += [_waiting(entry) for name in outbox.destinations() for entry in outbox.waiting(name)]
    lines += [_dead(letter) for letter in outbox.dead()]
    return "".join(f"{line}\n" for line in lines) or "nothing is kept, waits or was given up\n"


def retry_dead(root: Path, entries: Sequence[str]) -> str:
    """Let dead letters wait for their destinations again; returns how many."""
    return _for_each(root, entries, lambda outbox, entry: outbox.retry(entry), "wait again")


def purge_dead(root: Path, entries: Sequence[str]) -> str:
    """Remove dead letters for good; returns how many."""
    return _for_each(root, entries, lambda outbox, entry: outbox.purge(entry), "are gone")


def _for_each(root: Path, entries: Sequence[str], action: Callable[[Outbox, Entry], None], done: str) -> str:
    outbox = _open(root)
    letters = {_name(letter.entry): letter.entry for letter in outbox.dead()}
    if not entries:
        raise SettingsError(f"Say which dead letters, as `spool list` names them, or `{EVERYTHING}`.")
    chosen = list(letters) if EVERYTHING in entries else list(entries)
    if unknown := [name for name in chosen if name not in letters]:
        raise SettingsError(f"There is no dead letter {unknown[0]!r}. `spool list` names them.")
    for name in chosen:
        action(outbox, letters[name])
    return f"{len(chosen)} dead letters {done}\n"


def _open(root: Path) -> Outbox:
    if not (root / "series").is_dir():
        raise SettingsError(f"{str(root)!r} is no spool of a node. Name it with --spool or SERVICE_NODE_SPOOL.")
    return Outbox(root)


def _series(folder: Path) -> str:
    objects = sum(1 for _ in folder.glob("*.dcm"))
    state = "reported" if (folder / "reported").exists() else "received"
    return f"{state:<9} {folder.name} {objects} objects"


def _waiting(entry: Entry) -> str:
    return f"waiting   {_name(entry)} for {time.time() - entry.made:.0f} s"


def _dead(letter: DeadLetter) -> str:
    return f"dead      {_name(letter.entry)} after {letter.attempts} attempts: {letter.reason}"


def _name(entry: Entry) -> str:
    return f"{entry.destination}/{entry.name}"
