"""Put the application together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from service import DISCLAIMER, __version__
from service.api import batch, docs, health, metrics, model, page, predict, problem_types, render
from service.api.security_description import describe_security
from service.classifier import Classifier
from service.errors import SettingsError
from service.hospital_extra import missing_library
from service.middleware import (
    AccessLog,
    Audit,
    Authentication,
    Cors,
    LingeringClose,
    RequestIds,
    RequestMetrics,
    SecurityHeaders,
    Tracing,
    UnexpectedErrors,
)
from service.problems import install_problem_handlers
from service.runtime import Runtime
from service.settings import Settings
from service.tracing import RequestTracer

_DESCRIPTION = f"""Classifies brain-MRI images. **{DISCLAIMER}**

Errors are `application/problem+json` (RFC 9457); `type` names the kind of problem and can be looked up here. Send
`X-Request-ID` (letters, digits, `.`, `_`, `-`; at most 64) to find a request in the log again; never put a patient's
name or number in it.
"""


def create_app(settings: Settings, classifier: Classifier | None = None) -> FastAPI:
    """Build the application; its lifespan loads the model unless a loaded and warmed-up one is given.

    Raises SettingsError.
    """
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
    describe_security(app)
    for part in (predict, batch, render, health, model, metrics, problem_types, page, docs):
        app.include_router(part.router)
    if settings.dicomweb_url:
        _add_studies(app, settings)
    _add_middleware(app, settings)
    return app


def _add_studies(app: FastAPI, settings: Settings) -> None:
    """Add what needs the libraries of the extra `hospital`."""
    try:
        from service.api.study import add_studies
    except ModuleNotFoundError as error:
        raise SettingsError(missing_library("SERVICE_DICOMWEB_URL", error)) from error
    add_studies(app, settings)


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Wrap the routes from the inside out."""
    for inner in (Authentication, UnexpectedErrors, Audit):
        app.add_middleware(inner)
    if settings.cors_origins:
        app.add_middleware(Cors, origins=settings.cors_origins)
    app.add_middleware(RequestMetrics)
    tracer: RequestTracer | None = app.state.runtime.tracer
    if tracer:
        app.add_middleware(Tracing, tracer=tracer)
    for outer in (AccessLog, LingeringClose, SecurityHeaders, RequestIds):
        app.add_middleware(outer)


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
        if runtime.tracer:
            await asyncio.to_thread(runtime.tracer.shutdown)
