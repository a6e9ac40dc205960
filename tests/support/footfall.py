"""A whole Footfall in the test's own thread: no sockets, a clock that stands still, a drain by hand.

visitor.views("/pricing")
footfall.advance(minutes=31)
footfall.settle()
assert footfall.sessions()[0]["screen_view_count"] == 1
"""

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

import httpx
from sqlglot import exp
from starlette.applications import Starlette

from footfall.catalog import Catalog
from footfall.ingest.drain import Drain
from footfall.ingest.duplicates import Duplicates
from footfall.model.errors import Overloaded
from footfall.model.event import SESSION_END, SESSION_START
from footfall.model.project import ClientMode
from footfall.server.app import Server
from footfall.server.runtime import Runtime
from footfall.server.settings import Settings
from footfall.store.base import Batch
from footfall.store.schema import DROPS, DWELLS, EVENTS, GROUPS, OPEN_SESSIONS, SESSIONS, Kind, Table
from support.clock import Clock

T = TypeVar("T")

PROJECT = "shop"
ORIGIN = "https://shop.example"
WRITER = "11111111-1111-4111-8111-111111111111"
READER = "22222222-2222-4222-8222-222222222222"
ROOT = "33333333-3333-4333-8333-333333333333"
HOMELESS = "44444444-4444-4444-8444-444444444444"
SECRET = "sec_0123456789abcdef0123"

CHROME = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PYTHON = "python-requests/2.31.0"
BROWSER_HEADERS = {
    "accept-language": "en",
    "sec-fetch-mode": "cors",
    "sec-ch-ua": '"Chromium";v="126"',
}
# How the columns of a kind are read: times in ms, the rest as text.
_READ = {
    Kind.TIME: "epoch_ms({0})",
    Kind.TIME_OR_NONE: "epoch_ms({0})",
    Kind.ID: "{0}::VARCHAR",
    Kind.MAP: "{0}::JSON::VARCHAR",
}


def make_template(folder: Path) -> Path:
    """A data folder with the project `shop` and its clients, to be copied: making one is slow."""
    folder.mkdir()
    with Catalog(folder / "catalog.sqlite3") as catalog:
        catalog.create_project("Shop", id=PROJECT, domain=ORIGIN)
        for mode, id, home in (
            (ClientMode.WRITE, WRITER, PROJECT),
            (ClientMode.READ, READER, PROJECT),
            (ClientMode.ROOT, ROOT, PROJECT),
            (ClientMode.ROOT, HOMELESS, None),
        ):
            catalog.create_client(home, mode, mode.value, id=id, secret=SECRET)
    Footfall(folder, Clock()).stop()
    return folder


class _DrainByHand(Drain):
    """Works only when asked, in the thread that asks."""

    def start(self) -> None:
        """No thread."""

    def wait_for(self, position: int, seconds: float) -> bool:
        """Drain instead of waiting."""
        self.catch_up()
        return self.position >= position


