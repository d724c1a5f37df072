"""Start `python -m service` as its own process on a free port, and stop it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_POLL_S = 0.02
_PATIENCE_S = 60.0


@dataclass
class RunningService:
    """A service that listens on `port`; both its output streams go to `log`."""

    process: "subprocess.Popen[bytes]"
    log: Path
    host: str = "127.0.0.1"
    port: int = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.host}:{self.port}"

    def wait_for_event(self, event: str) -> dict[str, Any]:
        """Return the first log line of that event; raises TimeoutError, or RuntimeError when the process has ended."""
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            for line in self.log_lines():
                if line.get("event") == event:
                    return line
            if self.process.poll() is not None:
                raise RuntimeError(f"the service ended with {self.process.returncode}: {self.log.read_text()}")
            time.sleep(_POLL_S)
        raise TimeoutError(f"no event '{event}' in: {self.log.read_text()}")

    def log_lines(self) -> list[dict[str, Any]]:
        """Return the complete JSON lines of the log."""
        lines = self.log.read_text().split("\n")[:-1]
        return [json.loads(line) for line in lines if line.startswith("{")]

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """Wait for its end."""
        return self.process.wait(_PATIENCE_S)


@contextmanager
def running_service(model_path: Path, **settings: object) -> Iterator[RunningService]:
    """Run the service with that model; `settings` as `threads=1` and the like. It is killed at the end if it lives."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "service"],
                cwd=_ROOT,
                env=service_environment(model_path=model_path.resolve(), **{"port": 0, **settings}),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        service = RunningService(process, log)
        try:
            service.port = service.wait_for_event("listening")["port"]
            yield service
        finally:
            process.kill()
            process.wait()


def service_environment(**settings: object) -> dict[str, str]:
    """Return this process's environment with these settings of the service and no others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SERVICE_")}
    return inherited | {f"SERVICE_{name.upper()}": str(value) for name, value in settings.items()}
