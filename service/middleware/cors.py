"""Pages of other origins, where an operator names them; off otherwise."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from service.auth.credentials import API_KEY_HEADER
from service.middleware.request_id import HEADER as REQUEST_ID

_MAX_AGE_S = 600


class Cors(CORSMiddleware):
    """Lets scripts of `origins` ask with a key or a token; cookies are never part of it."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "HEAD", "POST"),
            allow_headers=("Authorization", API_KEY_HEADER, "Content-Type", REQUEST_ID),
            expose_headers=(REQUEST_ID, "Retry-After", "WWW-Authenticate", "X-Frames"),
            max_age=_MAX_AGE_S,
        )
