"""One process that serves: it loads the model and answers what comes in on the port until a signal."""

import logging
import os
import signal
import socket
import threading
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from pathlib import Path

from fastapi import FastAPI

from service.app import create_app
from service.classifier import Classifier, load_classifier
from service.heap import return_freed_memory
from service.listening import listen
from service.metrics import SharedMetrics
from service.reloading import Reloader
from service.server import Server
from service.settings import Settings, unknown_settings

_LOG = logging.getLogger("service")


@dataclass(frozen=True)
class Place:
    """Which of several workers a process is, from 0; their port, and the folder through which they share metrics."""

    worker: int
    port: socket.socket
    metrics: Path


def serve(settings: Settings, place: Place | None = None) -> None:
    """Serve until a signal; raises ServiceError where it cannot begin.

    The only worker, which has no `place`, opens the port once its model is loaded.
    """
    return_freed_memory()
    classifier = load_classifier(settings.model_path)
    port = place.port if place else listen(settings.host, settings.port)
    app = create_app(settings, classifier)
    server = Server(app, settings, app.state.runtime.admission)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, Reloader(app.state.runtime, server.reload_certificate).ask)
    if place:
        _share_metrics(app, place)
        threading.Thread(target=_stop_without_parent, args=(server,), name="parent", daemon=True).start()
    _announce(app, settings, classifier, port, place)
    server.run([port])


def _share_metrics(app: FastAPI, place: Place) -> None:
    runtime = app.state.runtime
    shared = SharedMetrics(place.metrics, place.worker, runtime.metrics.exposition)
    shared.write()
    shared.keep_writing()
    runtime.exposition = shared.exposition


def _stop_without_parent(server: Server) -> None:
    """Nobody would replace or stop a worker whose supervisor is gone."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        server.stop()


def _announce(
    app: FastAPI, settings: Settings, classifier: Classifier, port: socket.socket, place: Place | None
) -> None:
    if unknown := unknown_settings(os.environ):
        _LOG.warning("unknown settings are ignored", extra={"settings": unknown})
    card = classifier.card
    identity = {"model": card.name, "version": card.version, "sha256": classifier.sha256}
    address = {
        "auth": "required" if app.state.runtime.authenticator.required else "none",
        "tls": _tls(settings),
        "host": settings.host,
        "port": port.getsockname()[1],
        "threads": settings.threads,
        "worker": place.worker if place else None,
    }
    _LOG.info("listening", extra=identity | address)


def _tls(settings: Settings) -> str:
    if settings.tls_cert is None:
        return "none"
    return "mutual" if settings.tls_client_ca else "server"