class _Parts(Runtime):
    """The runtime with a drain by hand, and without the thread that follows the wall clock's salts."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__(settings, clock)
        self.drain: _DrainByHand = _DrainByHand(
            self.journal, self.store, timeout_ms=settings.session_timeout_minutes * 60_000, clock=clock
        )

    def start(self) -> None:
        """Catch up, as the real one does."""
        self.drain.catch_up()


def _no_reads(_context: object, unknown_route: Any, *_more: object) -> Starlette:
    return Starlette(exception_handlers={404: unknown_route, 405: unknown_route})


@contextmanager
def _only(reads: bool, areas: bool) -> Iterator[None]:
    """A server that is made in here has only these of its read APIs."""
    with ExitStack() as stack:
        if not reads:
            stack.enter_context(patch("footfall.server.questions.reads.build", _no_reads))
        if not areas:
            stack.enter_context(patch("footfall.server.questions.Questions._areas", lambda *_: {}))
        yield


class Footfall:
    """One server on one data folder. Its read APIs, which take long to build, are there if they are asked for.

    `reads`: OpenPanel's; `areas`: Umami's and the Platform API.
    """

    def __init__(
        self, folder: Path, clock: Clock, *, reads: bool = False, areas: bool = False, **settings: Any
    ) -> None:
        self.folder = folder
        self.reads, self.areas = reads, areas
        self.clock = clock
        self.settings = Settings(data=str(folder), threads=1, memory_limit="300MB", **settings)
        self._visitors = 0
        self._open()

    # -- life

    def _open(self) -> None:
        self.runtime = _Parts(self.settings, self.clock)
        with _only(self.reads, self.areas):
            self.server = Server(self.runtime, self.clock)
            self.server.questions.made()
        opened_at = self.clock()
        self.server.intake.duplicates = Duplicates(lambda: (self.clock() - opened_at) / 1000)
        self._loop = asyncio.Runner()
        self._stop, started = asyncio.Event(), asyncio.Event()
        self._life = self._loop.get_loop().create_task(self._live(started))
        self.run(started.wait())

    async def _live(self, started: asyncio.Event) -> None:
        messages = [{"type": "lifespan.startup"}]

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop()
            await self._stop.wait()
            return {"type": "lifespan.shutdown"}

        async def send(message: Any) -> None:
            assert "failed" not in message["type"], message
            started.set()

        await self.server.app({"type": "lifespan", "state": {}}, receive, send)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one coroutine on the server's loop."""
        return self._loop.run(work)

    def stop(self) -> None:
        """As SIGTERM does."""
        if not self._life.done():
            self._stop.set()

            async def end() -> None:
                await self._life

            self.run(end())
            self._loop.close()

    def restart(self) -> None:
        """Stop and start again."""
        self.stop()
        self._open()

    def crash(self) -> None:
        """As after kill -9 and a start: what was not on disk at this moment is gone."""
        copy = self.folder.with_name(self.folder.name + "x")
        shutil.copytree(self.folder, copy)
        self.stop()
        self.folder = copy
        self.settings = Settings(data=str(copy), threads=1, memory_limit="300MB")
        self._open()

    # -- time

    def advance(self, **span: float) -> None:
        """Let time go by: `minutes=31`, `ms=100`."""
        self.clock.advance(**span)  # type: ignore[arg-type]

    def settle(self) -> None:
        """Drain the journal and close the sessions that are over."""
        self.run(self.server.intake.flush())
        self.runtime.drain.catch_up()
        self.runtime.drain.reap()

    # -- who comes

    def visitor(self, **who: Any) -> "Visitor":
        """Somebody with a browser of his own: `ua`, `ip`, `headers`."""
        self._visitors += 1
        who.setdefault("ip", f"203.0.{self._visitors // 250}.{1 + self._visitors % 250}")
        return Visitor(self, **who)

    def backend(self, **who: Any) -> "Visitor":
        """A program of the project's owner: a server's user agent and the secret."""
        headers = {"openpanel-client-secret": SECRET, **who.pop("headers", {})}
        return Visitor(self, **{"ua": PYTHON, "ip": "", "origin": "", "headers": headers} | who)

    def request(self, method: str, path: str, *, peer: str = "127.0.0.1", **request: Any) -> httpx.Response:
        """One request from this address."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.server.app, client=(peer, 50_000), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://footfall") as client:
                client.headers.clear()
                return await client.request(method, path, **request)

        return self.run(ask())

    # -- what it knows

    def _rows(self, table: Table) -> list[SimpleNamespace]:
        columns = ", ".join(_READ.get(column.kind, "{0}").format(column.name) for column in table.columns)
        found = self.ask(f"SELECT {columns} FROM {table.name}")
        rows = [SimpleNamespace(**dict(zip(table.names, row, strict=True))) for row in found]
        for row in rows:
            if hasattr(row, "properties"):
                row.properties = json.loads(row.properties or "{}")
        return rows

    def events(self, name: str = "", marks: bool = False) -> list[SimpleNamespace]:
        """The stored events by time: of that name, or all but session_start and session_end."""
        self.settle()
        found = sorted(self._rows(EVENTS), key=lambda event: (event.created_at, event.id))
        if name:
            return [event for event in found if event.name == name]
        return [event for event in found if marks or event.name not in (SESSION_START, SESSION_END)]

    def event(self, name: str) -> SimpleNamespace:
        """The only one of that name."""
        (found,) = self.events(name)
        return found

    def sessions(self) -> list[SimpleNamespace]:
        """Open and closed sessions by their beginning."""
        self.settle()
        found = []
        for table in (SESSIONS, OPEN_SESSIONS):
            for row in self._rows(table):
                row.is_open = table is OPEN_SESSIONS
                found.append(row)
        return sorted(found, key=lambda session: (session.created_at, session.device_id, session.id))

    def session(self) -> SimpleNamespace:
        """The only one."""
        (found,) = self.sessions()
        return found

    def dwells(self) -> dict[str, list[int]]:
        """Per path, how long each view of it lasted, in ms; views without a next one are missing."""
        self.settle()
        found: dict[str, list[int]] = {}
        for row in sorted(self._rows(DWELLS), key=lambda dwell: (dwell.viewed_at, dwell.duration)):
            found.setdefault(row.path, []).append(row.duration)
        return found

    def profile(self, id: str) -> Any:
        """The profile, None if there is none."""
        self.settle()
        return self.runtime.store.profiles(PROJECT, [id]).get(id)

    def groups(self) -> list[SimpleNamespace]:
        """All groups."""
        self.settle()
        return sorted(self._rows(GROUPS), key=lambda group: group.id)

    def drops(self) -> dict[str, int]:
        """The drop ledger of the project: counts by reason."""
        self.settle()
        found: Counter[str] = Counter()
        for row in self._rows(DROPS):
            found[row.reason] += row.count
        return dict(found)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the store, for what has no word here."""
        return self.runtime.store.query(exp.maybe_parse(sql, dialect="duckdb"))  # type: ignore[arg-type]

    # -- trouble

    @contextmanager
    def store_refusing(self) -> Iterator[None]:
        """The store can't take a batch, as when its disk is full."""
        store = self.runtime.store
        write = store.write

        def refuse(batch: Batch) -> None:
            raise Overloaded("the disk is full")

        store.write = refuse  # type: ignore[method-assign]
        try:
            yield
        finally:
            store.write = write  # type: ignore[method-assign]


