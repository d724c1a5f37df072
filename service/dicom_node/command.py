"""Serve as a DICOM node until a signal, or look after what is in its spool."""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from service import DISCLAIMER, __version__
from service.classifier import load_classifier
from service.dicom_node.dead_letters import list_spool, purge_dead, retry_dead
from service.dicom_node.settings import describe_node_settings, read_node_settings, unknown_node_settings
from service.errors import ServiceError
from service.heap import return_freed_memory
from service.logs import configure_logging
from service.settings import read_settings

EXIT_REFUSED = 2
_LOG = logging.getLogger("service.dicom_node")
_EPILOG = f"""settings (environment variable, default, meaning); those of the service for model and limits count too:
{describe_node_settings()}

exit codes:
  0  stopped by SIGTERM or SIGINT; what waits is delivered by the next start
  2  a setting, a file, the model or a port cannot be used; one line on standard error says which

{DISCLAIMER}"""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        if given.command == "spool":
            return _look_after(given)
        return _serve()
    except ServiceError as error:
        sys.stderr.write(f"{_parser().prog}: {error}\n")
        return EXIT_REFUSED


def _serve() -> int:
    from service.dicom_node.node import Node  # takes a second, which the other commands need not wait for

    settings, of_service = read_node_settings(), read_settings()
    configure_logging()
    if unknown := unknown_node_settings(os.environ):
        _LOG.warning("unknown settings are ignored", extra={"settings": unknown})
    return_freed_memory()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    node = Node(settings, of_service, load_classifier(of_service.model_path))
    node.start()
    _LOG.info("listening", extra={"host": settings.host, "port": node.port, "http_port": node.http_port})
    stopped.wait()
    node.stop()
    _LOG.info("stopped")
    return 0


def _look_after(given: argparse.Namespace) -> int:
    root = Path(given.spool or os.environ.get("SERVICE_NODE_SPOOL", ""))
    action = {"list": list_spool, "retry": retry_dead, "purge": purge_dead}[given.action]
    sys.stdout.write(action(root, given.entries))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service.dicom_node",
        description="Receive MR images by C-STORE, classify them, and send the results of each series to archives.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="{spool}")
    spool = commands.add_parser(
        "spool",
        help="list what waits and what was given up, retry it or purge it; also while the node runs",
        epilog="example: SERVICE_NODE_SPOOL=/var/spool/brain-mri python -m service.dicom_node spool retry all",
    )
    spool.add_argument("action", choices=("list", "retry", "purge"))
    spool.add_argument("entries", nargs="*", metavar="ENTRY", help="DESTINATION/NAME as listed, or `all` dead letters")
    spool.add_argument("--spool", help="folder of the spool (default: SERVICE_NODE_SPOOL)")
    return parser
