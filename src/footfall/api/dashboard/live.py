"""`GET /dashboard/live/{project}`: who is here, and what they do, as server-sent events.

`now` says how many visitors there are, on which pages and from where; `events` what they did since the last one.
All streams of a project share one look at the store every half second. A stream ends after ten minutes, so that
who may look is asked again when the browser reconnects; it ends at once when the server stops.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from itertools import product
from typing import Any

import msgspec
import structlog
from msgspec import Struct, field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from footfall.api.callers import asking_of
from footfall.api.dashboard.serving import DashboardContext
from footfall.api.methods import is_head
from footfall.model.errors import FootfallError, Overloaded
from footfall.model.event import Event
from footfall.model.project import Project
from footfall.model.times import iso_ms
from footfall.query.here import EventsHere, Here
from footfall.query.live import Live

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
MAX_AGE_SECONDS = 600.0
MAX_STREAMS = 200
MAX_STREAMS_EACH = 20
AT_FIRST = 30
AT_ONCE = 100
_TOLD_AFTER_POLLS = 10
"""Without new events who is here is asked every so many looks: visitors leave without a word."""
_WAITING = 50

_STREAM = "text/event-stream"
_HEADERS = {
    "cache-control": "no-store",
    # What nginx would otherwise keep until it has enough of it.
    "x-accel-buffering": "no",
}

Ask = Callable[..., Awaitable[Any]]


class Told(Struct, frozen=True):
    """One message: `now` or `events`, and its JSON."""

    name: str
    data: bytes

    def encoded(self) -> bytes:
        """As it goes over the wire."""
        return b"event: " + self.name.encode() + b"\ndata: " + self.data + b"\n\n"


class Feed(Struct, eq=False):
    """One project's streams, what was told last, and which events of the last five minutes were."""

    project: Project
    listeners: set[asyncio.Queue[Told]] = field(default_factory=set)
    now: Told | None = None
    recent: list[Event] = field(default_factory=list)
    watching: asyncio.Task[None] | None = None
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def tell(self, messages: Iterable[Told]) -> None:
        """Tell every stream."""
        for queue, told in product(self.listeners, messages):
            # Who reads too slowly misses some; the next `now` is as good.
            if not queue.full():
                queue.put_nowait(told)


class Hub:
    """All streams of a server. `ask` puts a question about a project to the store, `now_ms` is the clock."""

    def __init__(self, ask: Ask, now_ms: Callable[[], int]) -> None:
        self._ask = ask
        self._now_ms = now_ms
        self._feeds: dict[str, Feed] = {}
        self._open: Counter[str] = Counter()
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream: the server stops."""
        self._closing.set()

    async def closed(self) -> None:
        """Wait until nobody looks at the store any more."""
        watching = [feed.watching for feed in self._feeds.values() if feed.watching is not None]
        await asyncio.gather(*watching)

    async def follow(self, project: Project, who: str, *, with_events: bool) -> AsyncIterator[bytes]:
        """The messages of a project, for as long as somebody reads them. Raises Overloaded for one too many.

        The first one comes before anything is sent, so an error is still one of the response.
        """
        if self._open.total() >= MAX_STREAMS or self._open[who] >= MAX_STREAMS_EACH:
            raise Overloaded("Too many live streams are open", retry_after=10)
        feed = self._feeds.setdefault(project.id, Feed(project))
        if feed.watching is None:
            await self._look(feed)
        return self._stream(feed, who, with_events)

    async def _stream(self, feed: Feed, who: str, with_events: bool) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[Told] = asyncio.Queue(_WAITING)
        self._open[who] += 1
        feed.listeners.add(queue)
        now, recent = feed.now, feed.recent[:AT_FIRST]
        if feed.watching is None:
            feed.watching = asyncio.create_task(self._watch(feed))
        try:
            yield b"retry: 3000\n\n"
            if now is not None:
                yield now.encoded()
            if with_events:
                yield _events(recent).encoded()
            ends_at = asyncio.get_running_loop().time() + MAX_AGE_SECONDS
            while asyncio.get_running_loop().time() < ends_at and not self._closing.is_set():
                told = await self._next(queue)
                if told is None:
                    yield b": still here\n\n"
                elif with_events or told.name != "events":
                    yield told.encoded()
        finally:
            feed.listeners.discard(queue)
            self._open[who] -= 1
            self._open += Counter()  # forgets whose are none

    async def _next(self, queue: asyncio.Queue[Told]) -> Told | None:
        """The next message; None after a while without one, or when the server stops."""
        waiting = [asyncio.ensure_future(queue.get()), asyncio.ensure_future(self._closing.wait())]
        try:
            await asyncio.wait(waiting, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            return waiting[0].result() if waiting[0].done() else None  # type: ignore[return-value]
        finally:
            for each in waiting:
                each.cancel()

    async def _watch(self, feed: Feed) -> None:
        """Look at the store while somebody listens."""
        polls = 0
        while feed.listeners and not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), POLL_SECONDS)
                break
            polls += 1
            try:
                await self._look(feed, may_rest=polls % _TOLD_AFTER_POLLS != 0)
            except FootfallError as error:
                log.warning("live.failed", project=feed.project.id, reason=error.message)
            except Exception:
                log.exception("live.failed", project=feed.project.id)
        feed.watching = None
        if not feed.listeners:
            self._feeds.pop(feed.project.id, None)

    async def _look(self, feed: Feed, *, may_rest: bool = False) -> None:
        """Ask, and tell what is new. One at a time: two would tell the same events twice."""
        async with feed.looking:
            now_ms = self._now_ms()
            recent = await self._ask(feed.project, EventsHere(now_ms, AT_ONCE))
            known = {event.id for event in feed.recent}
            fresh = [event for event in recent if event.id not in known]
            now = await self._now(feed.project, now_ms) if fresh or not may_rest else None
            feed.recent = recent  # not before: who joins meanwhile is told of them below
            if now is not None:
                feed.now = now
                feed.tell((_events(fresh), now) if fresh else (now,))

    async def _now(self, project: Project, now_ms: int) -> Told:
        visitors = await self._ask(project, Live(now_ms))
        here = await self._ask(project, Here(now_ms))
        body = {"at": now_ms, "visitors": visitors, "pages": here.pages, "countries": here.countries}
        return Told("now", msgspec.json.encode(body))


def _events(newest_first: list[Event]) -> Told:
    return Told("events", msgspec.json.encode([_shown(event) for event in reversed(newest_first)]))


def _shown(event: Event) -> dict[str, object]:
    return {
        "id": event.id,
        "name": event.name,
        "createdAt": iso_ms(event.created_at),
        "path": event.path,
        "title": event.title,
        "referrer": event.referrer,
        "country": event.country,
        "city": event.city,
        "browser": event.browser,
        "os": event.os,
        "device": event.device,
        "deviceId": event.device_id,
        "profileId": event.profile_id,
        "sessionId": event.session_id,
        "revenue": event.revenue,
        "currency": event.currency,
    }


async def live(hub: Hub, context: DashboardContext, request: Request) -> Response:
    """The stream. Who holds a share link learns how many are here, not what each of them does."""
    project, principal = context.project(request, shared=True)
    if is_head(request):
        head = Response(media_type=_STREAM, headers=_HEADERS)  # the stream itself would have no end
        del head.headers["content-length"]
        return head
    asking = asking_of(request.scope)
    user = None if asking is None else asking.caller.user
    who = context.umami.address(request) if user is None else user.id
    stream = await hub.follow(project, who, with_events=principal.reaches_people(project.id))
    return StreamingResponse(stream, media_type=_STREAM, headers=_HEADERS)
