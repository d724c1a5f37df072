"""Put each request into a span, where traces are asked for."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.middleware.labels import CLIENT_GONE, method_of, route_of
from service.tracing import RequestTracer
from service.tracing.tracer import Outcome, describe


class Tracing:
    """The span ends with the last piece of the answer."""

    def __init__(self, app: ASGIApp, tracer: RequestTracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = CLIENT_GONE

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._tracer.request(Headers(scope=scope).get("traceparent", "")) as span:
            try:
                await self._app(scope, receive, send_and_note)
            finally:
                state = scope["state"]
                problem = state.get("problem")
                describe(span, Outcome(method_of(scope), route_of(scope), status, problem, state["request_id"]))
