"""What happens to an object between its C-STORE request and the answer to it."""

from service.dicom_node import statuses
from service.dicom_node.answering import Answering
from service.dicom_node.ledger import Ledger, Sender
from service.dicom_node.metrics import NodeMetrics
from service.dicom_node.received_object import check_object
from service.dicom_node.spool import Spool
from service.dicom_node.statuses import Status, StoreRefused
from service.imaging import Limits


class Intake:
    """Called from the thread of each association."""

    def __init__(
        self, spool: Spool, ledger: Ledger, answering: Answering, metrics: NodeMetrics, limits: Limits
    ) -> None:
        self._spool = spool
        self._ledger = ledger
        self._answering = answering
        self._metrics = metrics
        self._limits = limits

    def store(self, data: bytes, sop_class: str, sop_instance: str, sender: Sender) -> Status:
        """Take an object, and answer once the disk has it; an object that is here already changes nothing."""
        try:
            status = self._take(data, sop_class, sop_instance, sender)
        except StoreRefused as refused:
            status = refused.status
        except Exception:
            self._metrics.stored(statuses.FAILED)
            raise
        self._metrics.stored(status)
        return status

    def _take(self, data: bytes, sop_class: str, sop_instance: str, sender: Sender) -> Status:
        received = check_object(data, sop_class, sop_instance, self._limits)
        with self._ledger.arrival(received, sender) as is_repeated:
            if is_repeated:
                return statuses.REPEATED
            self._spool.add(received)
        self._answering.ask(received.series, received.instance)
        return statuses.SUCCESS
