"""What the routers take from the application."""

from typing import Annotated

from fastapi import Depends, Request

from service.runtime import Runtime


async def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


async def _request_id(request: Request) -> str:
    return str(request.state.request_id)


RuntimeDependency = Annotated[Runtime, Depends(_runtime)]
RequestId = Annotated[str, Depends(_request_id)]
