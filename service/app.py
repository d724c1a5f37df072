"""Put the application together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from service import DISCLAIMER, __version__
from service.api import batch, docs, health, model, page, predict, problem_types, render
from service.classifier import Classifier
from service.middleware import AccessLog, LingeringClose, RequestIds, UnexpectedErrors
from service.problems import install_problem_handlers
from service.runtime import Runtime
from service.settings import Settings

_DESCRIPTION = f"""Classifies brain-MRI images. **{DISCLAIMER}**

Errors are `application/problem+json` (RFC 9457); `type` names the kind of problem and can be looked up here. Send
`X-Request-ID` (letters, digits, `.`, `_`, `-`; at most 64) to find a request in the log again; never put a patient's
name or number in it.
"""


def create_app(settings: Settings, classifier: Classifier | None = None) -> FastAPI:
    """Build the application; its lifespan loads the model unless a loaded and warmed-up one is given."""
    runtime = Runtime(settings, classifier)
    app = FastAPI(
        title="Brain-MRI classifier",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.runtime = runtime
    install_problem_handlers(app)
    for part in (predict, batch, render, health, model, problem_types, page, docs):
        app.include_router(part.router)
    for middleware in (UnexpectedErrors, AccessLog, LingeringClose, RequestIds):  # the last added is outermost
        app.add_middleware(middleware)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load before the first request; stop admitting and finish running work after the last."""
    runtime: Runtime = app.state.runtime
    await asyncio.to_thread(runtime.load)
    app.openapi()
    try:
        yield
    finally:
        runtime.admission.drain()
        await asyncio.to_thread(runtime.admission.close)
