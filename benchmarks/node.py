"""`python -m benchmarks.node`: phantom series sent to a node by `storescu`, on associations at once, to `storescp`.

The instances come in two waves of series. Fails (exit code 1) when fewer than 100 instances a second are received and
classified, one is not acknowledged, a series has not exactly one report in the archive, or the second wave takes a
tenth more memory at its peak than the first.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from pydicom import dcmread
from pydicom.uid import Comprehensive3DSRStorage, generate_uid

from benchmarks.process_memory import MemoryRecorder
from benchmarks.running_service import RunningService
from service.phantom import brain_slice
from service.phantom.mr_image import mr_image

RATE_AIM = 100.0
GROWTH_LIMIT = 0.10
_PATIENCE_S = 600.0
_DRAWN = 16
_AT_ONCE = os.environ | {"TCP_NODELAY": "1"}  # or DCMTK waits 40 ms for each acknowledgement


@dataclass(frozen=True)
class Wave:
    """Seconds from the first association until all instances were received, classified, and all reports delivered.

    `codes` are the exit codes of the senders, `peak_mib` is the resident memory of the node at its highest.
    """

    received_s: float
    classified_s: float
    delivered_s: float
    codes: list[int]
    peak_mib: float


def write_series(folder: Path, series: range, instances: int) -> list[Path]:
    """Write so many series of so many instances, and return their folders; the pictures are a few phantoms."""
    drawn = [brain_slice(seed, ("none", "glioma", "meningioma", "pituitary")[seed % 4], 256) for seed in range(_DRAWN)]
    folders = []
    for number in series:
        own = folder / f"series-{number}"
        own.mkdir()
        for instance in range(instances):
            _write_instance(own / f"{instance}.dcm", drawn[instance % _DRAWN], number, instance)
        folders.append(own)
    return folders


def _write_instance(
    path: Path, pixels: "np.ndarray[tuple[int, int], np.dtype[np.uint8]]", series: int, number: int
) -> None:
    path.write_bytes(mr_image(pixels, number))
    image = dcmread(path)
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        setattr(image, keyword, generate_uid(entropy_srcs=[keyword, str(series)]))
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid(
        entropy_srcs=[str(series), str(number)]
    )
    image.save_as(path)


@contextmanager
def running_archive(folder: Path) -> Iterator[int]:
    """Run `storescp`, which writes what it takes into the folder; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(["storescp", "-od", str(folder), "-aet", "ARCHIVE", str(port)], env=_AT_ONCE)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def running_node(folder: Path, archive_port: int, model: Path) -> Iterator[RunningService]:
    """Run a node that delivers to that port, with a spool of its own."""
    destinations = folder / "destinations.toml"
    destinations.write_text(
        '[[destination]]\nname = "archive"\nprotocol = "dicom"\nhost = "127.0.0.1"\n'
        f'port = {archive_port}\ncalled_aet = "ARCHIVE"\n'
    )
    settings = {
        "SERVICE_MODEL_PATH": str(model),
        "SERVICE_NODE_DESTINATIONS": str(destinations),
        "SERVICE_NODE_SPOOL": str(folder / "spool"),
        "SERVICE_NODE_PORT": "0",
        "SERVICE_NODE_HTTP_PORT": "0",
        "SERVICE_NODE_QUIET_S": "2",
    }
    log = folder / "log"
    with log.open("w") as lines:
        command = [sys.executable, "-m", "service.dicom_node"]
        process = subprocess.Popen(command, stdout=lines, stderr=lines, env=os.environ | settings)
    try:
        yield RunningService(process, log)
    finally:
        process.terminate()
        process.wait()


def send_all(node_port: int, folders: list[Path]) -> list[int]:
    """Send each folder on an association of its own, all at once; returns the exit codes of `storescu`."""
    command = ["storescu", "-aec", "BRAINMRI", "+sd", "127.0.0.1", str(node_port)]
    senders = [subprocess.Popen([*command, str(folder)], env=_AT_ONCE) for folder in folders]
    return [sender.wait() for sender in senders]


def run_wave(
    node: RunningService, listening: dict[str, Any], client: httpx.Client, taken: Path, folders: list[Path]
) -> Wave:
    """Send the folders, and wait until the archive has a report of each."""
    due = sum(_reports(taken).values()) + len(folders)
    with MemoryRecorder(node.process.pid) as memory:
        began = time.perf_counter()
        codes = send_all(listening["port"], folders)
        received = time.perf_counter() - began
        _wait(lambda: client.get("/health").json()["spool"]["unanswered"] == 0)
        classified = time.perf_counter() - began
        _wait(lambda: len(list(taken.glob("SR*"))) >= due)
        delivered = time.perf_counter() - began
    return Wave(received, classified, delivered, codes, max(mib for _, mib in memory.samples))


def main() -> int:
    """Run it and report."""
    arguments = _parse()
    each = arguments.instances // arguments.associations // 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = (range(arguments.associations), range(arguments.associations, 2 * arguments.associations))
        waves = [write_series(folder, one, each) for one in numbers]
        taken = folder / "taken"
        taken.mkdir()
        with running_archive(taken) as port, running_node(folder, port, arguments.model) as node:
            listening = node.wait_for_event("listening")
            with httpx.Client(base_url=f"http://127.0.0.1:{listening['http_port']}", timeout=60) as client:
                ran = [run_wave(node, listening, client, taken, folders) for folders in waves]
                kept = client.get("/health").json()["spool"]["objects"]
        lost = 2 * each * arguments.associations - kept
        faults = report(ran, each * arguments.associations, lost, _reports(taken), 2 * arguments.associations)
    for fault in faults:
        print(f"FAILED    {fault}", file=sys.stderr)
    return 1 if faults else 0


def report(waves: list[Wave], instances: int, lost: int, reports: Counter[str], series: int) -> list[str]:
    """Print the figures; return what is wrong with them. `instances` are of one wave."""
    rates = [instances / max(wave.received_s, wave.classified_s) for wave in waves]
    for wave, rate in zip(waves, rates, strict=True):
        print(f"received    {instances} instances in {wave.received_s:.1f} s")
        print(f"classified  after {wave.classified_s:.1f} s: {rate:.0f} instances a second")
        print(f"delivered   after {wave.delivered_s:.1f} s; memory {wave.peak_mib:.0f} MiB at its peak")
    print(f"in all      {lost} instances lost, {sum(reports.values())} reports of {series} series")
    growth = waves[1].peak_mib / waves[0].peak_mib - 1
    faults = [f"{min(rates):.0f} instances a second < {RATE_AIM:.0f}"] if min(rates) < RATE_AIM else []
    faults += ["a sender failed"] if any(code for wave in waves for code in wave.codes) else []
    faults += [f"{lost} instances are lost"] if lost else []
    faults += ["a series has not exactly one report"] if sorted(reports.values()) != [1] * series else []
    return faults + ([f"memory grew by {100 * growth:.1f} %"] if growth >= GROWTH_LIMIT else [])


def _reports(folder: Path) -> Counter[str]:
    """Count the reports in the archive by the series that they are about."""
    reports: Counter[str] = Counter()
    for path in folder.glob("SR*"):
        made = dcmread(path)
        if made.SOPClassUID == Comprehensive3DSRStorage:
            evidence = made.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
            reports[evidence.SeriesInstanceUID] += 1
    return reports


def _wait(condition: Callable[[], object]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the node did not get ready in time")
        time.sleep(0.2)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/brain-tumor-mri/model.onnx"))
    parser.add_argument("--instances", type=int, default=2000)
    parser.add_argument("--associations", type=int, default=8, help="one series each")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
