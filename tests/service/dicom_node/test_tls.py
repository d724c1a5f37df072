"""DICOM over TLS, in and out."""

import socket
import ssl
from pathlib import Path

import pytest
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage
from pynetdicom import AE
from pynetdicom.association import Association

from service.dicom_node.destination_file import DicomDestination
from service.dicom_node.settings import read_node_settings
from service.dicom_node.store_scu import StoreScu
from service.dicom_node.tls import listener_context
from service.errors import PeerUnavailable, SettingsError
from tests.certificates import Authority
from tests.service.dicom_node.archive import archive
from tests.service.dicom_node.nodes import TITLE, free_port, hang_up, image, running_node, send


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def call_over_tls(port: int, authority: Authority, client: tuple[Path, Path] | None) -> Association:
    context = ssl.create_default_context(cafile=authority.path)
    if client:
        context.load_cert_chain(*client)
    entity = AE("MODALITY")
    entity.acse_timeout = entity.network_timeout = entity.connection_timeout = 5
    entity.add_requested_context(MRImageStorage, ExplicitVRLittleEndian)
    return entity.associate("127.0.0.1", port, ae_title=TITLE, tls_args=(context, "127.0.0.1"))


def test_a_caller_with_a_certificate_is_let_in_and_others_are_not(
    authority: Authority, tmp_path: Path, model_path: Path
) -> None:
    certificate, key = authority.issue("node")
    settings = {"tls_cert": certificate, "tls_key": key, "tls_client_ca": authority.path}
    with running_node(tmp_path, free_port(), model_path, **settings) as node:
        known = call_over_tls(node.port, authority, authority.issue("modality"))
        accepted = known.is_established
        hang_up(known)
        stranger = call_over_tls(node.port, authority, None)
        refused = not stranger.is_established
        hang_up(stranger)
        with socket.create_connection(("127.0.0.1", node.port)) as silent:  # must not keep others waiting
            silent.sendall(b"\x16")
            again = call_over_tls(node.port, authority, authority.issue("modality"))
            others = again.is_established
            hang_up(again)

    assert (accepted, refused, others) == (True, True, True)


def test_results_go_to_an_archive_over_tls(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.issue("node")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    secondary_capture = image(0, SOPClassUID="1.2.840.10008.5.1.4.1.1.7")
    with archive(context=context) as pacs:
        options = {"name": "a", "protocol": "dicom", "host": "127.0.0.1", "port": pacs.port, "called_aet": "ARCHIVE"}
        trusting = DicomDestination.model_validate(options | {"ca": authority.path, "timeout_s": 5})
        with StoreScu(trusting, TITLE, lambda: None).session() as store:
            store(secondary_capture)
        doubting = DicomDestination.model_validate(options | {"tls": True, "timeout_s": 5})
        with pytest.raises(PeerUnavailable), StoreScu(doubting, TITLE, lambda: None).session():
            pass

    assert len(pacs.taken) == 1


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"tls_key": "key.pem"}, "SERVICE_NODE_TLS_CERT"),
        ({"tls_cert": "none.pem"}, "none.pem"),
    ],
)
def test_certificates_that_cannot_be_used_are_named(changes: dict[str, str], named: str) -> None:
    settings = read_node_settings(destinations="d", spool="s", **changes)

    with pytest.raises(SettingsError, match=named):
        listener_context(settings)


def test_without_a_certificate_it_is_dicom_in_the_clear(tmp_path: Path, model_path: Path) -> None:
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path) as node:
        assert send(node.port, [image(0)]) == [0]
