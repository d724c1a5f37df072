"""`/docs`: Swagger UI from files of this installation; the page asks no other host for anything.

The files are those that the package `fastapi-swagger` brings along (MIT; Swagger UI itself is Apache-2.0).
"""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse, HTMLResponse

_SCRIPT, _STYLE, _ICON, _START = "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png", "start.js"
_PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Brain-MRI classifier</title>
<link rel="stylesheet" href="docs/assets/{_STYLE}">
<link rel="icon" href="docs/assets/{_ICON}">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/{_SCRIPT}"></script>
<script src="docs/assets/{_START}"></script>
</body>
</html>
"""
_START_SCRIPT = """"use strict";
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  layout: "BaseLayout",
  deepLinking: true,
  validatorUrl: null,
  displayRequestDuration: true,
  presets: [SwaggerUIBundle.presets.apis],
});
"""

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs() -> Response:
    """Return the page; its links are relative, so that it works behind a path prefix, and no script is in it (CSP)."""
    return HTMLResponse(_PAGE)


@router.get("/docs/assets/{name}")
async def asset(name: str) -> Response:
    """Return one of the files of the page."""
    if name == _START:
        return Response(_START_SCRIPT, media_type="text/javascript")
    if name not in (_SCRIPT, _STYLE, _ICON):
        raise HTTPException(404)
    return FileResponse(Path(str(files("fastapi_swagger"))) / "resources" / name)
