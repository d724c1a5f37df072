"""`python -m benchmarks.operations`: what keys, audit log, metrics, limits and headers cost a request.

The same application twice in this process, without sockets: once with request ids only, once with everything switched
on. Both are asked in turn and processor time is measured, so that other work on the machine disturbs little; medians of
the differences are printed.
"""

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.load import phantom_jpeg
from service.app import create_app
from service.audit import ImageNote
from service.auth.api_keys import hash_key, make_key
from service.classifier import Classifier, load_classifier
from service.middleware import RequestIds
from service.observer import Observer
from service.settings import Settings


class _Note:
    """What the route needs of the audit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["image"] = ImageNote()
        await self._app(scope, receive, send)


def bare_app(settings: Settings, classifier: Classifier) -> FastAPI:
    """Return the routes with nothing around them but request ids, their classifier unobserved."""
    app = create_app(settings, classifier)
    classifier.observer = Observer()
    app.user_middleware.clear()
    for middleware in (_Note, RequestIds):
        app.add_middleware(middleware)
    return app


def full_app(folder: Path, model: Path, classifier: Classifier, key: str) -> FastAPI:
    """Return the application with a key file of ten keys, an audit log, a rate limit and CORS."""
    keys = [hash_key(f"other-{number}", make_key()).line() for number in range(9)]
    (folder / "keys").write_text("\n".join([*keys, hash_key("caller", key).line()]))
    settings = Settings(
        model_path=model,
        api_keys_file=folder / "keys",
        audit_log=str(folder / "audit"),
        rate_limit="999999/second",
        cors_origins="https://viewer.hospital",  # type: ignore[arg-type]
    )
    return create_app(settings, classifier)


async def ask(app: FastAPI, method: str, path: str, headers: dict[str, str], body: bytes) -> float:
    """Return the seconds of processor time that one request took, all threads together."""
    status: list[int] = []
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50_000),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    began = time.process_time()
    await app(scope, receive, send)
    seconds = time.process_time() - began
    assert status == [200], status
    return seconds


async def compare(bare: FastAPI, full: FastAPI, key: str, path: str, body: bytes, rounds: int) -> None:
    """Ask both in turn and print what the second takes more."""
    method = "POST" if body else "GET"
    headers = {"X-API-Key": key, "Content-Length": str(len(body)), "Content-Type": "image/jpeg"}
    pairs = []
    for number in range(rounds + 10):
        order = (bare, full) if number % 2 else (full, bare)
        seconds = {id(app): await ask(app, method, path, headers, body) for app in order}
        pairs.append((seconds[id(bare)], seconds[id(full)]))
    without, everything = (statistics.median(column) for column in zip(*pairs[10:], strict=True))
    extra = statistics.median(after - before for before, after in pairs[10:])
    least = [min(column) for column in zip(*pairs[10:], strict=True)]
    print(
        f"{path:<10} without {1e6 * without:8.0f} us, with {1e6 * everything:8.0f} us, "
        f"{1e6 * extra:6.0f} us more: {100 * extra / without:.1f} %; least {100 * (least[1] / least[0] - 1):.1f} % "
        f"({rounds} pairs)"
    )


async def _measure(folder: Path, model: Path) -> None:
    key = make_key()
    full = full_app(folder, model, load_classifier(model), key)
    bare = bare_app(Settings(model_path=model), load_classifier(model))
    await compare(bare, full, key, "/health", b"", 2000)
    await compare(bare, full, key, "/predict", phantom_jpeg(), 150)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/brain-tumor-mri/model.onnx"))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, handlers=[logging.FileHandler("/dev/null")])
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), arguments.model))
    return 0


if __name__ == "__main__":
    sys.exit(main())
