"""What the routers take from the application."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from service.admission import Slot
from service.runtime import Runtime


async def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


async def _request_id(request: Request) -> str:
    return str(request.state.request_id)


RuntimeDependency = Annotated[Runtime, Depends(_runtime)]
RequestId = Annotated[str, Depends(_request_id)]


async def _batch_slot(runtime: RuntimeDependency) -> AsyncIterator[Slot]:
    """Hold a place among the batches and one among the requests until the answer is sent."""
    with runtime.batches.hold(), runtime.admission.admit(runtime.settings.batch_deadline_s) as slot:
        yield slot


BatchSlot = Annotated[Slot, Depends(_batch_slot)]
