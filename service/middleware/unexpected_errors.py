"""Answer an error nobody expected with a plain 500, and log where it happened but not what it said."""

import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problem_object import UNEXPECTED
from service.problems import plain_problem

_LOG = logging.getLogger("service.errors")


class UnexpectedErrors:
    """Starlette's own handler would raise the error again, for the server to log with its message."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except ClientDisconnect:
            return
        except Exception as error:
            _LOG.error("unexpected error", exc_info=error, extra={"request_id": scope["state"]["request_id"]})
            if not begun:
                await plain_problem(scope, 500, UNEXPECTED)(scope, receive, send)
