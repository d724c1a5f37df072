"""What may be said of a request in a log or a metric."""

from starlette.routing import Match
from starlette.types import Scope

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"


def method_of(scope: Scope) -> str:
    """Return the method, or `other`: it is the client who spells it."""
    return scope["method"] if scope["method"] in METHODS else "other"


def route_of(scope: Scope) -> str:
    """Return the template of the route, also of a request that was refused before it was routed."""
    if "route" not in scope:
        scope["route"] = _find(scope)
    return getattr(scope["route"], "path", UNMATCHED)


def is_image_request(scope: Scope) -> bool:
    """Whether the request brings images to be classified."""
    return scope["method"] == "POST" and route_of(scope).partition("/predict")[0] == ""


def _find(scope: Scope) -> object:
    """Return the first route that fits path and method, else the first that fits the path."""
    partial = None
    for route in scope["app"].router.routes:
        match, _ = route.matches(scope)
        if match is Match.FULL:
            return route
        if match is Match.PARTIAL and partial is None:
            partial = route
    return partial
