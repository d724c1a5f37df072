"""Let nobody but known callers past, at their rate, before a byte of the body is read."""

from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.auth import is_open
from service.errors import Forbidden, IssuerUnavailable, ProblemError, Unauthenticated
from service.middleware.rate_limiting import charge
from service.problems import problem
from service.runtime import Runtime


class Authentication:
    """Sets `scope["state"]["caller"]` on every path that is not open."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] == "http" and not is_open(get_route_path(scope)):
            try:
                await _admit(scope)
            except ProblemError as error:
                await problem(scope, error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _admit(scope: Scope) -> None:
    """Find out who asks and whether not too often; who is not accepted is counted too, by address."""
    runtime: Runtime = scope["app"].state.runtime
    try:
        caller = await runtime.authenticator.authenticate(Headers(scope=scope))
    except (Unauthenticated, Forbidden, IssuerUnavailable):
        charge(scope, None)
        raise
    scope["state"]["caller"] = caller
    charge(scope, caller)
