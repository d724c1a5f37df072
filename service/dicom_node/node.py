"""The node as a whole: listener -> spool -> model -> reports -> outbox -> destinations."""

import logging
import threading
from contextlib import ExitStack
from typing import Any

from service import DISCLAIMER
from service.classifier import Classifier
from service.dicom_node.answering import Answering
from service.dicom_node.delivery import Delivery
from service.dicom_node.destinations import open_destinations
from service.dicom_node.housekeeping import Housekeeping
from service.dicom_node.intake import Intake
from service.dicom_node.ledger import Ledger
from service.dicom_node.listener import Listener
from service.dicom_node.metrics import NodeMetrics
from service.dicom_node.model_process import ModelProcesses
from service.dicom_node.outbox import Outbox
from service.dicom_node.reporting import Reporting
from service.dicom_node.settings import NodeSettings
from service.dicom_node.spool import Spool
from service.dicom_node.tls import listener_context
from service.imaging import Limits
from service.monitor import Monitor
from service.prediction import Predictor, identify
from service.series_selection import read_rules
from service.settings import NODE_PREFIX, Settings

_LOG = logging.getLogger("service.dicom_node")
_LOOK_S = 0.2


class Node:
    """Runs from `start` to `stop`. What it has acknowledged is in the spool until every destination has its result."""

    def __init__(self, settings: NodeSettings, of_service: Settings, classifier: Classifier) -> None:
        """Take the spool into use; raises SettingsError for files or settings that cannot be used."""
        self._settings = settings
        self._context = listener_context(settings)
        self._metrics = metrics = NodeMetrics()
        destinations = open_destinations(settings, metrics)
        rules = read_rules(settings.selection)
        limits = Limits(of_service.max_pixels)
        predictor = Predictor(classifier, limits, of_service.novelty_policy, of_service.header_policy)
        self._identity = identify(classifier).model_dump()
        self._ledger = ledger = Ledger(settings.quiet_s)
        self._outbox = outbox = Outbox(settings.spool)
        self._spool = spool = Spool(settings.spool, settings.spool_bytes)
        self._model_sha256 = classifier.sha256
        self._model = ModelProcesses(of_service, classifier.sha256, metrics.of_model)
        self._answering = Answering(spool, ledger, self._model, identify(classifier), of_service.threads)
        self._reporting = Reporting(
            spool, ledger, outbox, predictor, destinations, rules, settings.captures, metrics.series
        )
        self._housekeeping = Housekeeping(spool, ledger, outbox, settings.keep_s)
        self._deliveries = [
            Delivery(one.name, one.peer, outbox, settings.give_up_s, metrics.delivery(one.name)) for one in destinations
        ]
        intake = Intake(spool, ledger, self._answering, metrics, limits)
        self._listener = Listener(settings, of_service.max_bytes, intake.store, metrics.association)
        self._monitor = Monitor(self.health, metrics.exposition)
        self._stopping = threading.Event()
        self._worker = threading.Thread(target=self._work, name="reporting")
        self.port = self.http_port = 0

    def start(self) -> None:
        """Resume what an earlier node has left, then listen; raises SettingsError where an address cannot be used."""
        settings = self._settings
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._outbox.open([one.name for one in self._deliveries])
            self._name_forsaken()
            self._restore()
            self._model.start()
            self._metrics.watch(self._spool, self._ledger, self._outbox)
            self._worker.start()
            for delivery in self._deliveries:
                delivery.start()
            self.http_port = self._monitor.start(settings.http_host, settings.http_port, f"{NODE_PREFIX}HTTP_")
            self.port = self._listener.start(self._context)
            undo.pop_all()

    def stop(self) -> None:
        """Take no more calls, end what is being done, and leave the rest to the next node."""
        self._stopping.set()
        self._listener.stop()
        self._answering.stop()
        self._model.stop()
        if self._worker.is_alive():
            self._worker.join()
        for delivery in self._deliveries:
            delivery.begin_stop()
        for delivery in self._deliveries:
            delivery.stop()
        self._monitor.stop()
        self._spool.close()

    def health(self) -> dict[str, Any]:
        """Return whether objects are taken, with which model, and how much waits for what."""
        series, objects, unanswered = self._ledger.counts()
        counts = self._outbox.counts()
        return {
            "status": "stopping" if self._stopping.is_set() else "full" if self._spool.is_full else "ready",
            "model": self._identity,
            "spool": {
                "series": series,
                "objects": objects,
                "unanswered": unanswered,
                "bytes": self._spool.used,
                "max_bytes": self._settings.spool_bytes,
            },
            "destinations": [
                {
                    "name": one.name,
                    "reachable": one.is_reachable,
                    "waiting": counts.get(one.name, (0, 0))[0],
                    "dead_letters": counts.get(one.name, (0, 0))[1],
                }
                for one in self._deliveries
            ],
            "disclaimer": DISCLAIMER,
        }

    def _name_forsaken(self) -> None:
        """Say which results nobody will deliver: the file no longer names their destination."""
        known = {one.name for one in self._deliveries}
        for name, (waiting, _) in self._outbox.counts().items():
            if waiting and name not in known:
                _LOG.warning("results wait for a destination that the file does not name", extra={"destination": name})

    def _restore(self) -> None:
        for series in self._spool.series():
            answered = {
                instance: self._spool.answers(series, instance, self._model_sha256) is not None
                for instance in self._spool.instances(series)
            }
            self._ledger.restore(series, answered, *self._spool.reported(series))

    def _work(self) -> None:
        """Look again and again at what is due; nothing that goes wrong ends it."""
        while not self._stopping.wait(_LOOK_S):
            for step in (self._answering.ask_unanswered, self._reporting.report_complete, self._housekeeping.tidy):
                try:
                    step()
                except Exception as error:
                    _LOG.error("unexpected error", exc_info=error)
