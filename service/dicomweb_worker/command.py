"""Look for new studies until a signal, or classify one study and print what is said of it."""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import date

from service import DISCLAIMER, __version__
from service.classifier import load_classifier
from service.dicomweb import is_uid
from service.dicomweb_worker.metrics import WorkerMetrics
from service.dicomweb_worker.polling import Polling
from service.dicomweb_worker.query import DEFAULT_FILTER, read_query
from service.dicomweb_worker.worker import open_worker, require_archive
from service.errors import ProblemError, ServiceError, SettingsError
from service.heap import return_freed_memory
from service.library_logs import silence_image_libraries
from service.logs import configure_logging
from service.monitor import Monitor
from service.settings import Settings, read_settings, unknown_settings

EXIT_DONE, EXIT_FAILED, EXIT_REFUSED = 0, 1, 2
_LOG = logging.getLogger("service.dicomweb_worker")
_EPILOG = f"""settings: SERVICE_DICOMWEB_* for the archive, and those of the service for model and limits
(python -m service --help lists them)

exit codes:
  0  done, or stopped by SIGTERM or SIGINT
  1  the study, or with --once one of the studies, could not be dealt with
  2  a setting, a file, the model or a port cannot be used; one line on standard error says which

{DISCLAIMER}"""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        settings = read_settings()
        require_archive(settings)
        return _poll(given, settings) if given.command == "poll" else _classify(given, settings)
    except ServiceError as error:
        sys.stderr.write(f"{_parser().prog}: {error}\n")
        return EXIT_FAILED if isinstance(error, ProblemError) else EXIT_REFUSED


def _classify(given: argparse.Namespace, settings: Settings) -> int:
    if not is_uid(given.study):
        raise SettingsError(f"{given.study[:80]!r} is no UID: digits and dots, 64 at most.")
    silence_image_libraries()
    wanted = {"store": given.store, "skip_reported": given.skip_reported, "dry_run": given.dry_run}
    with open_worker(settings, load_classifier(settings.model_path), threading.Event(), **wanted) as worker:
        answer = worker.classify(given.study)
    sys.stdout.write(answer.model_dump_json(indent=2) + "\n")
    return EXIT_FAILED if any(one.problem for one in answer.series) else EXIT_DONE


def _poll(given: argparse.Namespace, settings: Settings) -> int:
    query = read_query(given.filter or DEFAULT_FILTER, given.days)
    configure_logging()
    if unknown := unknown_settings(os.environ):
        _LOG.warning("unknown settings are ignored", extra={"settings": unknown})
    return_freed_memory()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    classifier, metrics = load_classifier(settings.model_path), WorkerMetrics()
    classifier.observer = metrics.of_model
    with open_worker(settings, classifier, stopping, store=True, skip_reported=True) as worker:
        polling = Polling(lambda: worker.find(query, date.today()), worker.classify, metrics, waits=not given.once)
        if given.once:
            return EXIT_DONE if polling.look() else EXIT_FAILED
        _keep_looking(polling, metrics, given, stopping)
    return EXIT_DONE


def _keep_looking(
    polling: Polling, metrics: WorkerMetrics, given: argparse.Namespace, stopping: threading.Event
) -> None:
    monitor = Monitor(
        lambda: {"status": "failing" if metrics.last_failed else "ready", "disclaimer": DISCLAIMER}, metrics.exposition
    )
    port = monitor.start(given.http_host, given.http_port, "--http-")
    _LOG.info("looking", extra={"http_port": port, "every_s": given.every})
    try:
        while not stopping.is_set():
            polling.look()
            stopping.wait(given.every)
    finally:
        monitor.stop()
    _LOG.info("stopped")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service.dicomweb_worker",
        description="Pull MR studies from an archive over DICOMweb, classify them, and store the results there.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="{classify,poll}", required=True)
    one = commands.add_parser("classify", help="classify one study, and print what is said of it as JSON")
    one.add_argument("study", metavar="STUDY", help="its StudyInstanceUID")
    one.add_argument("--store", action="store_true", help="store report and secondary captures in the archive")
    one.add_argument("--skip-reported", action="store_true", help="leave out series whose report is there")
    one.add_argument("--dry-run", action="store_true", help="only say which series would be classified, and why")
    poll = commands.add_parser("poll", help="look for studies again and again; classify and store those without report")
    poll.add_argument("--every", type=_seconds, default=60.0, metavar="SECONDS", help="pause between looks (60)")
    poll.add_argument("--days", type=_days, default=2, help="studies of today and so many days before (2); `all`")
    poll.add_argument(
        "--filter",
        action="append",
        metavar="KEYWORD=VALUE",
        help=f"QIDO-RS filter; again for more ({DEFAULT_FILTER[0]})",
    )
    poll.add_argument("--once", action="store_true", help="look once, take also studies that may still grow, and end")
    poll.add_argument("--http-host", default="127.0.0.1", help="address of /health and /metrics (127.0.0.1)")
    poll.add_argument("--http-port", type=int, default=8002, help="their port; 0 takes a free one (8002)")
    return parser


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86_400:
        raise ValueError(text)
    return value


def _days(text: str) -> int | None:
    if text == "all":
        return None
    value = int(text)
    if not 0 <= value <= 36_500:
        raise ValueError(text)
    return value
