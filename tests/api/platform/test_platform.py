"""The Analytics Platform API v2, key by key, against its contract and its published examples."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from httpx import Response

from footfall.catalog.projects import NewProject
from footfall.model.project import Role
from support.clock import Clock
from support.footfall import CHROME, ORIGIN, Footfall
from support.hostile import TEXTS

UNAUTHORIZED = {"error": "Unauthorized — provide a valid API key"}
FORBIDDEN = {"error": "Forbidden — you do not have access to this resource"}


class Platform:
    """A server with a shop that two people looked at, an admin with a key and a user with another."""

    def __init__(self, footfall: Footfall) -> None:
        self.footfall = footfall
        catalog = footfall.runtime.catalog
        self.admin = catalog.create_user("ada", "x", Role.ADMIN)
        self.user = catalog.create_user("bob", "x", Role.USER)
        self.key = catalog.create_key(self.admin.id, "all")[1]
        self.own_key = catalog.create_key(self.user.id, "own")[1]

    def ask(self, path: str, key: str | None = "", **query: Any) -> Response:
        headers = {} if key is None else {"authorization": f"Bearer {key or self.key}"}
        query = {name.rstrip("_"): value for name, value in query.items()}
        self.footfall.advance(ms=700)  # a hundred a minute are fine
        return self.footfall.request("GET", f"/api/v2/{path}", params=query, headers=headers)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def platform(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = shutil.copytree(template, tmp_path_factory.mktemp("platform") / "data")
    footfall = Footfall(folder, Clock(), areas=True)
    ann, bob = footfall.visitor(), footfall.visitor()
    ann.views("/", referrer="https://www.google.com/")
    footfall.advance(seconds=50)
    ann.views("/pricing")
    ann.tracks("signup_click")
    bob.views("/", referrer=ORIGIN + "/elsewhere")
    footfall.settle()
    yield Platform(footfall)
    footfall.stop()


def test_sites_are_those_that_the_user_may_read(platform: Platform) -> None:
    catalog = platform.footfall.runtime.catalog
    (shop,) = platform.get("sites")["sites"]
    assert set(shop) == {"siteId", "name", "domain", "isActive", "createdAt"}
    assert (shop["siteId"], shop["name"], shop["domain"], shop["isActive"]) == ("shop", "Shop", ORIGIN, True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shop["createdAt"])
    assert platform.ask("sites", platform.own_key).json() == {"sites": []}
    catalog.create_owned_project(NewProject(name="Bob's", id="bobs", user_id=platform.user.id))
    sites = platform.ask("sites", platform.own_key).json()["sites"]
    assert [site["siteId"] for site in sites] == ["bobs"]
    assert [site["siteId"] for site in platform.get("sites")["sites"]] == ["shop", "bobs"]


def test_stats(platform: Platform) -> None:
    wanted = {
        "visitors": 2,
        "pageviews": 3,
        "bounceRate": 50,
        "avgDuration": 50,
        "topPages": [{"pathname": "/", "views": 2}, {"pathname": "/pricing", "views": 1}],
        "topReferrers": [{"referrer": "google.com", "count": 2}],
        "browsers": [{"browser": "Chrome", "count": 3}],
    }

    def numbers(site: object, **query: str) -> Any:
        found = platform.get(f"sites/{site}/stats", **query)
        located = found.pop("countries")  # whether an address is located is the database's affair
        assert all(set(each) == {"country", "count"} for each in located)
        return found

    assert numbers("shop") == wanted
    uuid = platform.footfall.runtime.catalog.get_project("shop").uuid
    for range_ in ("7d", "30d", "90d"):
        assert numbers(uuid, range=range_) == wanted


def test_a_site_without_a_domain_is_no_referrer_of_its_own(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(areas=True)
    catalog = footfall.runtime.catalog
    key = catalog.create_key(catalog.create_user("ada", "x", Role.ADMIN).id, "all")[1]
    website = str(catalog.create_project("Any", id="any").uuid)
    senders = ("https://www.any.example/a", "https://any.example/b", "https://blog.example/c")
    for number, referrer in enumerate(senders):
        payload = {"website": website, "hostname": "any.example", "url": "/", "referrer": referrer}
        headers = {"user-agent": CHROME, "x-forwarded-for": f"203.0.113.{number}"}
        sent = {"type": "event", "payload": payload}
        assert footfall.request("POST", "/api/send", json=sent, headers=headers).status_code == 200
    footfall.settle()
    answer = footfall.request("GET", "/api/v2/sites/any/stats", headers={"authorization": f"Bearer {key}"}).json()
    assert answer["topReferrers"] == [{"referrer": "blog.example", "count": 1}]
    assert answer["pageviews"] == 3


def test_realtime(platform: Platform) -> None:
    assert platform.get("sites/shop/realtime") == {
        "activeVisitors": 2,
        "activePages": [{"path": "/", "visitors": 1}, {"path": "/pricing", "visitors": 1}],
    }


def test_realtime_and_umamis_active_count_the_same_visitors(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(areas=True)
    catalog = footfall.runtime.catalog
    key = catalog.create_key(catalog.create_user("ada", "x", Role.ADMIN).id, "all")[1]
    for address, kind in (("203.0.113.1", "event"), ("203.0.113.2", "performance"), ("203.0.113.3", "engagement")):
        payload = {"website": str(catalog.get_project("shop").uuid), "url": "/a", "lcp": 900, "engagement": 5000}
        headers = {"user-agent": CHROME, "x-forwarded-for": address}
        sent = {"type": kind, "payload": payload}
        assert footfall.request("POST", "/api/send", json=sent, headers=headers).status_code == 200
    footfall.settle()

    def ask(path: str) -> Any:
        return footfall.request("GET", f"/api/{path}", headers={"authorization": f"Bearer {key}"}).json()

    assert ask("websites/shop/active")["visitors"] == 1
    assert ask("v2/sites/shop/realtime") == {
        "activeVisitors": 1,
        "activePages": [{"path": "/a", "visitors": 1}],
    }


def test_events(platform: Platform) -> None:
    assert platform.get("sites/shop/events") == {"events": [{"name": "signup_click", "count": 1}]}


def test_pageviews(platform: Platform) -> None:
    found = platform.get("sites/shop/pageviews")
    assert (found["total"], found["unique"]) == (3, 2)
    assert found["chart"][0] == {"date": "2026-03-04", "count": 0}
    assert found["chart"][-1] == {"date": "2026-03-10", "count": 3}
    for range_, days in (("7d", 7), ("30d", 30), ("90d", 90)):
        assert len(platform.get("sites/shop/pageviews", range=range_)["chart"]) == days
    pricing = platform.get("sites/shop/pageviews", pathname="/pricing")
    assert (pricing["total"], pricing["unique"]) == (1, 1)
    assert platform.get("sites/shop/pageviews", pathname="/pricing\0'")["total"] == 0
    assert platform.get("sites/shop/pageviews", pathname="")["total"] == 0


@pytest.mark.parametrize("range_", ["1d", "7D", "", "90d ", "all", "7d;"])
def test_another_range_is_refused(platform: Platform, range_: str) -> None:
    for route in ("stats", "events", "pageviews"):
        answer = platform.ask(f"sites/shop/{route}", range=range_)
        assert (answer.status_code, answer.json()) == (400, {"error": "range must be one of 7d, 30d, 90d"})


def test_a_site_of_others_and_none_are_told_alike(platform: Platform) -> None:
    for site in ("shop", "no-such-site", "00000000-0000-4000-8000-000000000000", "%00"):
        for route in ("stats", "realtime", "events", "pageviews"):
            answer = platform.ask(f"sites/{site}/{route}", platform.own_key)
            assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    assert platform.ask("sites/no-such-site/stats").status_code == 403


@pytest.mark.parametrize("key", [None, "x", "ff_" + "0" * 64, "é", "ff_ x"])
def test_without_a_valid_key_nothing_is_told(platform: Platform, key: str | None) -> None:
    headers = {} if key is None else {"authorization": f"Bearer {key}".encode()}
    for path in ("sites", "sites/shop/stats", "sites/nope/stats?range=x"):
        answer = platform.footfall.request("GET", f"/api/v2/{path}", headers=headers)
        assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED)


def test_a_key_that_has_expired_is_none(platform: Platform) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    key = platform.footfall.runtime.catalog.create_key(platform.admin.id, "old", past)[1]
    assert platform.ask("sites", key).json() == UNAUTHORIZED


def test_a_hundred_requests_a_minute_and_key(platform: Platform) -> None:
    footfall = platform.footfall
    key = footfall.runtime.catalog.create_key(platform.admin.id, "busy")[1]
    began = footfall.clock()

    def ask() -> Response:
        return footfall.request("GET", "/api/v2/sites/none/stats", headers={"authorization": f"Bearer {key}"})

    answers = [ask() for _ in range(101)]
    assert {answer.status_code for answer in answers[:100]} == {403}
    first, last, over = answers[0], answers[99], answers[100]
    assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("100", "99")
    assert last.headers["x-ratelimit-remaining"] == "0"
    assert first.headers["x-ratelimit-reset"] == str(began + 60_000)
    assert (over.status_code, over.json()) == (429, {"error": "Rate limit exceeded — wait and retry"})
    assert (over.headers["retry-after"], over.headers["x-ratelimit-remaining"]) == ("60", "0")
    assert platform.ask("sites").status_code == 200, "another key is not held up"
    footfall.advance(seconds=60)
    assert ask().status_code == 403


def test_the_limit_is_over_at_one_instant_whenever_it_is_asked(platform: Platform) -> None:
    footfall = platform.footfall
    key = footfall.runtime.catalog.create_key(platform.admin.id, "steady")[1]
    over = str(footfall.clock() + 60_000)
    for passed in (0, 300, 1, 40_000):
        footfall.advance(ms=passed)
        answer = footfall.request("GET", "/api/v2/sites", headers={"authorization": f"Bearer {key}"})
        assert answer.headers["x-ratelimit-reset"] == over


def test_what_is_not_there(platform: Platform) -> None:
    assert platform.ask("nothing").json() == {"error": "Not found"}
    answer = platform.footfall.request("POST", "/api/v2/sites")
    assert (answer.status_code, answer.json()) == (405, {"error": "Method Not Allowed"})
    assert "/v2/sites" in platform.get("documentation/json")["paths"]


ROUTES = ("stats", "realtime", "events", "pageviews")


def test_whatever_is_sent_the_answer_is_json_and_no_server_error(platform: Platform) -> None:
    for number, text in enumerate(TEXTS):
        route = ROUTES[number % len(ROUTES)]
        foreign = platform.ask(f"sites/{quote(text, safe='')}/{route}")
        assert foreign.status_code in (403, 404), (text, foreign.text)
        assert set(foreign.json()) == {"error"}
        ranged = platform.ask("sites/shop/" + ROUTES[-1 - number % 2], range=text)
        assert ranged.status_code in (200, 400), (text, ranged.text)
        assert platform.get("sites/shop/pageviews", pathname=text)["total"] in (0, 2)
        refused = platform.footfall.request(
            "GET", "/api/v2/sites", headers={"authorization": b"Bearer " + text.encode()}
        )
        assert (refused.status_code, refused.json()) == (401, UNAUTHORIZED)
