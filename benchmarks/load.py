"""`python -m benchmarks.load`: the same image many times from many clients.

Fails (exit code 1) when a request fails, when two answers differ in more than the request id, or when the 99th
percentile of `/health` meanwhile exceeds 50 ms.
"""

import argparse
import http.client
import io
import itertools
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.health_poller import HealthPoller
from benchmarks.running_service import running_service

HEALTH_LIMIT_S = 0.050
_HEADERS = {"Content-Type": "application/octet-stream"}


@dataclass
class Tally:
    """What the clients saw; answers are kept without their request id."""

    latencies_s: list[float] = field(default_factory=list)
    answers: set[bytes] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


def run_load(host: str, port: int, image: bytes, requests: int, clients: int) -> Tally:
    """Send `image` `requests` times over `clients` connections that stay open."""
    tally, tickets = Tally(), itertools.count()
    with ThreadPoolExecutor(clients) as pool:
        for client in [pool.submit(_client, host, port, image, tickets, requests, tally) for _ in range(clients)]:
            client.result()
    return tally


def _client(host: str, port: int, image: bytes, tickets: Iterator[int], requests: int, tally: Tally) -> None:
    connection = http.client.HTTPConnection(host, port, timeout=60)
    while next(tickets) < requests:
        began = time.perf_counter()
        try:
            connection.request("POST", "/predict", image, _HEADERS)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            tally.errors.append(repr(error))
            connection.close()
            continue
        tally.latencies_s.append(time.perf_counter() - began)
        if response.status != 200:
            tally.errors.append(f"{response.status} {body.decode()}")
        tally.answers.add(body.replace(str(response.headers["X-Request-ID"]).encode(), b""))
    connection.close()


def percentile(values: list[float], percent: int) -> float:
    """Return the nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def phantom_jpeg() -> bytes:
    """Return a 512 x 512 JPEG of a synthetic slice."""
    from PIL import Image

    from service.phantom import brain_slice

    file = io.BytesIO()
    Image.fromarray(brain_slice(seed=1)).save(file, "JPEG", quality=90)
    return file.getvalue()


@contextmanager
def _address(arguments: argparse.Namespace) -> Iterator[tuple[str, int]]:
    if arguments.url:
        parts = urlsplit(arguments.url)
        yield str(parts.hostname), parts.port or 80
        return
    with running_service(arguments.model) as service:
        yield service.host, service.port


def report(tally: Tally, wall_s: float, health: HealthPoller) -> list[str]:
    """Print the figures; return what is wrong with them."""
    health_p99 = percentile(health.latencies_s, 99)
    print(f"requests      {len(tally.latencies_s)} in {wall_s:.1f} s: {len(tally.latencies_s) / wall_s:.1f} per second")
    for name, values in (("/predict", tally.latencies_s), ("/health", health.latencies_s)):
        middle, high = (1000 * percentile(values, percent) for percent in (50, 99))
        print(f"{name:<13} p50 {middle:.1f} ms, p99 {high:.1f} ms, max {1000 * max(values):.1f} ms of {len(values)}")
    print(f"answers       {len(tally.answers)} different, {len(tally.errors)} errors, {health.failures} not healthy")
    faults = [*tally.errors[:3]]
    faults += [f"{len(tally.answers)} different answers to the same bytes"] if len(tally.answers) != 1 else []
    faults += [f"/health p99 {1000 * health_p99:.1f} ms > 50 ms"] if health_p99 > HEALTH_LIMIT_S else []
    return faults + ([f"/health failed {health.failures} times"] if health.failures else [])


def main() -> int:
    """Run one load and report."""
    arguments = _parse()
    image = arguments.image.read_bytes() if arguments.image else phantom_jpeg()
    with _address(arguments) as (host, port):
        run_load(host, port, image, arguments.clients, arguments.clients)
        with HealthPoller(host, port) as health:
            began = time.perf_counter()
            tally = run_load(host, port, image, arguments.requests, arguments.clients)
            wall_s = time.perf_counter() - began
    faults = report(tally, wall_s, health)
    for fault in faults:
        print(f"FAILED        {fault}", file=sys.stderr)
    return 1 if faults else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/brain-tumor-mri/model.onnx"))
    parser.add_argument("--image", type=Path, help="default: a synthetic slice, JPEG, 512 x 512")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--url", help="load a service that already runs, instead of starting one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
