"""Sessions of live visitors. Contract §5, decided by the wall clock of the fixture."""

from collections.abc import Callable

import pytest

from footfall.catalog.projects import ProjectChange
from footfall.model.project import FilterType, ProjectFilter
from support.footfall import FIREFOX, ORIGIN, PROJECT, SECRET, Footfall, Visitor


@pytest.mark.parametrize(
    ("gap_ms", "sessions"),
    [(29 * 60_000 + 59_000, 1), (30 * 60_000, 1), (30 * 60_000 + 1, 2), (30 * 60_000 + 1_000, 2)],
)
def test_a_session_ends_after_more_than_thirty_minutes(
    footfall: Footfall, visitor: Visitor, gap_ms: int, sessions: int
) -> None:
    first = visitor.views("/").json()
    footfall.advance(ms=gap_ms)
    second = visitor.views("/").json()

    assert first["deviceId"] == second["deviceId"]
    assert (first["sessionId"] == second["sessionId"]) is (sessions == 1)
    assert len(footfall.sessions()) == sessions
    assert [event.session_id for event in footfall.events()] == [first["sessionId"], second["sessionId"]]


def test_each_event_starts_the_thirty_minutes_anew(footfall: Footfall, visitor: Visitor) -> None:
    for _ in range(4):
        visitor.tracks("ping")
        footfall.advance(minutes=29)
    assert footfall.session().event_count == 4
    assert footfall.session().duration == 3 * 29 * 60_000


