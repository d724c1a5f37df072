"""HTTP by hand, for requests that no library would send."""

import socket
from http.client import HTTPResponse

PATIENCE_S = 30.0


def connect(port: int) -> socket.socket:
    """Open a connection that does not wait for ever."""
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def head(**headers: object) -> bytes:
    """Return the head of `POST /predict`; an underscore in a name stands for a hyphen."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(["POST /predict HTTP/1.1", "Host: test", *lines, "", ""]).encode()


def read_answer(connection: socket.socket) -> HTTPResponse:
    """Read one whole answer; its body is in `.body`."""
    response = HTTPResponse(connection, method="POST")
    response.begin()
    response.body = response.read()
    return response
