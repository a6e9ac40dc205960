"""The composition root: one ASGI application from one runtime."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import structlog
from starlette.applications import Starlette
from starlette.types import ASGIApp

from footfall.api.openpanel import imports, legacy, track
from footfall.api.openpanel.door import Door
from footfall.api.openpanel.door import Route as IngestRoute
from footfall.ingest.accept import Intake
from footfall.ingest.commit import MAX_BACKLOG, GroupCommit
from footfall.ingest.enrich import bots
from footfall.ingest.enrich.client_ip import TrustedProxies
from footfall.ingest.erasing import Erasing
from footfall.ingest.visitors import Visitors
from footfall.model.errors import Overloaded
from footfall.model.times import utc
from footfall.server import collecting
from footfall.server.front import Front
from footfall.server.health import health_routes
from footfall.server.later import Later
from footfall.server.mounting import mount
from footfall.server.pages import page_routes
from footfall.server.runtime import Runtime
from footfall.server.scripts import script_routes
from footfall.server.upkeep import Upkeep
from footfall.store.duckdb import MIN_FREE_BYTES

if TYPE_CHECKING:
    from footfall.server.questions import Questions

log = structlog.get_logger(__name__)

_WATCH_SECONDS = 1.0
_FORGET_SECONDS = 60.0
_LARGE = ("fastapi", "footfall.api.umami.app", "footfall.server.questions")
"""What takes long to import of that which questions need, in steps between which the server may stop."""
_SQL_WRITER = "sqlglot.dialects.duckdb"


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
        self.secret = settings.secret or runtime.catalog.installation_secret()
        """What Umami's ids and tokens are made with: that of the settings, else the catalog's own."""
        self.questions = Later(self._make_questions)
        self.app = self._build()

    def close_streams(self) -> None:
        """End what would otherwise go on for ever: the server is to stop."""
        self.is_stopping = True
        if self.questions.is_made:
            self.questions.made().close_streams()

    def warm(self) -> None:
        """Make what would otherwise be made for the first who asks, unless it is to stop already."""
        steps: list[Callable[[], object]] = [partial(import_module, name) for name in _LARGE]
        steps += [self._warm_questions, partial(import_module, _SQL_WRITER)]
        try:
            for step in steps:
                if not self.is_stopping:
                    step()
        except Exception:  # such as a package that is missing; hits are taken all the same
            log.exception("start.no_questions")

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
        settings = self.runtime.settings
        scripts = script_routes(settings.tracker_script_name, settings.collect_api_endpoint)
        pages = page_routes(self.runtime.catalog)
        quick = [*pages, *health_routes(self), *scripts, *collecting.slug_routes(self)]
        rest = Starlette(routes=[*quick, mount("/", self.questions)], lifespan=self._lifespan)
        return Front(self._ingest_routes(), rest, collecting.preflights())

    def _warm_questions(self) -> None:
        self.questions.made().warm(lambda: self.is_stopping)

    def _make_questions(self) -> "Questions":
        from footfall.server.questions import Questions

        return Questions(self)

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
        return collecting.collect_routes(self) | routes | {f"/api{path}": route for path, route in routes.items()}

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self.runtime.start()
        self.visitors.restore(self.runtime.drain.hands.sessions.all())
        self.runtime.drain.hands.allow_help()
        # The first hit shouldn't wait for the tables of crawlers to be built.
        warming = asyncio.get_running_loop().run_in_executor(self.threads, bots.warm)
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self.close_streams()
            if self.questions.is_made:
                await self.questions.made().close()
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
