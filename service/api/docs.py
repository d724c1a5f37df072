"""`/docs`: Swagger UI from files of this installation; the page asks no other host for anything.

The files are those that the package `fastapi-swagger` brings along (MIT; Swagger UI itself is Apache-2.0).
"""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse

_SCRIPT, _STYLE, _ICON = "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs() -> Response:
    """Return the page; all its links are relative, so that it works behind a path prefix."""
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Brain-MRI classifier",
        swagger_js_url=f"docs/assets/{_SCRIPT}",
        swagger_css_url=f"docs/assets/{_STYLE}",
        swagger_favicon_url=f"docs/assets/{_ICON}",
        swagger_ui_parameters={"validatorUrl": None, "displayRequestDuration": True},
    )


@router.get("/docs/assets/{name}")
async def asset(name: str) -> Response:
    """Return one of the three files of the page."""
    if name not in (_SCRIPT, _STYLE, _ICON):
        raise HTTPException(404)
    return FileResponse(Path(str(files("fastapi_swagger"))) / "resources" / name)
