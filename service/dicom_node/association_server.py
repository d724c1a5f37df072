"""The server of associations, bounded where pynetdicom trusts its peers.

pynetdicom reads as many bytes as the length of a PDU announces, up to 4 GiB, collects the PDUs of a message without a
bound, waits for the rest of a PDU without a limit of time, and shakes hands over TLS before it accepts the next call.
"""

import socket
import ssl
import threading
from dataclasses import dataclass
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

_FIRST_PDU = 65_536
"""What an A-ASSOCIATE-RQ may take: its length is not negotiated."""
_HANDSHAKE_S = 10.0


@dataclass(frozen=True)
class Bounds:
    """Connections, bytes of a PDU and of a message, and the seconds that a peer may be silent."""

    max_connections: int
    max_pdu: int
    max_message: int
    silence_s: float


class _BoundedTransport:
    """Stands between an association and its connection.

    It fails, as a connection that breaks would, where a peer sends more than it may, or nothing for too long. A message
    begins with the first byte after something was sent: a peer waits for each response.
    """

    def __init__(self, transport: AssociationSocket, bounds: Bounds) -> None:
        self._transport = transport
        self._send = transport.send
        self._bounds = bounds
        self._received = 0

    def recv(self, nr_bytes: int) -> bytearray:
        """Read that many bytes, fewer where the connection ends; raises OSError beyond the bounds."""
        self._received += nr_bytes
        if nr_bytes > max(self._bounds.max_pdu, _FIRST_PDU) or self._received > self._bounds.max_message:
            raise OSError("the peer sends more than it may")
        assert self._transport.socket is not None
        data = bytearray(nr_bytes)
        read = 0
        with memoryview(data) as view:
            while read < nr_bytes and (count := self._transport.socket.recv_into(view[read:])):
                read += count
        del data[read:]
        return data

    def send(self, data: bytes) -> None:
        """Send a PDU."""
        self._received = 0
        self._send(data)


class _Handler(RequestHandler):
    """Makes an association of a connection, in a thread of its own."""

    server: "AssociationServer"

    def handle(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.settimeout(_HANDSHAKE_S)
            self.request.do_handshake()
        super().handle()

    def _create_association(self) -> Association:
        """Make the association as the library does, and bound what it reads."""
        association = super()._create_association()
        transport, bounds = association.dul.socket, self.server.bounds
        assert transport is not None
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request.settimeout(bounds.silence_s)
        bounded = _BoundedTransport(transport, bounds)
        for name in ("recv", "send"):
            setattr(transport, name, getattr(bounded, name))
        return association


class AssociationServer(ThreadedAssociationServer):
    """Serves calls within the bounds; one that fails before there is an association is dropped."""

    daemon_threads = True

    def __init__(
        self,
        entity: AE,
        address: tuple[str, int],
        handlers: list[evt.EventHandlerType],
        bounds: Bounds,
        context: ssl.SSLContext | None,
    ) -> None:
        """Open the port, over TLS where there is a context; raises OSError where the address cannot be used."""
        self.bounds = bounds
        self._guard = threading.Lock()
        self._connecting = 0
        contexts = entity.supported_contexts
        super().__init__(entity, address, entity.ae_title, contexts, context, handlers, request_handler=_Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; the handshake of TLS is left to its thread."""
        assert self.socket is not None
        connection, address = self.socket.accept()
        if self.ssl_context:
            connection = self.ssl_context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Hang up on connections beyond the bound: each takes threads before it has said who it is."""
        with self._guard:
            is_welcome = self._connecting + len(self.active_associations) < self.bounds.max_connections
            self._connecting += is_welcome
        return is_welcome

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the connection a thread."""
        try:
            super().process_request(request, client_address)
        except BaseException:  # there is no thread to be had
            self._connected()
            raise

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands and start the association, which is counted by itself from then on."""
        try:
            super().finish_request(request, client_address)
        finally:
            self._connected()

    def _connected(self) -> None:
        with self._guard:
            self._connecting -= 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the library would write addresses and a traceback to standard error."""
