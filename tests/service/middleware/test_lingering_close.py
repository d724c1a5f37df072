import httpx
import pytest

from tests.wire import connect, head, read_answer

MEGABYTES_25 = 25 * 1024 * 1024


def test_a_body_announced_too_large_is_refused_before_it_is_sent(client: httpx.Client) -> None:
    with connect(client.base_url.port) as connection:
        connection.sendall(head(Content_Type="image/png", Content_Length=MEGABYTES_25))

        answer = read_answer(connection)

    assert answer.status == 413
    assert answer.headers["Connection"] == "close"
    assert b"payload-too-large" in answer.body


def test_a_client_that_waits_for_100_continue_is_not_asked_for_the_body(client: httpx.Client) -> None:
    with connect(client.base_url.port) as connection:
        connection.sendall(head(Content_Type="image/png", Content_Length=MEGABYTES_25, Expect="100-continue"))

        assert read_answer(connection).status == 413  # the first thing it hears


def test_a_client_that_first_sends_everything_can_still_read_the_answer(client: httpx.Client) -> None:
    with connect(client.base_url.port) as connection:
        connection.sendall(head(Content_Type="image/png", Content_Length=MEGABYTES_25))
        connection.sendall(bytes(MEGABYTES_25))

        assert read_answer(connection).status == 413
        assert connection.recv(1) == b""  # and is then closed


def test_a_body_of_unknown_length_is_refused_while_it_streams(client: httpx.Client) -> None:
    with connect(client.base_url.port) as connection:
        connection.sendall(head(Content_Type="image/png", Transfer_Encoding="chunked"))
        piece = bytes(1024 * 1024)
        for _ in range(21):
            connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))

        assert read_answer(connection).status == 413  # although the body has not ended


@pytest.mark.parametrize("target", ["/health", "/nowhere"])
def test_it_holds_for_every_answer_that_leaves_a_body_unread(client: httpx.Client, target: str) -> None:
    response = client.post(target, content=b"x" * 100)

    assert response.status_code in (404, 405)
    assert response.headers["Connection"] == "close"


def test_a_connection_whose_body_was_read_stays_open(client: httpx.Client) -> None:
    with connect(client.base_url.port) as connection:
        for _ in range(2):
            connection.sendall(head(Content_Type="image/png", Content_Length=5) + b"hello")
            assert read_answer(connection).status == 415
