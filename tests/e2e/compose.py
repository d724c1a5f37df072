"""The project's docker-compose.yml as a test drives it: a compose project of its own name, nothing else touched."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = "docker-compose.yml"
MODEL_OVERRIDE = "docker-compose.model.yml"


def attempt(
    *command: str, environment: Mapping[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run `command` in the project's root, whatever its exit code."""
    merged = {**os.environ, **(environment or {})}
    return subprocess.run(
        command, cwd=ROOT, env=merged, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
    )


def run(*command: str, environment: Mapping[str, str] | None = None, timeout: float = 60) -> str:
    """Run `command` in the project's root and return what it printed; its errors go into the exception."""
    done = attempt(*command, environment=environment, timeout=timeout)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def compose_command() -> tuple[str, ...] | None:
    """`docker compose` (v2) or `docker-compose` (v1), whichever is installed; None without a reachable engine."""
    for command in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(command[0]) and _succeeds(*command, "version") and _succeeds("docker", "version"):
            return command
    return None


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode == 0


@dataclass(frozen=True)
class Container:
    """The running container of the service, seen through the `docker` command."""

    id: str
    url: str

    def inspect(self) -> dict[str, Any]:
        """Return what the engine knows of the container."""
        found: list[dict[str, Any]] = json.loads(run("docker", "inspect", self.id))
        return found[0]

    def execute(self, *command: str) -> str:
        """Run `command` inside; raises AssertionError when it fails."""
        return run("docker", "exec", self.id, *command)

    def process_status(self) -> dict[str, str]:
        """Return /proc/1/status of the service."""
        lines = self.execute("cat", "/proc/1/status").splitlines()
        return {key: value.strip() for key, value in (line.split(":", 1) for line in lines)}

    def image_bytes(self) -> int:
        """Return the size of the image, all layers with its base."""
        return int(run("docker", "image", "inspect", "--format", "{{.Size}}", self.inspect()["Image"]))

    def wait_healthy(self, timeout: int = 60) -> None:
        """Wait for the health check to pass; raises AssertionError with the log when it fails or the process ends."""
        state = self.inspect()["State"]
        if state["Health"]["Status"] != "healthy":
            event = next(self.events("health_status", "die", since=state["StartedAt"], last=timeout), {})
            assert event.get("Action") == "health_status: healthy", (event, run("docker", "logs", self.id))

    def events(self, *kinds: str, since: str, last: int = 0) -> Iterator[dict[str, Any]]:
        """Yield the container's events from `since` until `last` seconds from now, as they come."""
        filters = [f"--filter=container={self.id}", *(f"--filter=event={kind}" for kind in kinds)]
        window = [f"--since={since}", f"--until={int(time.time()) + last}", "--format={{json .}}"]
        with subprocess.Popen(["docker", "events", *filters, *window], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                yield from map(json.loads, process.stdout)
            finally:
                process.terminate()


class Project:
    """The compose file under a project name of its own, published on a free port of the loopback interface."""

    def __init__(self, command: tuple[str, ...], **changes: str) -> None:
        """`changes` are variables of the compose file."""
        self.name = f"brain-mri-test-{uuid4().hex[:8]}"
        self._command = command
        self._changes = changes

    def compose(self, *arguments: str, model: Path | None = None, timeout: float = 120) -> str:
        """Run a compose command, with `model` in place of the image's own."""
        files = ["-f", COMPOSE_FILE, *(["-f", MODEL_OVERRIDE] if model else [])]
        environment = {"SERVICE_PORT": "0", "NODE_PORT": "0", "NODE_HTTP_PORT": "0", "MODEL": str(model or "")}
        environment |= {"WORKER_HTTP_PORT": "0", "ORTHANC_PORT": "0", "ORTHANC_HTTP_PORT": "0"}
        environment |= {"SERVICE_NODE_CALLERS": "MODALITY", "SERVICE_NODE_QUIET_S": "0.5"} | self._changes
        return run(*self._command, "-p", self.name, *files, *arguments, environment=environment, timeout=timeout)

    def up(self, model: Path | None = None) -> Container:
        """Start the service where it is not running as asked, and wait until it is healthy."""
        self.compose("up", "--detach", model=model)
        address = self.compose("port", "service", "8000", model=model)
        container = Container(self.compose("ps", "-q", "service", model=model), f"http://{address}")
        container.wait_healthy()
        return container

    def up_node(self) -> tuple[Container, int]:
        """Start the DICOM node alone, and wait until it is healthy; returns it, its URL the monitor's, and its port."""
        self.profiled("up", "--detach", "node")
        container = Container(self.profiled("ps", "-q", "node"), f"http://{self.address('node', 8001)}")
        container.wait_healthy()
        return container, int(self.address("node", 11112).rpartition(":")[2])

    def profiled(self, *arguments: str) -> str:
        """Run a compose command with the services of the profiles of hospitals."""
        return self.compose("--profile", "pacs", "--profile", "pull", *arguments)

    def address(self, service: str, port: int) -> str:
        """Return where a port of a service is published, `host:port`."""
        return self.profiled("port", service, str(port))

    def train(
        self, data: Path, runs: Path, *arguments: str, user: str, entrypoint: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the trainer, or another program of its image, as `user`; return its exit code and what it printed."""
        options = ["-T", "--rm", "--user", user, *(["--entrypoint", entrypoint] if entrypoint else [])]
        command = [*self._command, "-p", self.name, "-f", COMPOSE_FILE, "run", *options, "trainer", *arguments]
        return attempt(*command, environment={"DATA": str(data), "RUNS": str(runs)}, timeout=300)

    def remove(self) -> None:
        """Remove the project's containers, network and images."""
        self.compose(
            "--profile",
            "train",
            "--profile",
            "pacs",
            "--profile",
            "pull",
            "down",
            "--volumes",
            "--rmi",
            "local",
            "--timeout",
            "1",
            timeout=300,
        )
