"""The C-STORE user (DICOM PS3.4 annex B.2.2): sends results to an archive."""

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydicom import dcmread
from pydicom.uid import (
    Comprehensive3DSRStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import Event

from service.dicom_node.destination_file import DicomDestination
from service.dicom_node.tls import caller_context
from service.errors import PeerRefused, PeerUnavailable

_OBJECTS = (Comprehensive3DSRStorage, SecondaryCaptureImageStorage)
_SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
_SUCCESS = 0x0000


class StoreScu:
    """A destination that speaks DIMSE."""

    def __init__(self, options: DicomDestination, own_title: str, warned: Callable[[], None]) -> None:
        """`warned` is called for an object that was taken with a warning. Raises SettingsError."""
        self._options = options
        self._warned = warned
        self._context = caller_context(options)
        self._entity = AE(options.calling_aet or own_title)
        self._entity.acse_timeout = self._entity.dimse_timeout = options.timeout_s
        self._entity.network_timeout = self._entity.connection_timeout = options.timeout_s
        for sop_class in _OBJECTS:
            self._entity.add_requested_context(sop_class, _SYNTAXES)

    @contextmanager
    def session(self) -> Iterator[Callable[[bytes], None]]:
        """Give what stores one file on one association; raises PeerUnavailable where there is none to be had."""
        association = self._associate()
        try:
            yield lambda data: self._store(association, data)
        finally:
            _hang_up(association)

    def _associate(self) -> Association:
        options = self._options
        try:
            association = self._entity.associate(
                options.host,
                options.port,
                ae_title=options.called_aet,
                tls_args=(self._context, options.host) if self._context else None,
                evt_handlers=[(evt.EVT_CONN_OPEN, _send_at_once)],
            )
        except (OSError, RuntimeError) as error:
            raise PeerUnavailable("no connection") from error
        if association.is_established:
            return association
        _hang_up(association)
        if association.is_rejected:
            raise PeerUnavailable("association rejected: AE titles or hosts are not known to the archive")
        raise PeerUnavailable("no association")

    def _store(self, association: Association, data: bytes) -> None:
        """Raises PeerUnavailable or PeerRefused unless the archive has taken the object."""
        if not association.is_established:
            raise PeerUnavailable("association lost")
        try:
            status = association.send_c_store(dcmread(io.BytesIO(data))).get("Status")
        except ValueError as error:  # the archive has not accepted a presentation context for it
            raise PeerRefused("SOP class not accepted") from error
        except RuntimeError as error:
            raise PeerUnavailable("association lost") from error
        if status is None:
            association.abort()
            raise PeerUnavailable("no response")
        self._judge(int(status))

    def _judge(self, status: int) -> None:
        """Tell what is final from what may pass (PS3.4 table B.2-1, PS3.7 annex C)."""
        if status == _SUCCESS:
            return
        if status in (0x0001, 0x0107, 0x0116) or status & 0xF000 == 0xB000:
            self._warned()
            return
        name = f"status {status:04X}"
        if status & 0xFF00 == 0xA700 or status in (0x0110, 0x0124, 0x0211):
            raise PeerUnavailable(name)
        raise PeerRefused(name)


def _hang_up(association: Association) -> None:
    """End the association; the library leaves the socket of one that failed to the garbage collector."""
    if association.is_established:
        association.release()
    connection = association.dul.socket and association.dul.socket.socket
    if connection:
        connection.close()


def _send_at_once(event: Event) -> None:
    connection = event.assoc.dul.socket and event.assoc.dul.socket.socket
    if connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
