"""Events that programs send: they may belong to a visit, and never make or lengthen one. Contract §3.4, D20."""

from collections.abc import Callable

import pytest

from support.footfall import READER, SECRET, Footfall, Visitor


def test_a_server_event_opens_no_session(footfall: Footfall) -> None:
    answer = footfall.backend().tracks("cron")
    assert answer.status_code == 200
    assert len(answer.json()["deviceId"]) == 32

    event = footfall.event("cron")
    assert (event.device_id, event.session_id, event.profile_id) == ("", "", "")
    assert event.device == "server"
    assert footfall.sessions() == []


def test_a_server_event_of_a_person_joins_the_visit_that_is_on(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/cart?utm_source=x", referrer="https://bing.com/")
    visitor.tracks("login", profile="u1")
    visit = visitor.asks("/track/device-id").json()
    footfall.advance(minutes=5)
    answer = footfall.backend().tracks("revenue", profile="u1", __revenue=990)

    assert answer.json() == {"deviceId": visit["deviceId"], "sessionId": visit["sessionId"]}
    event, view = footfall.event("revenue"), footfall.event("screen_view")
    assert (event.device_id, event.session_id, event.profile_id) == (view.device_id, view.session_id, "u1")
    assert (event.path, event.origin, event.country) == ("/cart", "https://shop.example", view.country)
    assert (event.browser, event.os, event.device) == ("Chrome", "macOS", "desktop")
    assert (event.referrer, event.referrer_name) == (view.referrer, view.referrer_name)
    session = footfall.session()
    assert session.revenue == 990
    assert (session.duration, session.event_count, session.screen_view_count) == (0, 1, 1)


def test_a_page_that_a_program_tells_of_is_one_of_the_visit(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(reads=True)
    visitor = footfall.visitor()
    visitor.views("/cart", profile="u1")
    footfall.advance(minutes=1)
    footfall.backend().views("/paid", profile="u1")
    footfall.advance(minutes=2)
    visitor.views("/cart", profile="u1")
    footfall.settle()

    headers = {"openpanel-client-id": READER, "openpanel-client-secret": SECRET}
    for filters in ("[]", '[{"name":"browser","operator":"is","value":["Chrome"]}]'):
        answer = footfall.request("GET", f"/insights/shop/pages?filters={filters}", headers=headers).json()
        found = {page["path"]: (page["sessions"], page["pageviews"], page["avg_duration"]) for page in answer}
        assert found == {"/cart": (1, 2, 30), "/paid": (1, 1, 120)}
    assert footfall.session().screen_view_count == 2


def test_a_server_event_keeps_a_visit_no_longer_alive(footfall: Footfall, visitor: Visitor) -> None:
    first = visitor.tracks("login", profile="u1").json()["sessionId"]
    footfall.advance(minutes=20)
    footfall.backend().tracks("charge", profile="u1")
    footfall.advance(minutes=20)
    assert visitor.views("/").json()["sessionId"] != first


def test_a_server_event_after_the_visit_stands_alone(footfall: Footfall, visitor: Visitor) -> None:
    visitor.tracks("login", profile="u1")
    footfall.advance(minutes=31)
    footfall.backend().tracks("mail", profile="u1")

    event = footfall.event("mail")
    assert (event.device_id, event.session_id, event.profile_id) == ("", "", "u1")
    assert len(footfall.sessions()) == 1


def test_a_server_event_of_the_past_stands_alone(footfall: Footfall, visitor: Visitor) -> None:
    visitor.tracks("login", profile="u1")
    footfall.backend().tracks("old", profile="u1", ago=3600)
    assert (footfall.event("old").session_id, footfall.event("old").device_id) == ("", "")


def test_a_named_device_links_a_payment_to_its_visitor(footfall: Footfall, visitor: Visitor) -> None:
    visit = visitor.views("/cart").json()
    answer = footfall.backend().tracks("revenue", __deviceId=visit["deviceId"], __revenue=500)

    assert answer.json() == visit
    event = footfall.event("revenue")
    assert (event.device_id, event.session_id) == (visit["deviceId"], visit["sessionId"])
    assert footfall.session().revenue == 500


def test_a_named_device_that_is_not_here_is_kept(footfall: Footfall) -> None:
    footfall.backend().tracks("revenue", __deviceId="phone-1", __revenue=500)
    event = footfall.event("revenue")
    assert (event.device_id, event.session_id, event.profile_id) == ("phone-1", "", "phone-1")
    assert footfall.sessions() == []


@pytest.mark.parametrize("device", [None, "", "  ", 5, "x" * 65, {}])
def test_what_is_no_device_id_is_ignored(house: Footfall, device: object) -> None:
    house.backend().tracks(f"cron {device!r}", __deviceId=device)
    assert house.event(f"cron {device!r}").device_id == ""


def test_a_person_is_found_where_the_named_device_is_unknown(footfall: Footfall, visitor: Visitor) -> None:
    visit = visitor.tracks("login", profile="u1").json()
    footfall.backend().tracks("charge", __deviceId="phone-1", profile="u1")
    assert footfall.event("charge").session_id == visit["sessionId"]


def test_the_visit_is_found_after_a_restart(footfall: Footfall, visitor: Visitor) -> None:
    visit = visitor.tracks("login", profile="u1").json()
    footfall.restart()
    footfall.backend().tracks("charge", profile="u1")
    assert footfall.event("charge").session_id == visit["sessionId"]


def test_no_user_agent_is_a_program(footfall: Footfall) -> None:
    footfall.visitor(ua="", headers={"openpanel-client-secret": SECRET}).tracks("cron")
    assert footfall.event("cron").device == "server"
    assert footfall.sessions() == []


def test_a_proven_program_with_a_browsers_name_is_a_visitor(footfall: Footfall) -> None:
    """A Next.js or Express server that hands on its visitor's user agent and address."""
    proxy = footfall.visitor(
        peer="198.51.100.99",
        origin="",
        headers={"openpanel-client-secret": SECRET, "openpanel-client-ip": "198.51.100.1"},
    )
    proxy.views("/")
    assert footfall.session().browser == "Chrome"
