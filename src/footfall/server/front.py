"""The outermost application: CORS for everyone, the ingest routes by one dict look-up, the rest behind.

Source: openpanel contract §1.3. CORS never decides who may send; the project's allow-list does.
"""

import asyncio
from collections.abc import Mapping

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from footfall.api.cors import ANY_ORIGIN
from footfall.api.straight import Take

_MAX_AGE = b"604800"
_OWN = "/dashboard/"
"""What only the dashboard's own pages ask for: no other origin may, not even by a preflight."""

_STOPPED = {"message": "The server is stopping; try again", "error": "Service Unavailable", "statusCode": 503}


def area(path: str) -> str:
    """The first word under `/api/`, by which the dialects that live there are told apart; '' elsewhere."""
    return path[5:].partition("/")[0] if path.startswith("/api/") else ""


class ByArea:
    """Serves each area of `/api` through the application that it belongs to, the rest through `rest`."""

    def __init__(self, areas: Mapping[str, ASGIApp], rest: ASGIApp) -> None:
        self._areas = dict(areas)
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one connection."""
        await self._areas.get(area(scope.get("path", "")), self._rest)(scope, receive, send)


class _Interruptible:
    """Says so to whom a stop doesn't wait for: after some seconds uvicorn cancels what is still under way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one connection."""
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except asyncio.CancelledError:
            if scope["type"] != "http" or has_begun:
                raise
            await JSONResponse(_STOPPED, 503, {"retry-after": "2"})(scope, receive, send)


class Front:
    """Serves `routes` (path → application) itself and everything else through `rest`.

    `routes` say themselves that every origin may read them; `rest` need not. `preflights` answer an OPTIONS in
    their areas of `/api`. `straight` holds those of the routes that take a POST without ASGI, by its target.
    """

    def __init__(
        self, routes: Mapping[str, ASGIApp], rest: ASGIApp, preflights: Mapping[str, ASGIApp] | None = None
    ) -> None:
        self._routes = {path: _Interruptible(route) for path, route in routes.items()}
        self._rest = _Interruptible(rest)
        takes = {path: getattr(route, "straight", None) for path, route in routes.items()}
        self.straight: dict[bytes, Take] = {path.encode(): take for path, take in takes.items() if take}
        self._preflights = ByArea(preflights or {}, _preflight)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one connection."""
        if scope["type"] != "http" or scope["path"].startswith(_OWN):
            await self._rest(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await self._preflights(scope, receive, send)
            return
        route = self._routes.get(scope["path"])
        if route is not None:
            await route(scope, receive, send)
            return

        async def with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *ANY_ORIGIN]
            await send(message)

        await self._rest(scope, receive, with_cors)


async def _preflight(scope: Scope, _receive: Receive, send: Send) -> None:
    headers = dict(scope["headers"])
    if b"origin" not in headers or b"access-control-request-method" not in headers:
        body = b"Invalid Preflight Request"
        answer = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            *ANY_ORIGIN,
        ]
        await send({"type": "http.response.start", "status": 400, "headers": answer})
        await send({"type": "http.response.body", "body": body})
        return
    answer = [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", b"GET,HEAD,POST"),
        (b"access-control-max-age", _MAX_AGE),
        (b"vary", b"Origin, Access-Control-Request-Headers"),
        (b"content-length", b"0"),
    ]
    asked = headers.get(b"access-control-request-headers")
    if asked:
        answer.append((b"access-control-allow-headers", asked))
    await send({"type": "http.response.start", "status": 204, "headers": answer})
    await send({"type": "http.response.body", "body": b""})
