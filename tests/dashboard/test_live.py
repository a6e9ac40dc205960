"""Live streams, and the drop ledger that stands beside them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from footfall.api.dashboard import live
from support.dashboard import OWN, Browser
from support.footfall import GOOGLEBOT, ORIGIN, Footfall

PATIENCE = 20


class Stream:
    """One stream that somebody reads: messages as (event, data), comments as ('', text)."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.has_ended = False
        self._messages: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def send(self, message: Any) -> None:
        """What the server sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        for block in message.get("body", b"").decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in lines:
                self._messages.put_nowait((lines["event"], json.loads(lines["data"])))
            elif "" in lines:
                self._messages.put_nowait(("", lines[""]))
        if not message.get("more_body", False):
            self.has_ended = True
            self._messages.put_nowait(("end", None))

    async def next(self, name: str) -> Any:
        """The data of the next message of that name."""
        while True:
            found, data = await asyncio.wait_for(self._messages.get(), PATIENCE)
            if found == name:
                return data


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 0.01)


@pytest.fixture(scope="module")
def watched(make_looked_at: Callable[..., Footfall]) -> Footfall:
    """A server of its own: others would be on its pages too."""
    return make_looked_at()


@asynccontextmanager
async def opened(browser: Browser, project: str = "shop") -> AsyncIterator[Stream]:
    """A stream, until the block ends and the browser goes away."""
    stream, gone = Stream(), asyncio.Event()
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = [
        (name.encode(), value.encode()) for name, value in {**OWN, "host": "footfall", "cookie": cookie}.items()
    ]
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "root_path": "", "query_string": b"",
        "path": f"/dashboard/live/{project}", "raw_path": b"", "headers": headers, "server": ("footfall", 80),
        "client": ("127.0.0.1", 50_000), "state": {},
    }  # fmt: skip
    is_first = True

    async def receive() -> dict[str, Any]:
        nonlocal is_first
        if is_first:
            is_first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    asking = asyncio.create_task(browser.footfall.server.app(scope, receive, stream.send))  # type: ignore[arg-type]
    try:
        yield stream
    finally:
        gone.set()
        await asyncio.wait_for(asking, PATIENCE)


def test_who_is_here_and_what_they_do_comes_as_it_happens(watched: Footfall) -> None:
    ada = Browser(watched).signs_in("ada")
    watched.visitor().views("/first", title="First")
    watched.settle()

    async def watch() -> None:
        async with opened(ada) as stream:
            now = await stream.next("now")
            assert (now["visitors"], now["pages"]) == (1, [{"path": "/first", "title": "First", "visitors": 1}])
            (first,) = await stream.next("events")
            assert (first["name"], first["path"], first["createdAt"]) == (
                "screen_view",
                "/first",
                "2026-03-10T12:00:00.000Z",
            )
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            assert "access-control-allow-origin" not in stream.headers
            await views(watched, "/second")
            (second,) = await stream.next("events")
            assert second["path"] == "/second"
            now = await stream.next("now")
            assert (now["visitors"], {page["path"] for page in now["pages"]}) == (2, {"/first", "/second"})

    watched.run(watch())


async def views(footfall: Footfall, path: str) -> None:
    """Somebody else views a page, while the stream is open; it is stored when this returns."""
    visitor = footfall.visitor()
    body = json.dumps(
        {"type": "track", "payload": {"name": "screen_view", "properties": {"__path": ORIGIN + path}}}
    )
    headers = [(name.encode(), value.encode()) for name, value in visitor.headers.items()]
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "root_path": "", "query_string": b"",
        "path": "/track", "raw_path": b"/track", "headers": headers, "server": ("footfall", 80), "state": {},
        "client": ("127.0.0.1", 50_000),
    }  # fmt: skip
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    await footfall.server.app(scope, receive, send)  # type: ignore[arg-type]
    assert said[0]["status"] == 200
    footfall.runtime.drain.catch_up()


def test_streams_share_one_look_and_each_is_told(watched: Footfall) -> None:
    ada, bob = Browser(watched).signs_in("ada"), Browser(watched).signs_in("ada")

    async def watch() -> None:
        async with opened(ada) as one, opened(bob) as other:
            for stream in (one, other):
                await stream.next("events")
            assert len(watched.server.questions.made().live._feeds) == 1
            await views(watched, "/both")
            for stream in (one, other):
                assert [event["path"] for event in await stream.next("events")] == ["/both"]

    watched.run(watch())


def test_who_holds_a_share_link_sees_how_many_not_who(watched: Footfall) -> None:
    watched.runtime.catalog.shares.create("shop", slug="open")
    guest = Browser(watched)
    guest.good("POST", "/dashboard/share/open")

    async def watch() -> None:
        async with opened(guest) as stream:
            assert set(await stream.next("now")) == {"at", "visitors", "pages", "countries"}
            await views(watched, "/more")
            found = await asyncio.wait_for(stream._messages.get(), PATIENCE)
            assert found[0] == "now"

    watched.run(watch())


def test_a_silent_stream_says_that_it_is_alive(watched: Footfall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)
    ada = Browser(watched).signs_in("ada")

    async def watch() -> None:
        async with opened(ada) as stream:
            assert await stream.next("") == "still here"

    watched.run(watch())


def test_too_many_streams_are_refused(watched: Footfall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MAX_STREAMS_EACH", 1)
    ada = Browser(watched).signs_in("ada")

    async def watch() -> None:
        async with opened(ada) as stream:
            await stream.next("now")
            async with opened(ada) as another:
                await another.next("end")
                assert (another.status, another.headers["retry-after"]) == (503, "10")
        async with opened(ada) as stream:
            await stream.next("now")

    watched.run(watch())


def test_streams_are_for_who_may_look(watched: Footfall) -> None:
    assert Browser(watched).status("GET", "/dashboard/live/shop") == 401
    assert Browser(watched).signs_in("bob").status("GET", "/dashboard/live/shop") == 403
    ada = Browser(watched).signs_in("ada")
    assert ada.status("GET", "/dashboard/live/no-such-project") == 404


def test_they_end_when_the_server_stops(make_looked_at: Callable[..., Footfall]) -> None:
    footfall = make_looked_at()
    ada = Browser(footfall).signs_in("ada")

    async def watch() -> None:
        async with opened(ada) as stream:
            await stream.next("now")
            footfall.server.close_streams()
            await stream.next("end")

    footfall.run(watch())


def test_one_that_waited_for_the_start_ends_when_the_server_stops(make_looked_at: Callable[..., Footfall]) -> None:
    footfall = make_looked_at()
    ada = Browser(footfall).signs_in("ada")
    footfall.server.is_stopping = True  # since before there were streams to close

    async def watch() -> None:
        async with asyncio.timeout(PATIENCE), opened(ada) as stream:
            await stream.next("end")

    footfall.run(watch())


def test_what_was_not_counted_is_told_by_reason_and_day(watched: Footfall) -> None:
    ada = Browser(watched).signs_in("ada")
    for _ in range(2):
        watched.visitor(ua=GOOGLEBOT).views("/")
    watched.visitor().sends({"type": "nonsense"})
    watched.settle()
    found = ada.get("/dashboard/drops/shop?startDate=2026-03-09&endDate=2026-03-10")
    assert found == {
        "startDate": "2026-03-09", "endDate": "2026-03-10", "total": 3,
        "reasons": [{"reason": "bot", "count": 2}, {"reason": "invalid", "count": 1}],
        "days": [{"date": "2026-03-09", "counts": {}}, {"date": "2026-03-10", "counts": {"bot": 2, "invalid": 1}}],
    }  # fmt: skip
    assert len(ada.get("/dashboard/drops/shop")["days"]) == 31  # today and 30 before
    assert ada.get("/dashboard/drops/shop?range=all_time")["total"] == 3
    assert ada.status("GET", "/dashboard/drops/shop?startDate=x") == 400
    assert ada.status("GET", "/dashboard/drops/shop?range=no") == 400
    assert Browser(watched).signs_in("bob").status("GET", "/dashboard/drops/shop") == 403
    guest = Browser(watched)
    watched.runtime.catalog.shares.create("shop", slug="no-ledger")
    guest.good("POST", "/dashboard/share/no-ledger")
    assert guest.status("GET", "/dashboard/drops/shop") == 403


def test_a_head_of_a_stream_has_an_end(looked_at: Footfall, ada: Browser) -> None:
    head = ada.ask("HEAD", "/dashboard/live/shop")
    assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert Browser(looked_at).status("HEAD", "/dashboard/live/shop") == 401
