"""An archive that takes C-STORE, and can be told to fail."""

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from pydicom import Dataset
from pydicom.uid import (
    Comprehensive3DSRStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)
from pynetdicom import AE, evt
from pynetdicom.events import Event

TITLE = "ARCHIVE"
UNANSWERED_CALLS = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
"""pynetdicom leaves the socket of a connection that was refused to the garbage collector."""


@dataclass
class Archive:
    """What it was sent; `status` gives the answer to the n-th request, from 0, and None aborts the association."""

    status: Callable[[int], int | None] = lambda _: 0x0000
    port: int = 0
    requests: int = 0
    taken: dict[str, Dataset] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)

    def of_class(self, sop_class: str) -> list[Dataset]:
        return [one for one in self.taken.values() if one.SOPClassUID == sop_class]

    @property
    def reports(self) -> list[Dataset]:
        return self.of_class(Comprehensive3DSRStorage)

    @property
    def captures(self) -> list[Dataset]:
        return self.of_class(SecondaryCaptureImageStorage)

    def on_store(self, event: Event) -> int:
        status = self.status(self.requests)
        self.requests += 1
        if status is None:
            event.assoc.abort()
            return 0x0110
        if status == 0x0000 or status & 0xF000 == 0xB000:
            made = event.dataset
            made.file_meta = event.file_meta
            self.taken[str(made.SOPInstanceUID)] = made
            self.times[str(made.SOPInstanceUID)] += 1
        return status


@contextmanager
def archive(
    port: int = 0, status: Callable[[int], int | None] = lambda _: 0x0000, context: ssl.SSLContext | None = None
) -> Iterator[Archive]:
    """Run an archive in this process."""
    entity = AE(TITLE)
    for sop_class in (Comprehensive3DSRStorage, SecondaryCaptureImageStorage):
        entity.add_supported_context(sop_class, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
    running = Archive(status)
    handlers = [(evt.EVT_C_STORE, running.on_store)]
    server = entity.start_server(("127.0.0.1", port), block=False, ssl_context=context, evt_handlers=handlers)
    assert server is not None
    running.port = server.server_address[1]
    try:
        yield running
    finally:
        server.shutdown()
