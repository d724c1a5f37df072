"""`POST /render`: frames of an image as a browser can show them."""

import asyncio
import hashlib
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.api.dependencies import RuntimeDependency
from service.api.image_body import IMAGE_BODY, IMAGE_PROBLEMS
from service.api.problem_responses import problem_responses
from service.api.upload import read_upload
from service.imaging import Limits
from service.rendering import MOST_FRAMES, View, render

router = APIRouter(tags=["prediction"])

PNG = "image/png"
FRAMES_HEADER = "X-Frames"
PIXEL_ASPECT_HEADER = "X-Pixel-Aspect"
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The frame, 8 bits a sample, greyscale or RGB, upright; several stand one under the other",
        "content": {PNG: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            FRAMES_HEADER: {"description": "number of frames of the file", "schema": {"type": "integer", "minimum": 1}},
            PIXEL_ASPECT_HEADER: {
                "description": "height of a pixel divided by its width, by what the file says of the first frame "
                "shown, else 1; the picture is as stored, and is to be stretched by it to look as the patient does",
                "schema": {"type": "number", "exclusiveMinimum": 0},
            },
        },
    }
}


class RenderQuery(BaseModel):
    """The query parameters; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")

    frame: int = Field(default=0, ge=0, le=2**31 - 1, description="index of the frame, page or axial slice, from 0")
    count: int = Field(
        default=1, ge=1, le=MOST_FRAMES, description="how many frames from `frame` on; fewer at the end of the file"
    )
    max_edge: int | None = Field(
        default=None, ge=1, le=65_535, description="pixels of the longer edge at most; each frame is scaled down to it"
    )


@router.post(
    "/render",
    response_class=Response,
    summary="Show one frame",
    openapi_extra={"requestBody": IMAGE_BODY},
    responses=_ANSWER | problem_responses(*IMAGE_PROBLEMS),
)
async def render_frame(
    request: Request, query: Annotated[RenderQuery, Query()], runtime: RuntimeDependency
) -> Response:
    """Return a frame as it is meant to be shown, windows and look-up tables applied; no model is asked.

    Browsers can show neither DICOM nor NIfTI. With `count` several frames come as one picture. Limits and errors are
    those of `/predict`. Research use only.
    """
    settings = runtime.settings
    with runtime.admission.admit(settings.deadline_s) as slot:
        data = await read_upload(request, settings.max_bytes, slot.deadline)
        request.state.image.input_sha256 = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        view = View(query.frame, query.count, query.max_edge)
        shown = await slot.run(partial(render, data, Limits(settings.max_pixels), view))
    headers = {
        FRAMES_HEADER: str(shown.frames),
        PIXEL_ASPECT_HEADER: f"{shown.pixel_aspect:.6g}",
        "Cache-Control": "no-store",
    }
    return Response(shown.png, media_type=PNG, headers=headers)
