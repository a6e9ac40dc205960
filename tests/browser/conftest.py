"""A site in a real Chromium, and a running Footfall that its pages tell about their visitors."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

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


class Shop:
    """A project whose site is in the browser, on a running server."""

    def __init__(self, footfall: Footfall, site: Site) -> None:
        self.footfall, self.site = footfall, site
        self.client = footfall.project("Shop", "--domain", site.url)
        footfall.start()

    @property
    def url(self) -> str:
        """Where Footfall listens."""
        return self.footfall.url

    @cached_property
    def reader(self) -> Client:
        """A client that may read."""
        return self.footfall.client(self.client.project, "read")

    def insights(self, what: str, **query: str) -> Any:
        """An answer of the Insights API."""
        return self._get(f"/insights/{self.client.project}/{what}", range="today", **query)

    def events(self) -> list[dict[str, Any]]:
        """What is stored, in the order of their times, without the marks of sessions."""
        found = self._get("/export/events", projectId=self.client.project, limit="1000")["data"]
        marks = ("session_start", "session_end")
        return sorted((one for one in found if one["name"] not in marks), key=lambda one: one["createdAt"])

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

    def _get(self, path: str, **query: str) -> Any:
        with self.footfall.http(self.reader) as http:
            answer = http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


def one(events: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The only event of this name."""
    (found,) = (event for event in events if event["name"] == name)
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser without a screen that keeps pages for going back."""
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        yield browser
        browser.close()


def _launch(playwright: Playwright) -> Browser:
    program = os.environ.get("FOOTFALL_TEST_BROWSER") or next(filter(None, map(shutil.which, _NAMES)), None)
    launch = partial(
        playwright.chromium.launch,
        args=["--no-sandbox", "--disable-quic"],
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


@pytest.fixture
def open_shop(tmp_path: Path, site: Site) -> Iterator[Callable[..., Shop]]:
    """Starts a server with settings and makes the site's project on it."""
    started: list[Footfall] = []

    def start(settings: Mapping[str, str] | None = None) -> Shop:
        started.append(Footfall(tmp_path / f"data{len(started)}", settings))
        return Shop(started[-1], site)

    yield start
    for footfall in started:
        footfall.kill()


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """The site's project on a running server."""
    return open_shop()
