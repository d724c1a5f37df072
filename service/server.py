"""The HTTP server: uvicorn, with a drain before its shutdown."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI

from service.admission import Admission
from service.listening import BACKLOG
from service.settings import Settings
from service.tls import load_certificate, tls_options

_LOG = logging.getLogger("service")
_POLL_S = 0.05
_SILENCE_S = 1.0
_GRACE_S = 5


class Server(uvicorn.Server):
    """Serves until a signal, then drains.

    While it drains the port stays open: requests that still come in are told 503 rather than reset, until every
    admitted one is answered. It is over after the deadline of a request and 6 s more at the latest.
    """

    def __init__(self, app: FastAPI, settings: Settings, admission: Admission) -> None:
        """Raises SettingsError for certificates that cannot be used."""
        super().__init__(_configure(app, tls_options(settings)))
        self._settings = settings
        self._admission = admission
        self._deadline_s = settings.deadline_s

    def stop(self, *_: object) -> None:
        """Ask for a drain and shutdown; a signal handler.

        uvicorn raises a signal it has caught once more after its shutdown; with this handler installed the process
        then ends with exit code 0.
        """
        self.should_exit = True

    def reload_certificate(self) -> None:
        """Show new connections the certificate that the files hold now; raises SettingsError and keeps the old one."""
        if self.config.ssl:
            load_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), self._settings)
            load_certificate(self.config.ssl, self._settings)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop admitting, wait for the admitted, close the port, read what was already accepted, then shut down."""
        self._admission.drain()
        _LOG.info("draining", extra={"requests": self._admission.occupied})
        await self._until(self._nobody_admitted, self._deadline_s)
        for server in self.servers:
            server.close()
        await self._until(self._nobody_silent, _SILENCE_S)
        await super().shutdown(sockets)

    def _nobody_admitted(self) -> bool:
        return self._admission.occupied == 0

    def _nobody_silent(self) -> bool:
        """Whether every open connection has sent at least the head of a request."""
        return all(getattr(connection, "cycle", None) for connection in self.server_state.connections)

    async def _until(self, condition: Callable[[], bool], patience_s: float) -> None:
        """Poll, and let the event loop read and answer meanwhile; a second Ctrl-C ends the patience."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience_s
        await asyncio.sleep(_POLL_S)
        while not condition() and loop.time() < end and not self.force_exit:
            await asyncio.sleep(_POLL_S)


def _configure(app: FastAPI, tls: dict[str, Any]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=_GRACE_S,
        **tls,
    )
