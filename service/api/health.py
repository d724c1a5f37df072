"""`/health`, `/health/live` and `/health/ready`: for load balancers, orchestrators and people."""

from fastapi import APIRouter

from service.api.dependencies import RuntimeDependency
from service.api.problem_responses import problem_responses
from service.errors import NotReady
from service.prediction import identify
from service.schemas import Health, Liveness

router = APIRouter(prefix="/health", tags=["health"])


@router.head("", include_in_schema=False)
@router.head("/ready", include_in_schema=False)
@router.get("", summary="Ready, and with which model", responses=problem_responses(NotReady))
@router.get("/ready", summary="Ready for requests", responses=problem_responses(NotReady))
async def ready(runtime: RuntimeDependency) -> Health:
    """Answer 200 with the model's identity, or 503 while the service starts or drains."""
    return Health(model=identify(runtime.classifier))


@router.head("/live", include_in_schema=False)
@router.get("/live", summary="The process answers")
async def live() -> Liveness:
    """Answer 200 as long as the event loop turns."""
    return Liveness()
