"""The destinations of the file, each with what speaks to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from service.deidentification import Pseudonyms, read_key
from service.dicom_node.delivery import Peer
from service.dicom_node.destination_file import DestinationOptions, DicomDestination, read_destinations
from service.dicom_node.metrics import NodeMetrics
from service.dicom_node.settings import NodeSettings
from service.dicom_node.store_scu import StoreScu
from service.dicomweb import ArchiveSession, DicomWebOptions, StowUser
from service.errors import SettingsError
from service.series import Kind
from service.settings import NODE_PREFIX

_KEY = f"{NODE_PREFIX}PSEUDONYM_KEY_FILE"


@dataclass(frozen=True)
class Destination:
    """What it is sent, and how; with `pseudonyms` under these, and without the identity of the patient."""

    name: str
    results: tuple[Kind, ...]
    peer: Peer
    pseudonyms: Pseudonyms | None = None


def open_destinations(settings: NodeSettings, metrics: NodeMetrics) -> tuple[Destination, ...]:
    """Read the file that the settings name; no destination is called yet. Raises SettingsError."""
    return tuple(_destination(one, settings, metrics) for one in read_destinations(settings.destinations))


def _pseudonyms(options: DestinationOptions, settings: NodeSettings) -> Pseudonyms | None:
    if not options.deidentified:
        return None
    if settings.pseudonym_key_file is None:
        raise SettingsError(
            f"the destination {options.name!r} is to get results without identity: set {_KEY} to the path of a key. "
            "Make one with: openssl rand -hex 32"
        )
    return Pseudonyms(read_key(settings.pseudonym_key_file, _KEY))


def _destination(options: DestinationOptions, settings: NodeSettings, metrics: NodeMetrics) -> Destination:
    warned = partial(metrics.delivery(options.name), "warning")
    peer: Peer
    if isinstance(options, DicomDestination):
        peer = StoreScu(options, settings.ae_title, warned)
    else:
        peer = _StowPeer(options.pacs, warned)
    return Destination(options.name, options.results, peer, _pseudonyms(options, settings))


class _StowPeer:
    """An archive that takes STOW-RS."""

    def __init__(self, options: DicomWebOptions, warned: Callable[[], None]) -> None:
        self._archive = StowUser(ArchiveSession(options), warned)

    @contextmanager
    def session(self) -> Iterator[Callable[[bytes], None]]:
        yield self._archive.store
