"""The beta SDK's routes. Contract §3.9."""

import pytest

from support.footfall import CHROME, GOOGLEBOT, ORIGIN, WRITER, Footfall, Visitor


@pytest.fixture
def old(footfall: Footfall) -> Visitor:
    """A browser with the SDK of old."""
    return footfall.visitor(client="", headers={"mixan-client-id": WRITER})


@pytest.mark.parametrize("path", ["/event", "/api/event"])
def test_an_event(footfall: Footfall, old: Visitor, path: str) -> None:
    body = {"name": "hello", "properties": {"a": 1}, "timestamp": "2020-01-01T00:00:00Z", "profileId": "u1"}
    answer = old.sends(body, path)

    assert (answer.status_code, answer.json()) == (202, "ok")
    event = footfall.event("hello")
    assert (event.profile_id, event.properties) == ("u1", {"a": "1"})
    assert event.created_at == footfall.clock.now


def test_very_old_pages_name_path_and_referrer_without_underscores(footfall: Footfall, old: Visitor) -> None:
    properties = {"path": "https://shop.example/a?utm_source=x", "referrer": "https://bing.com/"}
    old.sends({"name": "screen_view", "properties": properties}, "/event")

    view = footfall.event("screen_view")
    assert (view.path, view.origin, view.referrer) == ("/a", "https://shop.example", "https://bing.com")


def test_profiles(footfall: Footfall, old: Visitor) -> None:
    answer = old.sends({"profileId": "u1", "firstName": "Ann", "properties": {"n": 2}}, "/profile")
    assert (answer.status_code, answer.json()) == (202, "u1")
    step = {"profileId": "u1", "property": "n", "value": 5}
    assert old.sends(step, "/profile/increment").json() == "u1"
    assert old.sends({**step, "value": 3}, "/profile/decrement").status_code == 202

    assert footfall.profile("u1").first_name == "Ann"
    assert footfall.profile("u1").properties["n"] == "4"


def test_traits_of_profiles_are_not_checked(footfall: Footfall, old: Visitor) -> None:
    traits = {"profileId": "u1", "email": "ann at work", "avatar": "/ann.png"}
    assert old.sends(traits, "/profile").status_code == 202
    assert (footfall.profile("u1").email, footfall.profile("u1").avatar) == ("ann at work", "/ann.png")


def test_steps_that_cannot_be_taken(old: Visitor) -> None:
    step = {"profileId": "u1", "property": "plan", "value": 1}
    missing = old.sends(step, "/profile/increment")
    assert (missing.status_code, missing.text) == (404, "Not found")
    old.sends({"profileId": "u1", "properties": {"plan": "pro"}}, "/profile")
    for path in ("/profile/increment", "/profile/decrement"):
        answer = old.sends(step, path)
        assert (answer.status_code, answer.text) == (400, "Not number")
        assert answer.headers["content-type"].startswith("text/plain")
    assert old.sends({"profileId": "u1", "property": "n"}, "/profile/increment").status_code == 400


def test_bots_and_repeats_are_known_here_too(footfall: Footfall, visitor: Visitor) -> None:
    body = {"name": "hello"}
    assert footfall.visitor(ua=GOOGLEBOT).sends(body, "/event").json()["bot"]["name"]
    assert visitor.sends(body, "/event").json() == "ok"
    assert visitor.sends(body, "/event").json() == "ok"

    assert len(footfall.events("hello")) == 1
    assert footfall.drops() == {"bot": 1, "duplicate": 1}


def test_who_may_not_send_gets_the_same_401(house: Footfall) -> None:
    for path in ("/event", "/profile", "/profile/increment", "/profile/decrement"):
        answer = house.request("POST", path, content=b"{", headers={"user-agent": CHROME, "origin": ORIGIN})
        assert (answer.status_code, answer.text) == (401, "Ingestion: Missing client id")
