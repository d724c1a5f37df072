"""A node in this process, and a modality that sends to it."""

import io
import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage
from pynetdicom import AE
from pynetdicom.association import Association

from service.classifier import Classifier
from service.dicom_node.node import Node
from service.dicom_node.settings import NodeSettings
from service.settings import Settings
from tests.service.reports.scans import scan

TITLE = "BRAINMRI"


def image(number: int, study: str = "study", **elements: Any) -> bytes:
    """Return a small image that the tiny model answers; the same arguments give the same bytes."""
    pixels = np.random.default_rng(number).integers(0, 120, (64, 64), np.uint8)
    return scan(number, study, pixels, **elements)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def destination_file(folder: Path, port: int, **changes: Any) -> Path:
    """Write the file of one destination that speaks DIMSE."""
    values = {"name": "archive", "protocol": "dicom", "host": "127.0.0.1", "port": port, "called_aet": "ARCHIVE"}
    path = folder / "destinations.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in (values | {"timeout_s": 5} | changes).items()]
    path.write_text("\n".join(["[[destination]]", *lines]))
    return path


def node_settings(folder: Path, archive_port: int, **changes: Any) -> NodeSettings:
    values = {
        "destinations": destination_file(folder, archive_port),
        "spool": folder / "spool",
        "port": 0,
        "http_port": 0,
        "quiet_s": 0.3,
    }
    return NodeSettings(**values | changes)


@contextmanager
def running_node(
    folder: Path, archive_port: int, model_path: Path, of_service: dict[str, Any] | None = None, **changes: Any
) -> Iterator[Node]:
    """Run a node; it has stopped when the block is left."""
    settings = Settings(model_path=model_path, threads=2, **(of_service or {}))
    node = Node(node_settings(folder, archive_port, **changes), settings, Classifier(model_path))
    node.start()
    try:
        yield node
    finally:
        node.stop()


def call(
    port: int, called: str = TITLE, calling: str = "MODALITY", classes: Sequence[str] = (MRImageStorage,)
) -> Association:
    """Ask for an association."""
    entity = AE(calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 10
    for sop_class in classes:
        entity.add_requested_context(sop_class, [ExplicitVRLittleEndian])
    return entity.associate("127.0.0.1", port, ae_title=called)


def send(port: int, files: Sequence[bytes], **options: Any) -> list[int]:
    """Store files on one association; returns the statuses, and -1 where there was no response."""
    association = call(port, **options)
    assert association.is_established
    statuses = [status_of(association.send_c_store(dcmread(io.BytesIO(data), force=True))) for data in files]
    hang_up(association)
    return statuses


def hang_up(association: Association) -> None:
    """End an association, and close its socket, which pynetdicom leaves to the garbage collector if it failed."""
    if association.is_established:
        association.release()
    connection = association.dul.socket and association.dul.socket.socket
    if connection:
        connection.close()


def status_of(response: Dataset) -> int:
    return int(response.get("Status", -1))


def said(report: Dataset) -> str:
    """Return all text of a structured report."""
    texts = [str(report.get("TextValue", ""))]
    return "\n".join([*texts, *(said(item) for item in report.get("ContentSequence", ()))])
