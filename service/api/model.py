"""`GET /model`: the card of the model in service."""

from fastapi import APIRouter

from service.api.dependencies import RuntimeDependency
from service.api.problem_responses import problem_responses
from service.errors import NotReady
from service.schemas import ServedCard

router = APIRouter(tags=["model"])


@router.get("/model", summary="The model's card", responses=problem_responses(NotReady))
async def model(runtime: RuntimeDependency) -> ServedCard:
    """Return everything the model file says of itself: classes, thresholds, training data, metrics, intended use."""
    classifier = runtime.classifier
    return ServedCard(**dict(classifier.card), sha256=classifier.sha256)
