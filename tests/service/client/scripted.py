"""A server that answers what it is told to, and keeps what it was sent."""

import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PROBLEM = "application/problem+json"


@dataclass
class Scripted:
    """`url` to ask; `requests` holds the path, the headers and the body of each request."""

    url: str
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class Scene:
    """One answer."""

    status: int
    body: bytes = b""
    content_type: str = PROBLEM
    headers: dict[str, str] = field(default_factory=dict)
    protocol: str = "HTTP/1.0"


@contextmanager
def scripted(scenes: Sequence[Scene], certificate: Path | None = None) -> Iterator[Scripted]:
    """Answer the first request with the first scene and so on, and all that follow with the last.

    `certificate` is a PEM file with its key: the server then speaks HTTPS.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            scene = scenes[min(len(server.requests), len(scenes) - 1)]
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.requests.append((self.path, dict(self.headers), body))
            self.protocol_version = scene.protocol
            self.send_response(scene.status)
            self.send_header("Content-Type", scene.content_type)
            for name, value in scene.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(scene.body)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
    server = Scripted(f"{'https' if certificate else 'http'}://127.0.0.1:{listening.server_port}")
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
