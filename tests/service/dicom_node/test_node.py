"""Images in by C-STORE, results out to an archive, with a real association on either side."""

import io
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import CTImageStorage, EnhancedMRImageStorage, MRImageStorage, generate_uid

from service.errors import SettingsError
from tests.service.dicom_node.archive import UNANSWERED_CALLS, archive
from tests.service.dicom_node.nodes import call, free_port, hang_up, image, running_node, said, send, status_of
from tests.service.reports.scans import scan
from tests.serving import wait_until

pytestmark = UNANSWERED_CALLS
SUCCESS, OUT_OF_RESOURCES, MISMATCH, UNREADABLE, NO_IMAGE, NOT_REPORTABLE = 0, 0xA700, 0xA900, 0xC000, 0xC001, 0xC003


def test_a_series_comes_back_as_one_report_and_its_captures(tmp_path: Path, model_path: Path) -> None:
    files = [image(number) for number in range(6)]
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path) as node:
        assert send(node.port, files) == [SUCCESS] * 6
        wait_until(lambda: len(pacs.taken) == 4)

    (report,) = pacs.reports
    assert len(pacs.captures) == 3
    assert {one.StudyInstanceUID for one in pacs.taken.values()} == {generate_uid(entropy_srcs=["study", "study"])}
    assert "6 of 6 images answered" in said(report)
    assert (report.PatientID, report.AccessionNumber) == ("PHANTOM-1", "A-1")


def test_series_of_several_associations_and_studies_get_a_report_each(tmp_path: Path, model_path: Path) -> None:
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path, captures=0) as node:
        for study in ("one", "two", "three"):
            send(node.port, [image(number, study) for number in range(3)])
        wait_until(lambda: len(pacs.reports) == 3)

    assert set(pacs.times.values()) == {1}


def test_a_second_copy_is_acknowledged_and_makes_no_second_result(tmp_path: Path, model_path: Path) -> None:
    files = [image(number) for number in range(2)]
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path) as node:
        send(node.port, files)
        wait_until(lambda: len(pacs.taken) == 3)
        assert send(node.port, files) == [SUCCESS] * 2
        counted = httpx.get(f"http://127.0.0.1:{node.http_port}/metrics").text
        assert send(node.port, [image(0, "other")]) == [SUCCESS]
        wait_until(lambda: len(pacs.reports) == 2)

    assert 'brain_mri_node_objects_total{reason="repeated",status="0000"} 2.0' in counted
    assert set(pacs.times.values()) == {1}


def test_a_late_image_gives_the_same_report_anew_over_all_images(tmp_path: Path, model_path: Path) -> None:
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path) as node:
        send(node.port, [image(0)])
        wait_until(lambda: len(pacs.reports) == 1)
        before = pacs.reports[0].SOPInstanceUID
        send(node.port, [image(1)])
        wait_until(lambda: pacs.times[before] == 2)

    (report,) = pacs.reports
    assert "2 of 2 images answered" in said(report)


def test_frames_of_an_enhanced_object_are_images_of_its_report(tmp_path: Path, model_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 120, (5, 64, 64), np.uint8)
    enhanced = scan(1, "study", pixels, frames=5, SOPClassUID=EnhancedMRImageStorage)
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path) as node:
        assert send(node.port, [enhanced], classes=[EnhancedMRImageStorage]) == [SUCCESS]
        wait_until(lambda: len(pacs.taken) == 4)

    assert "5 of 5 images answered" in said(pacs.reports[0])


def test_images_that_the_model_refuses_are_counted_in_the_report(tmp_path: Path, model_path: Path) -> None:
    bright = scan(7, "study", np.random.default_rng(0).integers(240, 255, (64, 64), np.uint8))
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path) as node:
        assert send(node.port, [image(0), bright]) == [SUCCESS] * 2
        wait_until(lambda: len(pacs.reports) == 1)

    assert "1 of 2 images answered, 1 refused" in said(pacs.reports[0])


def test_a_series_that_the_rules_leave_out_gets_no_result(tmp_path: Path, model_path: Path) -> None:
    localizer = image(0, "left", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path) as node:
        assert send(node.port, [localizer]) == [SUCCESS]
        metrics = f"http://127.0.0.1:{node.http_port}/metrics"
        wait_until(lambda: 'brain_mri_node_series_total{outcome="left"} 1.0' in httpx.get(metrics).text)
        send(node.port, [image(0)])
        wait_until(lambda: len(pacs.reports) == 1)

    assert len(pacs.reports) == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (image(0)[:-1000], UNREADABLE),
        (image(0, StudyInstanceUID=""), NOT_REPORTABLE),
        (image(0, SeriesInstanceUID="not a uid"), NOT_REPORTABLE),
    ],
    ids=["truncated", "no study", "no UID"],
)
def test_an_object_of_which_no_result_can_be_made_is_refused(
    data: bytes, status: int, tmp_path: Path, model_path: Path
) -> None:
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path) as node:
        assert send(node.port, [data]) == [status]
        assert send(node.port, [image(1)]) == [SUCCESS]
        wait_until(lambda: len(pacs.reports) == 1)
        counted = httpx.get(f"http://127.0.0.1:{node.http_port}/metrics").text

    assert f'status="{status:04X}"' in counted


