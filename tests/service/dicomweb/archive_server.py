"""An HTTP server that answers as it is told, and remembers what it was asked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Told:
    """`delay_s` is the time before an answer, `pause_s` between its bytes; it is `status`, `body` and `headers`."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    pause_s: float = 0.0
    url: str = ""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def archive_server(told: Told | None = None) -> Iterator[Told]:
    """Serve; gives what was told, with the address in it."""
    running = told or Told()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            running.asked.append((self.path, dict(self.headers), body))
            time.sleep(running.delay_s)
            self.send_response(running.status)
            for name, value in {"Content-Length": str(len(running.body)), **running.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in [running.body] if not running.pause_s else (bytes([byte]) for byte in running.body):
                self.wfile.write(piece)
                time.sleep(running.pause_s)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """The user has hung up, as some tests want it to."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    running.url = f"http://127.0.0.1:{server.server_address[1]}/dicom-web"
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
