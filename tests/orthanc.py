"""A real archive for tests: Orthanc with its DICOMweb plugin, from Debian's packages, on free ports of this machine."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.peers import need, peer_missing
from tests.serving import wait_until

TITLE = "TESTPACS"
USER, PASSWORD = "test", "test"
_PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


class Orthanc:
    """Its database survives `stop` and `start`."""

    def __init__(self, folder: Path, modalities: dict[str, Any], **changes: Any) -> None:
        self._folder = folder
        self.http_port, self.dicom_port = _free_port(), _free_port()
        self._log = folder / "orthanc.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._write_configuration(modalities, changes)
        self.client = httpx.Client(base_url=self.url, auth=(USER, PASSWORD), timeout=30)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def dicom_web(self) -> str:
        """The root of DICOMweb."""
        return f"{self.url}/dicom-web"

    def start(self) -> None:
        """Start it, and return once it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["Orthanc", "orthanc.json"],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                env=os.environ | {"TCP_NODELAY": "1"},
            )
        wait_until(self._answers)

    def stop(self) -> None:
        """Stop it, and return once it has ended."""
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def get(self, path: str, **parameters: Any) -> Any:
        """Return what its REST interface answers."""
        answer = self.client.get(path, params=parameters)
        answer.raise_for_status()
        return answer.json()

    def add(self, data: bytes) -> None:
        """Store a file over HTTP."""
        self.client.post("/instances", content=data).raise_for_status()

    def instances(self, modality: str) -> list[str]:
        """Return its names of all instances of a modality."""
        query = {"Level": "Instance", "Query": {"Modality": modality}}
        found: list[str] = self.client.post("/tools/find", json=query).raise_for_status().json()
        return found

    def file(self, instance: str) -> bytes:
        """Return the file of an instance."""
        return self.client.get(f"/instances/{instance}/file").raise_for_status().content

    def _answers(self) -> bool:
        assert self._process and self._process.poll() is None, self._log.read_text()
        with suppress(httpx.TransportError):
            return self.client.get("/system").is_success
        return False

    def _write_configuration(self, modalities: dict[str, Any], changes: dict[str, Any]) -> None:
        configuration = {
            "Name": TITLE,
            "StorageDirectory": "db",
            "IndexDirectory": "db",
            "TemporaryDirectory": "tmp",
            "Plugins": [str(_PLUGIN)],
            "HttpPort": self.http_port,
            "RemoteAccessAllowed": False,
            "RegisteredUsers": {USER: PASSWORD},
            "AuthenticationEnabled": True,
            "DicomAet": TITLE,
            "DicomPort": self.dicom_port,
            "DicomCheckCalledAet": False,
            "DicomAlwaysAllowStore": True,
            "DicomModalities": modalities,
            "StableAge": 1,
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }
        (self._folder / "orthanc.json").write_text(json.dumps(configuration | changes))


@contextmanager
def running_orthanc(folder: Path, modalities: dict[str, Any] | None = None, **changes: Any) -> Iterator[Orthanc]:
    """Run an archive whose files are in a new folder inside `folder`; `changes` are keys of its configuration."""
    need("Orthanc")
    if not _PLUGIN.is_file():
        peer_missing("Orthanc's DICOMweb plugin is not installed")
    own = folder / "orthanc"
    own.mkdir()
    archive = Orthanc(own, modalities or {}, **changes)
    archive.start()
    try:
        yield archive
    finally:
        archive.stop()
        archive.client.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
