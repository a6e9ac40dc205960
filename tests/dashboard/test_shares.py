"""Share links: what they show and to whom, passwords, and frames of other sites."""

from typing import Any

import pytest

from footfall.catalog.projects import NewProject
from support.dashboard import Browser
from support.footfall import Footfall

SHOWN = (
    "/insights/shown/metrics", "/insights/shown/live", "/insights/shown/pages", "/insights/shown/country",
    "/insights/shown/overview?interval=day", "/insights/shown/pages/top", "/insights/shown/pages/entry_exit",
    "/insights/shown/traffic/referrers", "/insights/shown/events/names", "/insights/shown/utm_source",
    '/export/charts?projectId=shown&events=["*"]&breakdowns=[{"name":"country"}]',
    '/export/charts?events=["*"]&filters=[{"name":"properties.__query.utm_source","value":["ad"]}]',
    '/insights/shown/metrics?filters=[{"name":"path","operator":"contains","value":["/a"]}]',
)  # fmt: skip
HIDDEN = (
    "/insights/shown/events", "/insights/shown/sessions", "/insights/shown/profiles", "/insights/shown/profiles/ann",
    "/insights/shown/groups", "/insights/shown/events/properties", "/insights/shown/funnel?steps=a&steps=b",
    "/insights/shown/events/property_values?eventName=*&propertyKey=profile_id", "/insights/shown/user_flow",
    "/insights/shown/reports/11111111-1111-4111-8111-111111111111/data", "/export/events?projectId=shown",
    "/export/funnel?projectId=shown&steps=a&steps=b",
    '/export/charts?projectId=shown&events=["*"]&breakdowns=[{"name":"profile_id"}]',
    '/export/charts?projectId=shown&events=["*"]&breakdowns=[{"name":"profile.email"}]',
    '/export/charts?projectId=shown&events=["*"]&breakdowns=[{"name":"properties.email"}]',
    '/export/charts?projectId=shown&events=["*"]&breakdowns=[{"name":"email"}]',
    '/export/charts?projectId=shown&events=[{"name":"*","segment":"property_max","property":"properties.age"}]',
    '/export/charts?projectId=shown&events=[{"name":"*","filters":[{"name":"deviceId","value":["x"]}]}]',
    '/insights/shown/metrics?filters=[{"name":"profile.email","operator":"contains","value":["a"]}]',
    '/insights/shown/overview?filters=[{"name":"sessionId","value":["a"]}]',
    '/insights/shown/country?filters=[{"name":"plan","value":["pro"]}]',
    "/insights/shop/metrics", "/insights/no-such-project/metrics", '/export/charts?projectId=shop&events=["*"]',
)  # fmt: skip


@pytest.fixture(scope="module")
def site(looked_at: Footfall, bob: Browser) -> Any:
    """Bob's site, with a share link `open-to-all`."""
    user = looked_at.runtime.catalog.snapshot().users_by_name["bob"]
    new = NewProject(name="Shown", id="shown", user_id=user.id, timezone="Europe/Berlin")
    looked_at.runtime.catalog.create_owned_project(new, "open-to-all")
    return bob.get("/api/websites/shown")


@pytest.fixture
def guest(looked_at: Footfall, site: Any) -> Browser:
    """Whoever followed the link."""
    browser = Browser(looked_at)
    browser.good("POST", "/dashboard/share/open-to-all", {})
    return browser


def _make(bob: Browser, **fields: Any) -> Any:
    return bob.good("POST", "/api/websites/shown/shares", {"name": "For a friend", **fields})


def test_a_share_link_tells_what_it_shows(looked_at: Footfall, site: Any) -> None:
    browser = Browser(looked_at)
    opened = browser.good("POST", "/dashboard/share/open-to-all")
    assert set(opened) == {"slug", "name", "parameters", "project", "token"}
    assert opened["project"] == {
        "id": "shown", "uuid": site["id"], "name": "Shown", "domain": "", "timezone": "Europe/Berlin", "types": [],
        "mayChange": False,
    }  # fmt: skip
    assert browser.cookies == {"footfall_share": opened["token"]}
    session = browser.get("/dashboard/session")
    assert (session["user"], session["projects"], session["mayCreate"]) == (None, [], False)
    assert session["share"] == {name: value for name, value in opened.items() if name != "token"}
    assert browser.status("POST", "/dashboard/share/no-such-link") == 404


@pytest.mark.parametrize("path", SHOWN)
def test_it_shows_the_numbers_of_one_project(guest: Browser, path: str) -> None:
    assert guest.status("GET", path) == 200


@pytest.mark.parametrize("path", HIDDEN)
def test_it_shows_nobody_and_no_other_project(guest: Browser, path: str) -> None:
    assert guest.status("GET", path) in (403, 404)


