import http.client
import itertools
import json
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.load import run_load
from benchmarks.running_service import RunningService, running_service
from service.errors import SettingsError
from service.listening import listen
from tests.pictures import good_jpeg, good_png
from tests.service.batch.zips import zipped
from tests.serving import wait_until
from tests.wire import PATIENCE_S, connect, head, read_answer

CLIENTS = 6


def test_the_same_bytes_from_16_clients_give_bit_identical_answers(model_path: Path) -> None:
    with running_service(model_path) as service:
        tally = run_load(service.host, service.port, good_jpeg(), requests=400, clients=16)

    assert tally.errors == []
    assert (len(tally.latencies_s), len(tally.answers)) == (400, 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_every_request_whose_bytes_were_accepted_is_answered_after_a_signal(
    slow_model_path: Path, number: signal.Signals
) -> None:
    with running_service(slow_model_path, threads=1) as service:
        connections = [connect(service.port) for _ in range(CLIENTS)]
        for connection in connections:
            connection.sendall(head(Content_Type="image/png", Content_Length=len(good_png())) + good_png())
        first = read_answer(connections[0])

        service.process.send_signal(number)
        answers = [first, *(read_answer(connection) for connection in connections[1:])]
        code, lines = service.exit_code(), service.log_lines()
        for connection in connections:
            connection.close()

    assert code == 0
    assert {answer.status for answer in answers} <= {200, 503}
    assert answered_after_draining(lines) >= draining(lines)["requests"]


def test_under_load_no_answer_is_cut_off(slow_model_path: Path) -> None:
    with running_service(slow_model_path) as service, ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(load_until_refused, service) for _ in range(CLIENTS)]
        wait_until(lambda: len(requests_of(service.log_lines())) >= CLIENTS)

        service.terminate()
        code, outcomes = service.exit_code(), [client.result() for client in clients]
        lines = service.log_lines()

    statuses = list(itertools.chain.from_iterable(outcomes))
    assert code == 0
    assert set(statuses) <= {200, 503}
    assert len(statuses) == len(requests_of(lines))  # whatever was answered, arrived
    assert answered_after_draining(lines) >= draining(lines)["requests"]


def test_a_batch_is_answered_whole_after_a_signal(slow_model_path: Path) -> None:
    with running_service(slow_model_path, threads=1) as service, connect(service.port) as connection:
        data = zipped(*[good_png()] * 20)
        start = head(Content_Type="application/zip", Content_Length=len(data), Accept="application/x-ndjson")
        connection.sendall(start.replace(b"/predict", b"/predict/batch") + data)
        stream = http.client.HTTPResponse(connection, method="POST")
        stream.begin()
        lines = [stream.readline()]

        service.process.send_signal(signal.SIGTERM)
        lines += stream.read().splitlines()
        code = service.exit_code()

    assert code == 0
    *results, end = map(json.loads, lines)
    assert [result["status"] for result in results] == [200] * 20
    assert (end["kind"], end["summary"]["answered"]) == ("summary", 20)


def load_until_refused(service: RunningService) -> list[int]:
    """Send one request after the other, each over a new connection, until one is not served; return the statuses."""
    statuses: list[int] = []
    while not statuses or statuses[-1] == 200:
        connection = http.client.HTTPConnection(service.host, service.port, timeout=PATIENCE_S)
        try:
            connection.request("POST", "/predict", good_png(), {"Content-Type": "image/png"})
            response = connection.getresponse()
            response.read()
        except OSError:  # the port is closed
            return statuses
        finally:
            connection.close()
        statuses.append(response.status)
    return statuses


def requests_of(lines: list[dict[str, object]], **fields: object) -> list[dict[str, object]]:
    wanted = {"event": "request", **fields}
    return [line for line in lines if wanted.items() <= line.items()]


def draining(lines: list[dict[str, object]]) -> dict[str, object]:
    (line,) = [line for line in lines if line["event"] == "draining"]
    return line


def answered_after_draining(lines: list[dict[str, object]]) -> int:
    return len(requests_of(lines[lines.index(draining(lines)) :], status=200))


def test_an_address_that_cannot_be_used_is_a_setting_that_cannot_be_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError, match="SERVICE_PORT"):
        listen("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(SettingsError, match="SERVICE_HOST"):
        listen("203.0.113.1", 0)  # TEST-NET-3 (RFC 5737): no address of this machine