class Visitor:
    """One sender: an address, a user agent, credentials."""

    def __init__(
        self,
        footfall: Footfall,
        *,
        ua: str = CHROME,
        ip: str = "203.0.113.5",
        origin: str = ORIGIN,
        client: str = WRITER,
        peer: str = "127.0.0.1",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.footfall = footfall
        self.peer = peer
        self.profile = ""
        given = {
            "openpanel-client-id": client,
            "user-agent": ua,
            "origin": origin,
            "x-forwarded-for": ip,
            **(BROWSER_HEADERS if ua in (CHROME, FIREFOX) else {}),
            **(headers or {}),
        }
        self.headers = {name: value for name, value in given.items() if value}

    def sends(self, body: Any, path: str = "/track", **headers: str) -> httpx.Response:
        """One POST of any body; text and bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.footfall.request(
            "POST",
            path,
            peer=self.peer,
            content=content,
            headers={"content-type": "application/json", **self.headers, **names},
        )

    def asks(self, path: str) -> httpx.Response:
        """One GET."""
        return self.footfall.request("GET", path, peer=self.peer, headers=self.headers)

    def views(self, path: str | None = "/", *, ago: float = 0, **properties: Any) -> httpx.Response:
        """A screen view; `ago` seconds before now, `referrer` and `title` as the SDK sends them."""
        page = {} if path is None else {"__path": path if "://" in path or path[:1] != "/" else ORIGIN + path}
        special = {f"__{name}": properties.pop(name) for name in ("referrer", "title") if name in properties}
        return self.tracks("screen_view", ago=ago, **page, **special, **properties)

    def tracks(
        self, name: str, /, *, ago: float = 0, profile: Any = None, groups: Any = None, **properties: Any
    ) -> httpx.Response:
        """An event; `ago` seconds before now."""
        if ago:
            properties["__timestamp"] = self.footfall.clock.iso(seconds=-ago)
        payload: dict[str, Any] = {"name": name, "properties": properties}
        if profile or self.profile:
            payload["profileId"] = profile or self.profile
        if groups is not None:
            payload["groups"] = groups
        return self.sends({"type": "track", "payload": payload})

    def does(self, type: str, /, **payload: Any) -> httpx.Response:
        """Any other type of /track."""
        return self.sends({"type": type, "payload": payload})

    def identifies(self, profile: str, **traits: Any) -> httpx.Response:
        """Says who it is, and is that from now on."""
        self.profile = profile
        return self.does("identify", profileId=profile, **traits)
