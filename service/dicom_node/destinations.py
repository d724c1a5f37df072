"""The destinations of the file, each with how results are made ready for it and what speaks to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from pydicom import Dataset

from service.deidentification import PseudonymKey, deidentified, read_key
from service.dicom_node.delivery import Peer
from service.dicom_node.destination_file import DestinationOptions, DicomDestination, Kind, read_destinations
from service.dicom_node.metrics import NodeMetrics
from service.dicom_node.settings import ENV_PREFIX, NodeSettings
from service.dicom_node.store_scu import StoreScu
from service.dicomweb import DicomWeb, DicomWebOptions
from service.errors import SettingsError


@dataclass(frozen=True)
class Destination:
    """`prepare` returns an object as this destination may have it, None where it may not have it at all."""

    name: str
    results: tuple[Kind, ...]
    prepare: Callable[[Dataset], Dataset | None]
    peer: Peer


def open_destinations(settings: NodeSettings, metrics: NodeMetrics) -> tuple[Destination, ...]:
    """Read the files that the settings name; no destination is called yet. Raises SettingsError."""
    options = read_destinations(settings.destinations)
    key = _key(settings) if any(one.deidentified for one in options) else None
    return tuple(_destination(one, settings, metrics, key) for one in options)


def _destination(
    options: DestinationOptions, settings: NodeSettings, metrics: NodeMetrics, key: PseudonymKey | None
) -> Destination:
    prepare = partial(deidentified, key=key) if options.deidentified and key else _as_it_is
    warned = partial(metrics.delivery(options.name), "warning")
    is_dimse = isinstance(options, DicomDestination)
    peer: Peer = StoreScu(options, settings.ae_title, warned) if is_dimse else _StowPeer(options.pacs)
    return Destination(options.name, options.results, prepare, peer)


def _key(settings: NodeSettings) -> PseudonymKey:
    if settings.pseudonym_key is None:
        raise SettingsError(f"A destination is to be without identity: {ENV_PREFIX}PSEUDONYM_KEY must name a key file.")
    return read_key(settings.pseudonym_key)


def _as_it_is(made: Dataset) -> Dataset:
    return made


class _StowPeer:
    """An archive that takes STOW-RS."""

    def __init__(self, options: DicomWebOptions) -> None:
        self._archive = DicomWeb(options)

    @contextmanager
    def session(self) -> Iterator[Callable[[bytes], None]]:
        yield self._archive.store
