"""The C-ECHO and C-STORE provider (DICOM PS3.4 annexes A and B): who may call, what is taken, what is answered."""

import logging
import ssl
import threading
from collections.abc import Callable
from ipaddress import ip_address

from pydicom import Dataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, _config, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event

from service.dicom_node import statuses
from service.dicom_node.association_server import AssociationServer, Bounds
from service.dicom_node.ledger import Sender
from service.dicom_node.settings import NodeSettings
from service.dicom_node.statuses import Status
from service.errors import SettingsError
from service.imaging.dicom.transfer_syntax import READ
from service.series import MR_IMAGES

VERIFICATION = UID("1.2.840.10008.1.1")
SYNTAXES = tuple(syntax for syntax in READ if syntax != DeflatedExplicitVRLittleEndian)
"""What is negotiated: no report is made of a deflated data set, which pydicom inflates without bound."""

_LOG = logging.getLogger("service.dicom_node")
_PERMANENTLY, _BY_THIS_NODE, _NO_REASON = 0x01, 0x01, 0x01  # PS3.8 section 9.3.4
_NEGOTIATION_S = 10
_OVERHEAD = 1024 * 1024
_CONNECTIONS = 2
"""Connections for each association that may be: those beyond are told by a rejection rather than hung up on."""

Store = Callable[[bytes, str, str, Sender], Status]
"""Takes a file, SOP class and instance of the request, and the association."""


class Listener:
    """Listens from `start` to `stop`; `store` is called in the thread of each association."""

    def __init__(self, settings: NodeSettings, max_bytes: int, store: Store, count: Callable[[str], None]) -> None:
        """`max_bytes` is of one object; `count` is told how each call was met."""
        self._settings = settings
        self._store = store
        self._count = count
        self._entity = _entity(settings)
        self._bounds = Bounds(
            _CONNECTIONS * settings.max_associations, settings.max_pdu, max_bytes + _OVERHEAD, settings.idle_s
        )
        self._server: AssociationServer | None = None

    def start(self, context: ssl.SSLContext | None) -> int:
        """Listen, over TLS where there is a context, and return the port; raises SettingsError."""
        settings = self._settings
        _config.LOG_HANDLER_LEVEL = "none"  # or every message is put into words that no log takes
        try:
            address = (settings.host, settings.port)
            server = AssociationServer(self._entity, address, self._handlers(), self._bounds, context)
        except OSError as error:
            raise SettingsError(
                f"SERVICE_NODE_HOST={settings.host}, SERVICE_NODE_PORT={settings.port}: {error.strerror}."
            ) from error
        self._server = server
        self._entity._servers.append(server)  # as start_server does, which takes no class of server
        threading.Thread(target=server.serve_forever, args=(0.1,), name="dicom-listener", daemon=True).start()
        return int(server.server_address[1])

    def stop(self) -> None:
        """Take no more calls, and abort the associations that are left; what was not answered stays with its sender."""
        if self._server:
            self._server.shutdown()
        self._entity.shutdown()

    def _handlers(self) -> list[evt.EventHandlerType]:
        return [
            (evt.EVT_REQUESTED, self._on_requested),
            (evt.EVT_ACCEPTED, lambda _: self._count("accepted")),
            (evt.EVT_REJECTED, lambda _: self._count("rejected")),
            (evt.EVT_ABORTED, lambda _: self._count("aborted")),
            (evt.EVT_C_STORE, self._on_store),
        ]

    def _on_requested(self, event: Event) -> None:
        """Reject a call from a network that may not call; AE titles are the library's to check."""
        networks = self._settings.networks
        address = ip_address(event.assoc.requestor.address)
        if networks and not any(address in network for network in networks):
            event.assoc.acse.send_reject(_PERMANENTLY, _BY_THIS_NODE, _NO_REASON)
            self._count("rejected")
            event.assoc.kill()

    def _on_store(self, event: Event) -> Dataset:
        request = event.request
        assert isinstance(request, C_STORE)
        try:
            status = self._store(
                event.encoded_dataset(),
                str(request.AffectedSOPClassUID),
                str(request.AffectedSOPInstanceUID),
                event.assoc,
            )
        except Exception as error:
            _LOG.error("unexpected error", exc_info=error)
            status = statuses.FAILED
        return _response(status)


def _entity(settings: NodeSettings) -> AE:
    entity = AE(settings.ae_title)
    entity.require_called_aet = True
    entity.require_calling_aet = list(settings.known_callers)
    entity.maximum_associations = settings.max_associations
    entity.maximum_pdu_size = settings.max_pdu
    entity.acse_timeout = entity.dimse_timeout = _NEGOTIATION_S
    entity.network_timeout = settings.idle_s
    entity.add_supported_context(VERIFICATION, [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
    for sop_class in MR_IMAGES:
        entity.add_supported_context(sop_class, list(SYNTAXES))
    return entity


def _response(status: Status) -> Dataset:
    response = Dataset()
    response.Status = status.code
    if status.comment:
        response.ErrorComment = status.comment
    return response
