"""`python -m benchmarks.fuzz`: mutated files of every format against a running service, over HTTP.

Reports the answers by status and kind of problem, and how the service's resident memory grew. Fails (exit code 1) when
one answer is a 5xx or none at all, or when memory grew by 5 % or more after the first fifth of the files.
"""

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.corpus import corpus
from benchmarks.mutating import Mutant, Mutator
from benchmarks.process_memory import MemoryRecorder
from benchmarks.running_service import RunningService, running_service
from tests.tiny_model import write_model

GROWTH_LIMIT = 0.05
_SETTLED_SHARE = 0.2
_PATHS = ("/predict?frame=0", "/predict", "/predict/batch", "/predict?frame=1&explain=true")


class Supply:
    """Hands mutants to several clients, until there have been enough or the time is up."""

    def __init__(self, mutants: Iterator[Mutant], files: int, seconds: float) -> None:
        self._mutants = mutants
        self._files = files
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Mutant]:
        while time.monotonic() < self._end:
            with self._lock:
                mutant = next(self._mutants)
            if mutant.number >= self._files:
                return
            yield mutant


class Outcomes:
    """Counts answers; `unexpected` holds the mutants whose answer may not be."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.unexpected: list[str] = []
        self.slowest_s = 0.0
        self._lock = threading.Lock()

    def add(self, mutant: Mutant, path: str, outcome: str, is_expected: bool, seconds: float) -> None:
        """Count one."""
        with self._lock:
            self.counts[outcome] += 1
            self.slowest_s = max(self.slowest_s, seconds)
            if not is_expected:
                self.unexpected.append(f"{outcome} to mutant {mutant.number} of {mutant.origin} at {path}")


def _client(host: str, port: int, supply: Supply, outcomes: Outcomes) -> None:
    connection = http.client.HTTPConnection(host, port, timeout=60)
    for mutant in supply:
        path = _PATHS[mutant.number // 7 % len(_PATHS)]
        began = time.monotonic()
        outcome, is_expected = _ask(connection, path, mutant.data)
        outcomes.add(mutant, path, outcome, is_expected, time.monotonic() - began)
    connection.close()


def _ask(connection: http.client.HTTPConnection, path: str, data: bytes) -> tuple[str, bool]:
    """Return status and kind of problem, and whether such an answer may be."""
    try:
        connection.request("POST", path, data, {"Content-Type": "application/octet-stream"})
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()
        return f"no answer ({type(error).__name__})", False
    if path.startswith("/predict/batch") and response.status == 200:
        failed = [result for result in answer["results"] if result["status"] >= 500]
        return ("200 batch with a 5xx" if failed else "200 batch"), not failed
    kind = str(answer.get("type", "")).rpartition("/")[2]
    detail = answer.get("detail", "") if response.status >= 500 else ""
    return f"{response.status} {kind} {detail}".strip(), response.status < 500


def main() -> int:
    """Send the mutants and report."""
    arguments = _parse()
    mutants, outcomes = Mutator(corpus(), arguments.seed).mutants(), Outcomes()
    with tempfile.TemporaryDirectory() as folder, _service(arguments, Path(folder)) as service:
        supply, began = Supply(mutants, arguments.files, arguments.seconds), time.monotonic()
        with MemoryRecorder(service.process.pid) as memory, ThreadPoolExecutor(arguments.clients) as pool:
            clients = [
                pool.submit(_client, service.host, service.port, supply, outcomes) for _ in range(arguments.clients)
            ]
            for client in clients:
                client.result()
        seconds = time.monotonic() - began
        failures = sum("unexpected error" in str(line.get("event")) for line in service.log_lines())
    faults = report(outcomes, memory, seconds, failures)
    for fault in faults:
        print(f"FAILED    {fault}", file=sys.stderr)
    return 1 if faults else 0


@contextmanager
def _service(arguments: argparse.Namespace, folder: Path) -> Iterator[RunningService]:
    """Run a service with places enough: that of a batch is free only a moment after its last line is read."""
    model = arguments.model or write_model(folder / "model.onnx")
    places = {"queue_length": 4 * arguments.clients, "max_batches": 4 * arguments.clients}
    with running_service(model, novelty_policy="warn", header_policy="warn", **places) as service:
        yield service


def report(outcomes: Outcomes, memory: MemoryRecorder, seconds: float, failures: int) -> list[str]:
    """Print the figures; return what is wrong with them."""
    files = outcomes.counts.total()
    print(f"files     {files} in {seconds:.1f} s, slowest answer {1000 * outcomes.slowest_s:.0f} ms")
    for outcome, count in outcomes.counts.most_common():
        print(f"{count:>9} {outcome}")
    server_errors = sum(count for outcome, count in outcomes.counts.items() if outcome.startswith("5"))
    settled_s = seconds * _SETTLED_SHARE
    growth, peak = memory.growth(settled_s), max(mib for _, mib in memory.samples)
    print(f"5xx       {server_errors}; unexpected errors in the log: {failures}")
    print(
        f"memory    {memory.samples[-1][1]:.0f} MiB at last, {peak:.0f} MiB at most, "
        f"{100 * growth:+.1f} % after the first {settled_s:.0f} s"
    )
    print(f"          {', '.join(memory.samples_over_time())}")
    faults = [*outcomes.unexpected[:5]]
    faults += [f"{failures} unexpected errors in the log"] if failures else []
    return faults + ([f"memory grew by {100 * growth:.1f} %"] if growth >= GROWTH_LIMIT else [])


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--model", type=Path, help="default: one of a few operations, since it is the decoders that break"
    )
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
