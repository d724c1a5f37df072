"""The shipped image and compose file, built and run for real."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import httpx
import pytest
from PIL import Image
from pydicom import dcmread

from service.phantom import brain_slice
from service.phantom.mr_image import mr_image
from tests.e2e.compose import Container, Project, run
from tests.e2e.conftest import built_project
from tests.tiny_model import write_model

MB = 1_000_000


@pytest.fixture(scope="module")
def service() -> Iterator[Container]:
    """The service as it ships; tests only look at it."""
    with built_project("service") as project:
        yield project.up()


@pytest.fixture
def own_project(service: Container) -> Iterator[Project]:
    """A second project for a test that starts and stops; its image comes from the build cache of the first."""
    with built_project("service") as project:
        yield project


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("phantom") / "glioma.png"
    Image.fromarray(brain_slice(lesion="glioma")).save(path)
    return path


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers={"Content-Type": "image/png"}, timeout=60) as client:
        yield client


def test_it_answers_a_picture(service: Container, client: httpx.Client, picture: Path) -> None:
    answer = client.post(f"{service.url}/predict", content=picture.read_bytes())

    assert answer.status_code == 200, answer.text
    assert answer.json()["model"]["name"] == client.get(f"{service.url}/health").json()["model"]["name"]


def test_it_runs_without_privileges(service: Container) -> None:
    status = service.process_status()

    assert service.execute("id", "-u") != "0"
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


@pytest.mark.parametrize("path", ["/", "/app", "/app/models", "/opt/venv", "/var/tmp"])
def test_its_root_is_read_only(service: Container, path: str) -> None:
    with pytest.raises(AssertionError, match="Read-only file system"):
        service.execute("touch", f"{path}/probe")
    assert service.inspect()["HostConfig"]["ReadonlyRootfs"]


def test_its_libraries_report_to_nobody(service: Container) -> None:
    environment = service.execute("cat", "/proc/1/environ").split("\0")

    assert "ORT_DISABLE_TELEMETRY=1" in environment


def test_it_may_write_scratch_files(service: Container) -> None:
    service.execute("sh", "-c", "touch /tmp/probe && rm /tmp/probe")


@pytest.mark.parametrize("module", ["tensorflow", "trainer", "pip"])
def test_it_leaves_out(service: Container, module: str) -> None:
    with pytest.raises(AssertionError, match=f"No module named '{module}'"):
        service.execute("python", "-c", f"import {module}")


def test_it_comes_without_the_trainer(service: Container) -> None:
    project = "com.docker.compose.project"
    label = f"label={project}={service.inspect()['Config']['Labels'][project]}"
    containers = run("docker", "ps", "--all", "--quiet", "--no-trunc", f"--filter={label}")

    assert containers.split() == [service.inspect()["Id"]]


def test_its_resources_are_limited(service: Container) -> None:
    limits = service.inspect()["HostConfig"]

    assert limits["NanoCpus"] > 0 and limits["Memory"] > 0 and limits["PidsLimit"] > 0
    assert limits["RestartPolicy"]["Name"] == "unless-stopped"
    assert limits["LogConfig"]["Config"]["max-size"]


def test_its_image_is_small(service: Container) -> None:
    assert service.image_bytes() <= 400 * MB, f"{service.image_bytes() / MB:.0f} MB"


def test_it_stays_small_in_memory(service: Container, client: httpx.Client, picture: Path) -> None:
    content = picture.read_bytes()
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: client.post(f"{service.url}/predict", content=content).status_code, range(200))

    resident = int(service.process_status()["VmRSS"].removesuffix("kB")) * 1024
    assert set(answers) == {200}
    assert resident <= 200 * MB, f"{resident / MB:.0f} MB resident after 200 requests"


def test_it_answers_a_scan_with_a_report(service: Container, client: httpx.Client) -> None:
    scan = mr_image(brain_slice(lesion="glioma"), seed=0)
    headers = {"Content-Type": "application/dicom", "Accept": "application/dicom"}

    for query in ({}, {"result": "secondary-capture"}):
        answer = client.post(f"{service.url}/predict", content=scan, headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        assert dcmread(io.BytesIO(answer.content)).PatientID == "PHANTOM"
    resident = int(service.process_status()["VmRSS"].removesuffix("kB")) * 1024
    assert resident <= 270 * MB, f"{resident / MB:.0f} MB resident with the library that writes reports"


def test_it_serves_another_model(own_project: Project, client: httpx.Client, picture: Path, tmp_path: Path) -> None:
    service = own_project.up(model=write_model(tmp_path / "other.onnx"))

    answer = client.post(f"{service.url}/predict", content=picture.read_bytes())

    assert answer.json()["model"]["name"] == "tiny", answer.text


def test_it_answers_what_it_admitted_before_it_ends(own_project: Project, client: httpx.Client, picture: Path) -> None:
    service, content, requests = own_project.up(), picture.read_bytes(), 8
    uploading, stopping = Barrier(requests + 1), Event()

    def upload() -> Iterator[bytes]:
        yield content[:-1]
        uploading.wait(timeout=60)
        stopping.wait(timeout=60)
        yield content[-1:]

    with ThreadPoolExecutor(requests + 1) as pool:
        answers = [pool.submit(client.post, f"{service.url}/predict", content=upload()) for _ in range(requests)]
        uploading.wait(timeout=60)
        stop = pool.submit(own_project.compose, "stop")
        assert next(service.events("kill", since=service.inspect()["State"]["StartedAt"], last=60), None)
        stopping.set()

    stop.result()
    assert [answer.result().status_code for answer in answers] == [200] * requests
    assert service.inspect()["State"]["ExitCode"] == 0
