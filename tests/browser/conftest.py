"""A site in a real Chromium, and a running Footfall that its pages tell about their visitors."""

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright

from support.process import Client, Footfall

NO_BROWSER = (
    "The browser tests need Chromium or Chrome: install one (Debian: apt-get install chromium) "
    "or name its program in FOOTFALL_TEST_BROWSER."
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As Debian's Chromium says it without a screen it is a bot.
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>
<body><h1>{title}</h1>{body}</body></html>
"""


class Site:
    """A site on a free port of this machine, made of pages that tests write."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://localhost:{self._server.server_port}"
        self.elsewhere = f"http://127.0.0.1:{self._server.server_port}"
        """The same pages under another host, so another site to a browser."""

    def write(self, name: str, title: str, body: str = "", head: str = "") -> None:
        """One page."""
        (self._folder / name).write_text(_PAGE.format(title=title, body=body, head=head))

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing of it is worth a line."""


class House(NamedTuple):
    """A running server, a client that may do everything, and an API key of its admin."""

    footfall: Footfall
    root: Client
    key: str

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.footfall.url


class Shop:
    """A project whose site is in the browser."""

    def __init__(self, house: House, site: Site) -> None:
        self.house, self.site = house, site
        new = {"name": "Shop", "domain": site.url, "cors": [site.url]}
        with house.footfall.http(house.root) as http:
            made = http.post("/manage/projects", json=new).json()["data"]
        self.id, self.uuid = made["id"], made["uuid"]
        self.client = Client(self.id, made["client"]["id"], made["client"]["secret"])

    @property
    def url(self) -> str:
        """Where Footfall listens."""
        return self.house.url

    def insights(self, what: str, **query: str) -> Any:
        """An answer of the Insights API about today."""
        return self._get(f"/insights/{self.id}/{what}", self.house.root.headers, range="today", **query)

    def umami(self, what: str, **query: Any) -> Any:
        """An answer of Umami's API about the last hour and the next minute."""
        now = time.time_ns() // 1_000_000
        query = {"startAt": now - 3_600_000, "endAt": now + 60_000, **query}
        return self._get(f"/api/websites/{self.uuid}/{what}", {"x-umami-api-key": self.house.key}, **query)

    def platform(self, what: str) -> Any:
        """An answer of the Platform API about the last seven days."""
        return self._get(
            f"/api/v2/sites/{self.id}/{what}", {"authorization": f"Bearer {self.house.key}"}, range="7d"
        )

    def export(self, **query: str) -> Any:
        """An answer of the Export API's events."""
        query = {"projectId": self.id, "limit": "1000", **query}
        return self._get("/export/events", self.house.root.headers, **query)

    def events(self) -> list[dict[str, Any]]:
        """What is stored, in the order of their times, without the marks of sessions."""
        marks = ("session_start", "session_end")
        found = (event for event in self.export()["data"] if event["name"] not in marks)
        return sorted(found, key=lambda event: event["createdAt"])

    def waits_for(self, *names: str) -> list[dict[str, Any]]:
        """The events, once they are those, in any order; they are readable within a second or so."""
        until = time.monotonic() + 10
        while True:
            found = self.events()
            told = [event["name"] for event in found]
            if sorted(told) == sorted(names):
                return found
            assert time.monotonic() < until, told
            time.sleep(0.1)

    def _get(self, path: str, headers: dict[str, str], **query: Any) -> Any:
        with self.house.footfall.http() as http:
            answer = http.get(path, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


def one(events: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The only event of this name."""
    (found,) = (event for event in events if event["name"] == name)
    return found


# Not of the session: while Playwright runs, no other test can run an event loop in this thread.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser without a screen that keeps pages for going back."""
    with launched() as browser:
        yield browser


@contextmanager
def launched(*lighter: str) -> Iterator[Browser]:
    """The first of these programs that is here, else a whole browser."""
    with sync_playwright() as playwright:
        browser = _launch(playwright, (*lighter, *_NAMES))
        yield browser
        browser.close()


def _launch(playwright: Playwright, names: Sequence[str]) -> Browser:
    program = os.environ.get("FOOTFALL_TEST_BROWSER") or next(filter(None, map(shutil.which, names)), None)
    launch = partial(
        playwright.chromium.launch,
        # What a page sends while it goes bears the browser's own name, whatever its tab is told to say.
        args=["--no-sandbox", "--disable-quic", f"--user-agent={PERSON}"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    try:
        return launch(executable_path=program) if program else launch(channel="chrome")
    except Error as error:
        pytest.fail(f"{NO_BROWSER} ({str(error).splitlines()[0]})", pytrace=False)


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """Somebody with a browser of their own."""
    context = chromium.new_context(user_agent=PERSON, viewport={"width": 1000, "height": 500})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Page:
    """A tab."""
    return visitor.new_page()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An empty site."""
    made = Site(tmp_path / "site")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server for all pages; each test has a project of its own."""
    limits = {f"rate_limit_{name}": "10000/1s" for name in ("insights", "export", "manage", "platform")}
    with Footfall(tmp_path_factory.mktemp("house") / "data", limits) as footfall:
        first = footfall.project("First")
        root = footfall.client(first.project, "root")
        assert footfall.run("user", "create", "ada", "--role", "admin").code == 0
        made = footfall.run("key", "create", "ada", "--json")
        footfall.start()
        yield House(footfall, root, json.loads(made.output)["key"])


@pytest.fixture
def shop(house: House, site: Site) -> Shop:
    """The site's project."""
    return Shop(house, site)