def test_it_changes_nothing(guest: Browser, site: Any) -> None:
    for method, path in (
        ("GET", "/manage/projects"),
        ("GET", "/manage/projects/shown"),
        ("POST", "/manage/projects"),
        ("GET", "/manage/references?projectId=shown"),
        ("DELETE", "/manage/projects/shown"),
        ("POST", f"/api/websites/{site['id']}/reset"),
        ("GET", "/api/websites"),
    ):
        assert guest.status(method, path, {} if method == "POST" else None) == 401, path


def test_a_frame_of_another_site_shows_the_token_instead_of_a_cookie(looked_at: Footfall, site: Any) -> None:
    token = Browser(looked_at).good("POST", "/dashboard/share/open-to-all")["token"]
    said = {"x-umami-share-token": token, "sec-fetch-site": "same-origin"}
    assert looked_at.request("GET", "/insights/shown/metrics", headers=said).status_code == 200
    assert looked_at.request("GET", "/insights/shown/events", headers=said).status_code == 403
    assert looked_at.request("GET", "/dashboard/session", headers=said).json()["share"]["slug"] == "open-to-all"


def test_a_user_who_follows_a_link_sees_no_more_of_it(looked_at: Footfall, site: Any) -> None:
    cleo = Browser(looked_at).signs_in("cleo")
    assert cleo.status("GET", "/insights/shown/metrics") == 403
    cleo.good("POST", "/dashboard/share/open-to-all")
    assert cleo.status("GET", "/insights/shown/metrics") == 200
    assert cleo.status("GET", "/insights/shown/events") == 403
    assert cleo.status("GET", "/manage/projects/shown") == 403
    assert cleo.get("/manage/projects")["data"] == []


def test_a_link_may_want_a_password(looked_at: Footfall, bob: Browser, site: Any) -> None:
    made = _make(bob, slug="locked", password="open sesame", parameters={"events": False})
    assert (made["hasPassword"], made["embedOrigins"], made["parameters"]) == (True, [], {"events": False})
    assert "argon" not in str(made)
    guest = Browser(looked_at)
    for body in ({}, {"password": ""}, {"password": "wrong"}):
        refused = guest.ask("POST", "/dashboard/share/locked", body)
        assert (refused.status_code, refused.json()["passwordRequired"], guest.cookies) == (401, True, {})
    assert guest.status("GET", "/api/share/locked") == 401
    guest.good("POST", "/dashboard/share/locked", {"password": "open sesame"})
    assert guest.status("GET", "/insights/shown/metrics") == 200

    path = f"/api/share/id/{made['id']}"
    assert bob.good("POST", path, {"name": "Renamed"})["hasPassword"] is True
    assert guest.status("GET", "/insights/shown/metrics") == 200
    bob.good("POST", path, {"password": "another"})
    assert guest.status("GET", "/insights/shown/metrics") == 401
    assert bob.good("POST", path, {"password": None})["hasPassword"] is False
    assert guest.status("GET", "/insights/shown/metrics") == 401
    assert guest.good("POST", "/dashboard/share/locked")["slug"] == "locked"
    assert bob.status("DELETE", path) == 200
    assert guest.status("GET", "/insights/shown/metrics") == 401


def test_parameters_are_no_way_around_the_password(looked_at: Footfall, bob: Browser, site: Any) -> None:
    made = _make(bob, password="open sesame")
    bob.good("POST", f"/api/share/id/{made['id']}", {"parameters": {"password_hash": None, "password": ""}})
    assert Browser(looked_at).status("POST", f"/dashboard/share/{made['slug']}") == 401


def test_guesses_are_limited(make_looked_at: Any) -> None:
    footfall = make_looked_at(rate_limit_login="2/60s")
    footfall.runtime.catalog.shares.create("shop", slug="locked", password="open sesame")
    guest = Browser(footfall)
    wrong = {"password": "wrong"}
    assert [guest.status("POST", "/dashboard/share/locked", wrong) for _ in range(3)] == [401, 401, 429]


def test_who_holds_a_link_has_a_limit_by_address(make_looked_at: Any) -> None:
    footfall = make_looked_at(rate_limit_share="3/10s", reads=True)
    footfall.runtime.catalog.shares.create("shop", slug="open")
    guest, other = Browser(footfall), Browser(footfall, x_forwarded_for="203.0.113.77")
    for browser in (guest, other):
        browser.good("POST", "/dashboard/share/open")
    codes = [guest.status("GET", "/insights/shop/metrics") for _ in range(4)]
    assert (codes, other.status("GET", "/insights/shop/metrics")) == ([200, 200, 200, 429], 200)


@pytest.mark.parametrize(
    "origins",
    [["https://a.example; script-src *"], ["javascript:x"], ["https://a.example/path"], ["a b"], ["'self'"]],
)
def test_only_sites_may_be_named_for_frames(bob: Browser, site: Any, origins: list[str]) -> None:
    body = {"name": "Bad", "embedOrigins": origins}
    assert bob.status("POST", "/api/websites/shown/shares", body) == 400


def test_others_make_no_links(cleo: Browser, site: Any) -> None:
    assert cleo.status("POST", "/api/websites/shown/shares", {"name": "Mine", "password": "x"}) == 401
