"""Series whose results were delivered leave the spool."""

import time
from functools import partial

from service.dicom_node.ledger import Ledger
from service.dicom_node.outbox import Outbox
from service.dicom_node.spool import Spool

_LOOK_S = 5.0


class Housekeeping:
    """Removes them once they are `keep_s` seconds old, or at the next look while the spool is crowded."""

    def __init__(self, spool: Spool, ledger: Ledger, outbox: Outbox, keep_s: float) -> None:
        self._spool = spool
        self._ledger = ledger
        self._outbox = outbox
        self._keep_s = keep_s
        self._look_s = min(_LOOK_S, keep_s)
        self._next_look = 0.0

    def tidy(self) -> None:
        """Remove what is due; a result that waits or is a dead letter keeps the objects that it was made of."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + self._look_s
        held = self._outbox.holds()
        for series, reported_at in self._ledger.resting():
            is_old = time.time() - reported_at >= self._keep_s
            if series not in held and (is_old or self._spool.is_crowded):
                self._ledger.drop(series, partial(self._spool.remove, series))
