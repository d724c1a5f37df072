"""`python -m benchmarks.soak`: JPEG, PNG and DICOM at capacity, one file in five bad; then five times as many clients.

Capacity is what the service answers when as many clients ask as it has places. Fails (exit code 1) when a request fails
otherwise than it should, the 99th percentile of `/health` exceeds 50 ms, memory grows by 3 % or more after the first
minute, or the overload costs more than a tenth of the throughput or finds a refusal without Retry-After.
"""

import argparse
import http.client
import itertools
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import bad_files, good_files
from benchmarks.health_poller import HealthPoller
from benchmarks.load import HEALTH_LIMIT_S, percentile
from benchmarks.process_memory import MemoryRecorder
from benchmarks.running_service import RunningService, running_service

GROWTH_LIMIT = 0.03
KEPT_LIMIT = 0.90
AT_ONCE_S = 1.0
_BAD_SHARE = 5
_OVERLOAD = 5
_HEADERS = {"Content-Type": "application/octet-stream"}


@dataclass(frozen=True)
class File:
    """What to send and the status that is due."""

    data: bytes
    status: int


@dataclass
class Phase:
    """What the clients saw; times in seconds."""

    name: str
    seconds: float = 0.0
    answered: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def rate(self) -> float:
        """Expected answers a second."""
        return len(self.answered) / self.seconds

    def add(self, file: File, response: http.client.HTTPResponse, seconds: float) -> bool:
        """Count one answer; returns whether the service was busy."""
        is_busy = response.status == 503 and response.headers["Retry-After"] is not None
        with self.lock:
            self.statuses[response.status] += 1
            if is_busy:
                self.busy.append(seconds)
            elif response.status == file.status:
                self.answered.append(seconds)
            else:
                self.unexpected.append(f"{response.status} instead of {file.status}")
        return is_busy


def files() -> list[File]:
    """Return good files of the kinds in turn, and one file in five that is bad, each time of another kind."""
    good = itertools.cycle([File(data, 200) for data in good_files().values()])
    bad = [File(*one) for one in bad_files().values()]
    return [file for one in bad for file in (*itertools.islice(good, _BAD_SHARE - 1), one)]


def run_phase(
    name: str, service: RunningService, sent: Sequence[File], clients: int, seconds: float, pause_s: float = 0.0
) -> Phase:
    """Send files over `clients` connections; one that hears 503 waits `pause_s`."""
    phase, tickets = Phase(name), itertools.count()
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for client in [
            pool.submit(_client, service, sent, tickets, phase, began + seconds, pause_s) for _ in range(clients)
        ]:
            client.result()
    phase.seconds = time.perf_counter() - began
    return phase


def _client(
    service: RunningService, sent: Sequence[File], tickets: Iterator[int], phase: Phase, end: float, pause_s: float
) -> None:
    connection = http.client.HTTPConnection(service.host, service.port, timeout=60)
    while (began := time.perf_counter()) < end:
        file = sent[next(tickets) % len(sent)]
        try:
            connection.request("POST", "/predict", file.data, _HEADERS)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            with phase.lock:
                phase.unexpected.append(repr(error))
            connection.close()
            continue
        if phase.add(file, response, time.perf_counter() - began):
            time.sleep(pause_s)
    connection.close()


def main() -> int:
    """Run the phases and report."""
    arguments = _parse()
    sent = files()
    settings = {"threads": arguments.threads, "queue_length": arguments.queue_length}
    clients = arguments.threads + arguments.queue_length
    with running_service(arguments.model, **settings) as service:
        run_phase("warm-up", service, sent, clients, arguments.warm_up_s)
        with MemoryRecorder(service.process.pid) as memory, HealthPoller(service.host, service.port, 0.1) as health:
            soak = run_phase("capacity", service, sent, clients, 60 * arguments.minutes)
        capacity = run_phase("before", service, sent, clients, arguments.overload_s)
        overload = run_phase("overload", service, sent, _OVERLOAD * clients, arguments.overload_s, arguments.pause_s)
        service.terminate()
        code = service.exit_code()
    faults = report([soak, capacity, overload], memory, health)
    faults += [f"exit code {code}"] if code else []
    for fault in faults:
        print(f"FAILED    {fault}", file=sys.stderr)
    return 1 if faults else 0


def report(phases: Sequence[Phase], memory: MemoryRecorder, health: HealthPoller) -> list[str]:
    """Print the figures; return what is wrong with them.

    What an overload keeps is measured against the load at capacity just before it.
    """
    soak, capacity, overload = phases
    for phase in phases:
        print(f"{phase.name:<9} {phase.rate:.1f} expected answers a second for {phase.seconds:.0f} s; {_times(phase)}")
        print(f"          by status {dict(sorted(phase.statuses.items()))}; {len(phase.unexpected)} unexpected")
    health_p99, kept = percentile(health.latencies_s, 99), overload.rate / capacity.rate
    settled_s = min(60.0, soak.seconds / 3)
    growth = memory.growth(settled_s)
    print(f"/health   p99 {1000 * health_p99:.1f} ms of {len(health.latencies_s)}, {health.failures} failures")
    print(f"memory    {', '.join(memory.samples_over_time())}; {100 * growth:+.1f} % after the first {settled_s:.0f} s")
    print(f"overload  keeps {100 * kept:.0f} % of the throughput")
    faults = [fault for phase in phases for fault in phase.unexpected[:3]]
    faults += [f"{len(phase.busy)} answers 503 at capacity" for phase in (soak, capacity) if phase.busy]
    faults += [f"/health p99 {1000 * health_p99:.1f} ms > 50 ms"] if health_p99 > HEALTH_LIMIT_S else []
    faults += [f"/health failed {health.failures} times"] if health.failures else []
    faults += [f"memory grew by {100 * growth:.1f} %"] if growth >= GROWTH_LIMIT else []
    faults += [f"overload keeps {100 * kept:.0f} % < 90 %"] if kept < KEPT_LIMIT else []
    late = overload.busy and percentile(overload.busy, 99) > AT_ONCE_S
    return faults + ([f"503 takes {percentile(overload.busy, 99):.2f} s at p99"] if late else [])


def _times(phase: Phase) -> str:
    kinds = (("answers", phase.answered), ("503", phase.busy))
    return "; ".join(f"{name} {_percentiles(seconds)}" for name, seconds in kinds if seconds)


def _percentiles(seconds: list[float]) -> str:
    middle, high = (1000 * percentile(seconds, percent) for percent in (50, 99))
    return f"p50 {middle:.0f} ms, p99 {high:.0f} ms"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/brain-tumor-mri/model.onnx"))
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--queue-length", type=int, default=8)
    parser.add_argument("--warm-up-s", type=float, default=5)
    parser.add_argument("--overload-s", type=float, default=30)
    parser.add_argument("--pause-s", type=float, default=0.5, help="what a client waits after 503; Retry-After says 1")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
