"""The composition root: one ASGI application from one runtime."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from footfall.api.dashboard import routes as dashboard
from footfall.api.dashboard.live import Hub
from footfall.api.dashboard.serving import DashboardContext
from footfall.api.dashboard.sessions import WithSessions
from footfall.api.methods import HeadAsGet, allow_header
from footfall.api.openpanel import imports, legacy, reads, track
from footfall.api.openpanel.door import Door
from footfall.api.openpanel.door import Route as IngestRoute
from footfall.api.openpanel.managing import ManageContext
from footfall.api.openpanel.reading import ReadContext
from footfall.ingest.accept import Intake
from footfall.ingest.commit import MAX_BACKLOG, GroupCommit
from footfall.ingest.enrich import bots
from footfall.ingest.enrich.client_ip import TrustedProxies
from footfall.ingest.erasing import Erasing
from footfall.ingest.visitors import Visitors
from footfall.model.errors import Overloaded
from footfall.model.times import utc
from footfall.server import areas
from footfall.server.front import ByArea, Front
from footfall.server.health import health_routes
from footfall.server.later import Later
from footfall.server.pages import page_routes
from footfall.server.runtime import Runtime
from footfall.server.scripts import script_routes
from footfall.server.upkeep import Upkeep
from footfall.store.duckdb import MIN_FREE_BYTES

log = structlog.get_logger(__name__)

_WATCH_SECONDS = 1.0
_FORGET_SECONDS = 60.0


class Server:
    """One running Footfall: the runtime's parts bound to an event loop."""

    def __init__(self, runtime: Runtime, clock: Callable[[], int] | None = None) -> None:
        self.runtime = runtime
        self.is_stopping = False
        self.started_at = time.time()
        self.threads = ThreadPoolExecutor(8, thread_name_prefix="ask")
        self.now_ms = clock or (lambda: time.time_ns() // 1_000_000)
        settings = runtime.settings
        self.visitors = Visitors(settings.session_timeout_minutes * 60_000)
        self.commit = GroupCommit(runtime.journal, runtime.drain.wake)
        self.intake = Intake(
            self.commit,
            self.visitors,
            runtime.geo,
            lambda: runtime.catalog.salts(utc(self.now_ms())),
            self.now_ms,
        )
        self.door = Door(
            intake=self.intake,
            authenticator=runtime.authenticator,
            store=runtime.store,
            journal=runtime.journal,
            trusted=TrustedProxies.parse(",".join(settings.trusted_proxies)),
            ip_headers=tuple(settings.ip_header_order),
            max_body=settings.max_body_bytes,
            in_thread=self.in_thread,
            drained=self.drained,
            wake=runtime.drain.wake,
        )
        drain = runtime.drain
        self.erasing = Erasing(runtime.journal, drain.wake, drain.wait_for, self.now_ms)
        self.upkeep = Upkeep(runtime.catalog, self.erasing, self.now_ms)
        self.umami_tokens = areas.umami_tokens(runtime)
        self.app = self._build()

    def close_streams(self) -> None:
        """End what would otherwise go on for ever: the server is to stop."""
        self.is_stopping = True
        self.live.close()

    def warm(self) -> None:
        """Make what would otherwise be made for the first who asks, unless it is to stop already."""
        for application in self._later:
            if not self.is_stopping:
                application.made()

    async def in_thread(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Run blocking work beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(work, *arguments))

    async def drained(self) -> None:
        """Wait until what is durable now can be read. Raises Overloaded after 10 s."""
        position = self.runtime.journal.last()
        self.runtime.drain.wake()
        if not await self.in_thread(self.runtime.drain.wait_for, position, 10.0):
            raise Overloaded("the store is behind; try again", retry_after=2)

    def _build(self) -> ASGIApp:
        health = health_routes(self)
        context = self._read_context()
        self.umami = areas.umami_context(self, context.threads)
        sessions = areas.sessions(self)
        openpanel = Later(partial(reads.build, context, _unknown_route, self._manage_context(context)))
        by_area = areas.areas(self, context.threads)
        self._later = {openpanel, *by_area.values()}
        under_api = ByArea(by_area, Router([*health, _mount("/", openpanel)]))
        settings = self.runtime.settings
        scripts = script_routes(settings.tracker_script_name, settings.collect_api_endpoint)
        pages = page_routes(self.runtime.catalog)
        self.live = Hub(self.umami.ask, self.now_ms)
        self.imports = areas.imports(self)
        own = dashboard.build(DashboardContext(sessions, self.umami), self.live, self.imports)
        rest = Starlette(
            routes=[
                *(*pages, *health, *own, *scripts, *areas.slug_routes(self)),
                *(_mount("/api", under_api), _mount("/", openpanel)),
            ],
            lifespan=self._lifespan,
        )
        return Front(self._ingest_routes(), WithSessions(rest, sessions), areas.preflights())

    def _manage_context(self, context: ReadContext) -> ManageContext:
        limiter = areas.limiter(self, self.runtime.settings.rate_limit_manage)
        return ManageContext(context, limiter, self.erasing)

    def _read_context(self) -> ReadContext:
        runtime = self.runtime
        return ReadContext(
            store=runtime.store,
            catalog=runtime.catalog,
            authenticator=runtime.authenticator,
            limiter=areas.limiter(self, runtime.settings.rate_limit_insights),
            now_ms=self.now_ms,
            export_limiter=areas.limiter(self, runtime.settings.rate_limit_export),
        )

    def _ingest_routes(self) -> dict[str, ASGIApp]:
        door = self.door
        routes: dict[str, ASGIApp] = {
            "/track": IngestRoute(door, track.track),
            "/track/device-id": IngestRoute(door, track.device_id, method="GET"),
            "/event": IngestRoute(door, legacy.event),
            "/profile": IngestRoute(door, legacy.profile),
            "/profile/increment": IngestRoute(door, legacy.increment),
            "/profile/decrement": IngestRoute(door, legacy.decrement),
            "/import/events": IngestRoute(door, imports.import_events, reads_first=False),
        }
        return areas.collect_routes(self) | routes | {f"/api{path}": route for path, route in routes.items()}

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self.runtime.start()
        self.visitors.restore(self.runtime.drain.sessions.all())
        # The first hit shouldn't wait for the tables of crawlers to be built.
        warming = asyncio.get_running_loop().run_in_executor(self.threads, bots.warm)
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self.close_streams()
            await self.live.closed()
            await self.in_thread(self.imports.close)
            watching.cancel()
            await warming
            try:
                await self.intake.flush()
            except Overloaded as error:
                log.warning("stop.ledger_lost", reason=error.message)
            await self.in_thread(self.commit.close)
            await self.in_thread(self.runtime.close)
            self.threads.shutdown()

    async def _watch(self) -> None:
        """Refuse hits while there is no room for them; forget visitors who left, and what is too old."""
        forgot_at = time.monotonic()
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            try:
                self.commit.refuse(await self.in_thread(self._refusal))
                await self.intake.flush()
                if time.monotonic() - forgot_at > _FORGET_SECONDS:
                    forgot_at = time.monotonic()
                    self.visitors.forget_idle(self.now_ms())
                    await self.in_thread(self.upkeep.run)
            except Overloaded as error:
                log.warning("watch.overloaded", reason=error.message)
            except Exception:
                log.exception("watch.failed")

    def _refusal(self) -> str:
        """Why no hit may be taken now; '' if they may."""
        if self.runtime.journal.backlog(self.runtime.drain.position) > MAX_BACKLOG:
            return "the store is behind; nothing was stored, try again"
        free = shutil.disk_usage(self.runtime.settings.data_path).free
        if free < MIN_FREE_BYTES:
            return f"only {free // 2**20} MiB are free on the disk of the data folder; nothing was stored"
        return ""


def _mount(path: str, app: ASGIApp) -> Mount:
    """Starlette's, but for HEAD, and for paths with line breaks, too: an id may hold one."""
    mount = Mount(path, HeadAsGet(app))
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def _unknown_route(request: Request, error: HTTPException) -> Response:
    """The framework default that OpenPanel's clients know (contract §1.1)."""
    headers = {}
    if error.status_code == 405:
        message, word = f"{request.method} is not taken at {request.url.path}", "Method Not Allowed"
        headers = allow_header(request)
    else:
        message, word = f"Route {request.method}:{request.url.path} not found", "Not Found"
    body = {"message": message, "error": word, "statusCode": error.status_code}
    return JSONResponse(body, error.status_code, headers)
