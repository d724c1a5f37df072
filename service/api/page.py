"""`/` and `/static/...`: the page for people. Its files come from this installation, and it asks no other host."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request, Response

router = APIRouter(include_in_schema=False)

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_INDEX = "index.html"


@dataclass(frozen=True)
class _Asset:
    content: bytes
    media_type: str
    etag: str


@router.head("/")
@router.get("/")
async def index(request: Request) -> Response:
    """Return the page; all its links are relative, so that it works behind a path prefix."""
    return _answer(request, _INDEX)


@router.head("/static/{name}")
@router.get("/static/{name}")
async def asset(request: Request, name: str) -> Response:
    """Return one file of the page."""
    return _answer(request, name)


def _answer(request: Request, name: str) -> Response:
    """Answer 304 to a browser that holds this very file; it asks each time, so that an update is seen at once."""
    found = _assets().get(name)
    if found is None:
        raise HTTPException(404)
    headers = {"ETag": found.etag, "Cache-Control": "no-cache"}
    if found.etag in _known(request):
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


def _known(request: Request) -> list[str]:
    """Return the entity tags of `If-None-Match`, compared weakly (RFC 9110 section 13.1.2)."""
    return [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]


@cache
def _assets() -> dict[str, _Asset]:
    """Read the folder once: no path of a request ever reaches the file system."""
    found = {}
    for file in (files("service") / "static").iterdir():
        media_type = _TYPES.get("." + file.name.rpartition(".")[2])
        if media_type:
            content = file.read_bytes()
            found[file.name] = _Asset(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
    return found
