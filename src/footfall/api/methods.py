"""HEAD, and what a refused method is told (RFC 9110 §9.3.2, §15.5.6), for applications of FastAPI's routes."""

from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

_HEAD = "footfall.head"


def is_head(request: Request) -> bool:
    """Whether nobody will read the body, so that what takes long to make may be left out."""
    return request.method == "HEAD" or _HEAD in request.scope


class HeadAsGet:
    """Serves a HEAD as the GET of the same address; the server leaves the body out. FastAPI's routes take no HEAD.

    So whatever looks at the method on the way, such as who may read, sees a GET.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one connection."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", _HEAD: True}
        await self._app(scope, receive, send)


def allow_header(request: Request) -> dict[str, str]:
    """The `Allow` of a 405: what all routes of the address take, of which the router looks at the first alone."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    fitting = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    methods = {method for route in fitting for method in route.methods or ()}
    if "GET" in methods:
        methods.add("HEAD")
    return {"allow": ", ".join(sorted(methods))}