def test_the_window_is_a_setting(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall(session_timeout_minutes=5)
    visitor = footfall.visitor()
    ids = []
    for _ in range(3):
        ids.append(visitor.views("/").json()["sessionId"])
        footfall.advance(minutes=5, seconds=1)

    assert len(set(ids)) == 3
    assert [session.id for session in footfall.sessions()] == ids
    footfall.advance(minutes=2)
    assert len(footfall.events("session_end")) == 3


def test_one_view_bounces_and_the_second_ends_it(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/")
    assert footfall.session().is_bounce
    visitor.views("/pricing")
    assert not footfall.session().is_bounce


def test_custom_events_do_not_end_a_bounce(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/")
    for _ in range(3):
        visitor.tracks("click")
        footfall.advance(seconds=1)
    session = footfall.session()
    assert session.is_bounce
    assert (session.screen_view_count, session.event_count) == (1, 3)


def test_a_view_without_a_path_counts_as_an_event_unless_it_opens(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views(None)
    footfall.advance(seconds=1)
    visitor.views(None)
    session = footfall.session()
    assert (session.screen_view_count, session.event_count) == (1, 1)
    assert session.is_bounce


def test_a_session_of_custom_events_only_bounces(footfall: Footfall, visitor: Visitor) -> None:
    visitor.tracks("a")
    visitor.tracks("b")
    session = footfall.session()
    assert (session.screen_view_count, session.event_count, session.is_bounce) == (0, 2, True)
    assert (session.entry_path, session.exit_path) == ("", "")


def test_entry_and_exit_are_the_first_and_last_page(footfall: Footfall, visitor: Visitor) -> None:
    visitor.tracks("loaded")
    footfall.advance(seconds=1)
    visitor.views("/a")
    footfall.advance(seconds=1)
    visitor.views("/b")
    footfall.advance(seconds=1)
    visitor.tracks("bye")

    session = footfall.session()
    assert (session.entry_origin, session.entry_path) == (ORIGIN, "/a")
    assert (session.exit_origin, session.exit_path) == (ORIGIN, "/b")
    assert session.duration == 3_000


def test_named_screens_are_pages_too(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("Home")
    footfall.advance(seconds=2)
    visitor.views("Settings")
    assert (footfall.session().entry_path, footfall.session().exit_path) == ("Home", "Settings")
    assert footfall.dwells() == {"Home": [2_000]}


def test_campaign_and_referrer_are_those_of_the_first_event(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/?utm_source=google&utm_campaign=may", referrer="https://www.bing.com/")
    footfall.advance(seconds=1)
    visitor.views("/b?utm_source=other&utm_campaign=june", referrer="https://duckduckgo.com/")

    session = footfall.session()
    assert (session.utm_source, session.utm_campaign) == ("google", "may")
    first, second = footfall.events("screen_view")
    assert second.referrer == "https://www.bing.com"
    assert (second.referrer, second.referrer_name, second.referrer_type) == (
        first.referrer,
        first.referrer_name,
        first.referrer_type,
    )


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("utm_source=&ref=google", "https://t.co"),
        ("utm_source=%20&ref=google", ""),
        ("ref=&utm_referrer=google", ""),
    ],
)
def test_an_empty_source_in_the_address_ends_the_search_for_one(footfall: Footfall, query: str, name: str) -> None:
    """Contract §4.4: present and empty is not absent, so `ref` is not looked at."""
    footfall.visitor().views(f"/?{query}", referrer=name)
    session = footfall.session()
    assert (session.referrer_name, session.referrer_type) == (("Twitter", "social") if name else ("", ""))


def test_a_login_names_the_session(footfall: Footfall, visitor: Visitor) -> None:
    device = visitor.views("/").json()["deviceId"]
    assert footfall.session().profile_id == device
    visitor.tracks("login", profile="u1")
    visitor.tracks("click")

    assert footfall.session().profile_id == "u1"
    assert footfall.event("click").profile_id == device
    assert footfall.event("login").profile_id == "u1"


def test_groups_are_united_and_money_adds_up(footfall: Footfall) -> None:
    shop = footfall.visitor(headers={"openpanel-client-secret": SECRET})
    shop.tracks("a", groups=["acme"])
    shop.tracks("b", groups=["emca", "acme"])
    shop.tracks("revenue", __revenue=100)
    shop.tracks("revenue", __revenue=250, order=2)

    assert footfall.session().groups == ["acme", "emca"]
    assert footfall.session().revenue == 350


def test_no_sum_of_money_is_too_large_to_store(footfall: Footfall) -> None:
    shop = footfall.visitor(headers={"openpanel-client-secret": SECRET})
    for order in range(3):
        shop.tracks("revenue", __revenue=2**53, order=order)
    assert footfall.session().revenue == 3 * 2**53


def test_a_session_start_stands_before_the_first_event(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a?x=1", title="A", referrer="https://bing.com", mood="good")
    footfall.advance(seconds=5)
    visitor.views("/b")

    (start,) = footfall.events("session_start")
    first = footfall.events("screen_view")[0]
    assert start.created_at == first.created_at - 100
    assert (start.path, start.origin, start.title, start.referrer) == ("/a", ORIGIN, "A", "https://bing.com")
    assert start.properties == first.properties == {"__query.x": "1", "mood": "good"}
    assert (start.session_id, start.device_id) == (first.session_id, first.device_id)
    assert not start.first_view


def test_a_session_end_comes_once_when_the_visitor_is_gone(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a")
    footfall.advance(seconds=5)
    visitor.tracks("login", profile="u1")
    last = footfall.clock.now
    footfall.advance(minutes=31)
    assert footfall.events("session_end") == []
    footfall.advance(minutes=1)
    assert len(footfall.events("session_end")) == 1
    footfall.advance(hours=5)

    (end,) = footfall.events("session_end")
    assert end.created_at == last + 1_000
    assert end.path == "/a"
    assert end.properties == {"__bounce": "true"}
    assert end.profile_id == "u1"
    session = footfall.session()
    assert (end.session_id, end.device_id) == (session.id, session.device_id)
    assert not session.is_open


def test_the_next_visit_ends_the_one_before(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a")
    footfall.advance(seconds=5)
    visitor.views("/b")
    footfall.advance(hours=2)
    visitor.views("/c")

    (end,) = footfall.events("session_end")
    assert end.properties == {"__bounce": "false"}
    assert end.path == "/b"
    assert len(footfall.events("session_start")) == 2
    footfall.advance(hours=2)
    assert len(footfall.events("session_end")) == 2


def test_visits_that_follow_each_other_in_one_batch_are_told_apart(footfall: Footfall, visitor: Visitor) -> None:
    for _ in range(5):
        visitor.views("/a")
        footfall.advance(seconds=3)
        visitor.views("/b")
        footfall.advance(minutes=40)

    sessions = footfall.sessions()
    assert [session.screen_view_count for session in sessions] == [2] * 5
    assert [session.duration for session in sessions] == [3_000] * 5
    assert len(footfall.events("session_end")) == 5
    assert footfall.dwells() == {"/a": [3_000] * 5}


def test_two_browsers_at_one_address_are_two_visitors(footfall: Footfall) -> None:
    footfall.visitor(ip="198.51.100.1").views("/")
    footfall.visitor(ip="198.51.100.1", ua=FIREFOX).views("/")
    footfall.visitor(ip="198.51.100.2").views("/")
    assert len({session.device_id for session in footfall.sessions()}) == 3


def test_a_session_over_midnight_keeps_its_device(footfall: Footfall, visitor: Visitor) -> None:
    footfall.clock.set("2026-03-10T23:55:00")
    before = visitor.views("/").json()
    footfall.clock.set("2026-03-11T00:05:00")
    assert visitor.views("/b").json() == before
    footfall.clock.set("2026-03-11T00:30:00")
    assert visitor.views("/c").json() == before
    footfall.clock.set("2026-03-11T01:10:00")
    after = visitor.views("/d").json()

    assert after["deviceId"] != before["deviceId"]
    assert [session.screen_view_count for session in footfall.sessions()] == [3, 1]


def test_a_device_that_names_itself_stays_the_same_for_ever(footfall: Footfall, visitor: Visitor) -> None:
    ids = set()
    for _ in range(3):
        ids.add(visitor.views("/", __deviceId=" phone-1 ").json()["deviceId"])
        footfall.advance(days=2)
    assert ids == {"phone-1"}
    assert len(footfall.sessions()) == 3


def test_a_blocked_event_opens_no_session(footfall: Footfall, visitor: Visitor) -> None:
    noise = ProjectFilter(FilterType.EVENT, "noise")
    footfall.runtime.catalog.update_project(PROJECT, ProjectChange(filters=[noise]))
    answer = visitor.tracks("noise")
    assert answer.status_code == 200
    assert answer.json().keys() == {"deviceId", "sessionId"}
    assert footfall.sessions() == []
    visitor.views("/")
    footfall.advance(seconds=1)
    visitor.tracks("noise")

    assert footfall.session().is_open
    assert footfall.session().event_count == 0
    assert [event.name for event in footfall.events(marks=True)] == ["session_start", "screen_view"]
    assert footfall.drops() == {"blocked_event": 2}