class Lying(Dataset):
    """Is said to be another object than the one it is."""

    SOPInstanceUID = generate_uid()


def test_an_object_without_pixels_and_one_that_is_another_than_the_request_says_are_refused(
    tmp_path: Path, model_path: Path
) -> None:
    bare = dcmread(io.BytesIO(image(0)))
    del bare.PixelData
    other = Lying(dcmread(io.BytesIO(image(1))))
    other.file_meta = bare.file_meta
    with running_node(tmp_path, free_port(), model_path) as node:
        association = call(node.port)
        refused = [status_of(association.send_c_store(one)) for one in (bare, other)]
        association.release()

    assert refused == [UNREADABLE, MISMATCH]


def test_other_classes_of_objects_are_not_negotiated(tmp_path: Path, model_path: Path) -> None:
    with running_node(tmp_path, free_port(), model_path) as node:
        association = call(node.port, classes=[CTImageStorage, MRImageStorage])
        accepted = [str(one.abstract_syntax) for one in association.accepted_contexts]
        association.release()

    assert accepted == [MRImageStorage]


def rejected(port: int, **options: Any) -> bool:
    association = call(port, **options)
    hang_up(association)
    return bool(association.is_rejected)


def test_the_wrong_title_an_unknown_caller_and_a_foreign_network_are_rejected(tmp_path: Path, model_path: Path) -> None:
    with running_node(tmp_path, free_port(), model_path, callers="MODALITY, PACS") as node:
        assert not rejected(node.port)
        assert rejected(node.port, called="OTHER")
        assert rejected(node.port, calling="STRANGER")
        counted = httpx.get(f"http://127.0.0.1:{node.http_port}/metrics").text
    with running_node(tmp_path, free_port(), model_path, networks="10.0.0.0/8") as node:
        assert rejected(node.port)

    assert 'brain_mri_node_associations_total{outcome="rejected"} 2.0' in counted


def test_a_full_spool_refuses_and_says_so_and_loses_nothing(tmp_path: Path, model_path: Path) -> None:
    big = [scan(number, "big", np.full((900, 900), number, np.uint8)) for number in range(2)]
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path, spool_bytes=1024**2) as node:
        assert send(node.port, big) == [SUCCESS, OUT_OF_RESOURCES]
        health = httpx.get(f"http://127.0.0.1:{node.http_port}/health")
        wait_until(lambda: len(pacs.reports) == 1)

    assert (health.status_code, health.json()["status"]) == (503, "full")


def test_health_says_what_waits_and_for_whom(tmp_path: Path, model_path: Path) -> None:
    with running_node(tmp_path, free_port(), model_path) as node:
        send(node.port, [image(0)])
        address = f"http://127.0.0.1:{node.http_port}/health"
        wait_until(lambda: httpx.get(address).json()["destinations"][0]["waiting"] == 2)
        wait_until(lambda: not httpx.get(address).json()["destinations"][0]["reachable"])
        health = httpx.get(address)

    assert (health.status_code, health.json()["spool"]["objects"]) == (200, 1)
    assert health.json()["model"]["name"] == "tiny"
    assert "Research use only" in health.json()["disclaimer"]


def test_what_was_received_by_one_node_is_reported_by_the_next(tmp_path: Path, model_path: Path) -> None:
    with running_node(tmp_path, free_port(), model_path, quiet_s=3600) as node:
        assert send(node.port, [image(number) for number in range(3)]) == [SUCCESS] * 3
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path):
        wait_until(lambda: len(pacs.reports) == 1)

    assert "3 of 3 images answered" in said(pacs.reports[0])


def test_a_delivered_series_leaves_the_spool(tmp_path: Path, model_path: Path) -> None:
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path, keep_s=0) as node:
        send(node.port, [image(0)])
        wait_until(lambda: len(pacs.taken) == 2)
        wait_until(lambda: node.health()["spool"]["series"] == 0)

    assert list((tmp_path / "spool" / "series").iterdir()) == []


def test_a_message_beyond_the_limit_ends_the_association_and_nothing_else(tmp_path: Path, model_path: Path) -> None:
    giant = scan(1, "giant", np.zeros((2000, 2000), np.uint8))
    limits = {"max_bytes": 100_000}
    with archive() as pacs, running_node(tmp_path, pacs.port, model_path, limits) as node:
        assert send(node.port, [giant]) == [-1]
        assert send(node.port, [image(0)]) == [SUCCESS]
        wait_until(lambda: len(pacs.reports) == 1)


def test_more_associations_than_allowed_are_rejected_and_more_connections_are_closed(
    tmp_path: Path, model_path: Path
) -> None:
    with running_node(tmp_path, free_port(), model_path, max_associations=2) as node, ExitStack() as stack:
        for _ in range(2):
            stack.callback(hang_up, call(node.port))
        assert rejected(node.port)
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", node.port))) for _ in range(6)]
        for one in silent:
            one.settimeout(2)
        closed = sum(is_closed(one) for one in silent)

    assert closed >= 4


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path, model_path: Path) -> None:
    with archive() as pacs:
        with (
            pytest.raises(SettingsError, match=f"SERVICE_NODE_PORT={pacs.port}"),
            running_node(tmp_path, pacs.port, model_path, port=pacs.port),
        ):
            pass
        with running_node(tmp_path, pacs.port, model_path):
            pass
