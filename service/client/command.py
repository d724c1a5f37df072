"""Ask for each file and print what is answered."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from service.client.asking import Backend, Question
from service.client.files import NamedFile, find_files
from service.client.options import PROGRAM, Options, parse
from service.errors import ServiceError

if TYPE_CHECKING:
    from service.client.lines import NamedResult

EXIT_ANSWERED, EXIT_SOME_REFUSED, EXIT_UNUSABLE, EXIT_INTERRUPTED = 0, 1, 2, 130


def run(arguments: Sequence[str]) -> int:
    """Print the answers; returns the exit code."""
    try:
        options = parse(arguments)
        return _predict(options, find_files(options.paths))
    except ServiceError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return EXIT_UNUSABLE
    except BrokenPipeError:  # whoever reads has seen enough; nothing more may be written, at exit neither
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_SOME_REFUSED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _predict(options: Options, files: list[NamedFile]) -> int:
    from service.batch.summary import Tally
    from service.client.lines import JsonLines, SummaryLine
    from service.client.overlays import OverlayFolder
    from service.client.table import Table

    as_table = sys.stdout.isatty() if options.as_table is None else options.as_table
    folder = OverlayFolder(options.explain) if options.explain else None
    printed = Table(sys.stdout, [file.name for file in files]) if as_table else JsonLines(sys.stdout)
    tally = Tally()
    with closing(_backend(options)) as backend:
        printed.begin()
        for file, result in _results(backend, files):
            tally.add(result)
            shown = folder.take(result, file.path.stem) if folder else result
            printed.result(shown)
        summary = tally.summary()
        printed.end(SummaryLine(summary=summary, model=backend.model))
    return EXIT_SOME_REFUSED if summary.refused else EXIT_ANSWERED


def _backend(options: Options) -> Backend:
    question = Question(explain=options.explain is not None, frame=options.frame)
    if options.url:
        from service.client.address import parse_address, read_api_key
        from service.client.remote import RemoteBackend

        address = parse_address(options.url)
        key = read_api_key(options.api_key_file) if options.api_key_file else None
        if key and not address.is_private:
            sys.stderr.write(f"{PROGRAM}: warning: the key goes over the network in the clear; use https.\n")
        return RemoteBackend(address, question, key)
    from service.client.local import LocalBackend
    from service.library_logs import silence_image_libraries
    from service.settings import read_settings

    silence_image_libraries()
    return LocalBackend(read_settings(), question)


def _results(backend: Backend, files: list[NamedFile]) -> Iterator[tuple[NamedFile, "NamedResult"]]:
    """Number images and files over the whole command, as if all had come in one batch."""
    from service.client.lines import named

    images = sent = 0
    for file in files:
        is_archive, latest = file.is_archive, 0
        for result in backend.ask(file):
            entry, latest = result.file if is_archive else None, result.file
            place = {"index": images, "file": sent + latest}
            yield file, named(result.model_copy(update=place), file.name, entry)
            images += 1
        sent += latest + 1
