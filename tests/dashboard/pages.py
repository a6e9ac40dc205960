"""A running server with the built dashboard, and people who look at it in a real Chromium.

page = make_page(storage_state=dashboard.state()); page.goto(f"{dashboard.url}/site/shop/overview")
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import PERSON as CHROME
from support.dashboard import OWN
from support.process import PLAIN, Footfall
from support.umami import PASSWORD, make_people

# Of tests that pass nothing takes a second; several workers at once are slower.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


class Dashboard:
    """A server with the project `shop`, the admin ada, the users bob and cleo, the viewer vic."""

    def __init__(self, footfall: Footfall) -> None:
        self.footfall = footfall

    @property
    def url(self) -> str:
        """Where it is."""
        return self.footfall.url

    @contextmanager
    def http(self, name: str = "ada") -> Iterator[httpx.Client]:
        """The dashboard's own requests, signed in."""
        with httpx.Client(base_url=self.url, headers=OWN, timeout=30, **PLAIN) as client:
            client.post("/dashboard/session", json={"username": name, "password": PASSWORD}).raise_for_status()
            yield client

    def state(self, name: str = "ada") -> Any:
        """What the browser of somebody keeps who has signed in: `make_page(storage_state=dashboard.state())`."""
        with self.http(name) as http:
            (cookie,) = http.cookies.jar
        kept = {"name": cookie.name, "value": cookie.value, "domain": cookie.domain, "path": "/", "expires": -1}
        return {"cookies": [{**kept, "httpOnly": True, "secure": False, "sameSite": "Strict"}], "origins": []}

    def project(self, name: str, timezone: str = "UTC") -> str:
        """The id of a new project."""
        body = {"name": name, "domain": "https://shop.example", "timezone": timezone}
        with self.http() as http:
            made = http.post("/manage/projects", json=body)
        return str(made.json()["data"]["id"])

    def project_of_today(self, name: str) -> str:
        """The id of a new project where no midnight comes while tests look at today: it is past eleven there."""
        ahead = 11 - datetime.now(UTC).hour
        return self.project(name, f"Etc/GMT{-ahead:+d}")  # which count to the west

    def view(self, project: str, path: str, **more: Any) -> None:
        """Somebody views a page."""
        payload = {"website": project, "url": path, "hostname": "shop.example", "title": path, **more}
        body = {"type": "event", "payload": payload}
        headers = {"user-agent": CHROME}
        httpx.post(f"{self.url}/api/send", json=body, headers=headers, **PLAIN).raise_for_status()


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """One server for a module; its tests make what they change."""
    data = tmp_path_factory.mktemp("dashboard") / "data"
    with Footfall(data, {"rate_limit_login": "1000/60s"}) as footfall:
        footfall.project("Shop", "--domain", "https://shop.example")
        make_people(data)
        footfall.start()
        yield Dashboard(footfall)


@pytest.fixture
def make_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Makes pages in browsers of their own, whose errors fail the test."""
    made: list[BrowserContext] = []
    errors: list[str] = []

    def make(**options: Any) -> Page:
        context = chromium.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options}
        )
        context.set_default_timeout(PATIENCE_MS)
        made.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
        return page

    yield make
    for context in made:
        context.close()
    assert not errors, "\n".join(errors)


def sign_in(page: Page, url: str, name: str = "ada", password: str = PASSWORD) -> Page:
    """Signs in, through the form."""
    page.goto(f"{url}/login")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: not address.endswith("/login"))
    return page


AXE = Path(__file__).resolve().parents[2] / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"


# What fades in has too little contrast for a moment. Skeletons breathe without an end.
STILL = """Promise.all(document.getAnimations()
    .filter((each) => each.effect.getComputedTiming().iterations !== Infinity)
    .map((each) => each.finished.catch(() => undefined)))"""


def serious(page: Page) -> list[str]:
    """What axe finds on the page that keeps somebody from using it, and where; when nothing moves any more."""
    page.evaluate(STILL)
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['id']}: {node['html']}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
