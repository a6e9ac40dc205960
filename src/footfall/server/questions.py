"""What people and programs ask: the read and manage APIs of all dialects and the dashboard's own routes.

To import and make this takes longer than all that hits need, so it is done once the server accepts (`later.py`).
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from footfall.api.asking import AskingThreads
from footfall.api.dashboard import routes as dashboard
from footfall.api.dashboard.live import Hub
from footfall.api.dashboard.serving import DashboardContext
from footfall.api.dashboard.sessions import WithSessions
from footfall.api.methods import allow_header
from footfall.api.openpanel import reads
from footfall.api.platform import app as platform
from footfall.api.umami import app as umami
from footfall.api.umami.cors import PATHS
from footfall.api.umami.tokens import Tokens
from footfall.server import contexts
from footfall.server.front import ByArea, area
from footfall.server.health import health_routes
from footfall.server.later import Later
from footfall.server.mounting import mount
from footfall.server.pages import unknown_page

if TYPE_CHECKING:
    from footfall.server.app import Server


class Questions:
    """One application, of a server's parts. Its dialects are made when they are first asked, or by `warm`."""

    def __init__(self, server: "Server") -> None:
        self.tokens = Tokens(server.secret)
        context = contexts.read_context(server)
        self.umami = contexts.umami_context(server, self.tokens, context.threads)
        self.live = Hub(self.umami.ask, server.now_ms)
        self.imports = contexts.imports(server)
        manage = contexts.manage_context(server, context)
        openpanel = Later[ASGIApp](partial(reads.build, context, _unknown_route, manage))
        by_area = self._areas(server, context.threads)
        self._dialects = [openpanel, *set(by_area.values())]
        sessions = contexts.sessions(server, self.umami)
        own = dashboard.build(DashboardContext(sessions, self.umami), self.live, self.imports)
        under_api = ByArea(by_area, Router([*health_routes(server), mount("/", openpanel)]))
        rest = Router([*own, mount("/api", under_api), mount("/", openpanel)])
        self._app = WithSessions(rest, sessions)
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one connection."""
        if self._server.is_stopping:  # since before this was made, perhaps
            self.close_streams()
        await self._app(scope, receive, send)

    def warm(self, is_stopping: Callable[[], bool]) -> None:
        """Make what would otherwise be made for the first who asks, unless the server is to stop already."""
        for dialect in self._dialects:
            if not is_stopping():
                dialect.made()

    def close_streams(self) -> None:
        """End what would otherwise go on for ever."""
        self.live.close()

    async def close(self) -> None:
        """Wait until nobody looks at the store any more, and give up the imports of uploaded files."""
        self.close_streams()
        await self.live.closed()
        await anyio.to_thread.run_sync(self.imports.close)

    def _areas(self, server: "Server", threads: AskingThreads) -> dict[str, Later[ASGIApp]]:
        """The dialects beside OpenPanel's, by the first word under `/api/` of their paths."""
        found = dict.fromkeys(PATHS, Later[ASGIApp](partial(umami.build, self.umami)))
        needs = contexts.platform_context(server, threads)
        return found | {platform.PATH: Later[ASGIApp](partial(platform.build, needs))}


def _unknown_route(request: Request, error: HTTPException) -> Response:
    """The framework default that OpenPanel's clients know (contract §1.1), or a page for a person."""
    page = unknown_page(request) if error.status_code == 404 and not area(request.url.path) else None
    if page is not None:
        return page
    headers = {}
    if error.status_code == 405:
        message, word = f"{request.method} is not taken at {request.url.path}", "Method Not Allowed"
        headers = allow_header(request)
    else:
        message, word = f"Route {request.method}:{request.url.path} not found", "Not Found"
    body = {"message": message, "error": word, "statusCode": error.status_code}
    return JSONResponse(body, error.status_code, headers)
