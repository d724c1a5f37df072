"""What may be said of a request in a log or a metric."""

import re
from functools import cache

from starlette._utils import get_route_path
from starlette.routing import compile_path
from starlette.types import Scope

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"
CLIENT_GONE = 499
"""Stands for the status of an answer that its client did not wait for; it is never sent."""
_CLASSIFIED = ("/predict/", "/studies/")
_SHOWN = "/render"


def method_of(scope: Scope) -> str:
    """Return the method, or `other`: it is the client who spells it."""
    return scope["method"] if scope["method"] in METHODS else "other"


def route_of(scope: Scope) -> str:
    """Return the template of the route; of a request that was refused before it was routed, its documented path."""
    template: str | None = getattr(scope.get("route"), "path", None)
    if template is not None:
        return template
    path = get_route_path(scope)
    return next((one for one in scope["app"].openapi()["paths"] if _pattern(one).match(path)), UNMATCHED)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return compile_path(template)[0]


def is_image_request(scope: Scope) -> bool:
    """Whether the request brings images to be classified, or names them."""
    return scope["method"] == "POST" and f"{route_of(scope)}/".startswith(_CLASSIFIED)


def is_audited(scope: Scope) -> bool:
    """Whether the request brings images, to be classified or to be shown."""
    return is_image_request(scope) or (scope["method"] == "POST" and route_of(scope) == _SHOWN)
