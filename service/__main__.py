"""`python -m service`."""

import signal
import sys
from collections.abc import Sequence
from types import FrameType


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; a signal ends the start of a server at once.

    The first process of a container ignores signals that it has no handler for, so the handlers are set before the
    imports that take time.
    """
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["predict"]:
        from service.client.command import run as predict

        return predict(given[1:])
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # everything is about to be read anyway
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)

    from service.command import run

    return run(arguments)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
