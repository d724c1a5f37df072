"""Who a request counts against."""

import ipaddress

from starlette.types import Scope

from service.auth import Caller
from service.runtime import Runtime

_SITE_BITS = 64


def charge(scope: Scope, caller: Caller | None) -> None:
    """Count the request against its caller, or against the address of who is not known; raises TooManyRequests."""
    runtime: Runtime = scope["app"].state.runtime
    if runtime.rate_limit is not None:
        known = caller is not None and caller.kind != "anonymous"
        runtime.rate_limit.take(str(caller) if known else _site(scope))


def _site(scope: Scope) -> str:
    """Return the address of the client; of IPv6 its first half, as one client may have all of the other."""
    client = scope.get("client")
    if not client:
        return "address:unknown"
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return "address:unknown"
    if address.version == 6:
        return f"address:{ipaddress.ip_network((int(address), _SITE_BITS), strict=False)}"
    return f"address:{address}"
