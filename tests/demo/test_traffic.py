"""Made-up traffic: the same for the same seed, exactly as much as asked for, and like a real site's."""

import json
from collections import defaultdict
from itertools import islice, pairwise
from pathlib import Path

import pytest

from footfall.demo.access_log import write_access_log
from footfall.demo.live import LiveHit, hits
from footfall.demo.site import PAGES
from footfall.demo.traffic import DAY_MS, events, ndjson
from footfall.importers.access_log import AccessLog
from footfall.importers.events import parse_rows
from footfall.importers.source import Source
from footfall.ingest.enrich.bots import bot
from footfall.ingest.records import Identify, Row, UpsertGroup
from footfall.model.event import PERFORMANCE, Event

END = 1_790_000_000_000  # 2026-09-21T13:33:20Z, a Monday
DAYS = 14


def made(seed: int = 1, count: int = 20_000, *projects: str) -> list[Row | Identify | UpsertGroup]:
    return [record for batch in events(seed, count, DAYS, END, projects or ("demo",)) for record in batch]


def rows(records: list[Row | Identify | UpsertGroup]) -> list[Event]:
    return [record.event for record in records if isinstance(record, Row)]


@pytest.fixture(scope="module")
def traffic() -> list[Event]:
    return rows(made())


@pytest.fixture(scope="module")
def sessions(traffic: list[Event]) -> list[list[Event]]:
    by_id = defaultdict(list)
    for event in traffic:
        by_id[event.session_id].append(event)
    return list(by_id.values())


def test_the_same_seed_makes_the_same_events() -> None:
    assert made(7, 2_000) == made(7, 2_000)


def test_another_seed_makes_others() -> None:
    first, second = rows(made(7, 2_000)), rows(made(8, 2_000))
    assert {event.id for event in first}.isdisjoint(event.id for event in second)
    assert [event.path for event in first] != [event.path for event in second]


def test_another_span_makes_other_ids_so_that_both_can_be_stored() -> None:
    (later,) = events(7, 100, DAYS, END + DAY_MS, ["demo"])
    (sooner,) = events(7, 100, DAYS, END, ["demo"])
    assert {event.id for event in rows(later)}.isdisjoint(event.id for event in rows(sooner))


@pytest.mark.parametrize("count", [1, 100, 12_345])
def test_there_are_exactly_as_many_events_as_asked_for(count: int) -> None:
    assert len(rows(made(1, count))) == count


def test_pages_tell_how_fast_they_were_beside_the_same_visits() -> None:
    def happened(events: list[Event]) -> list[tuple[int, str, str, str]]:
        return [(event.created_at, event.name, event.session_id, event.path) for event in events]

    plain = rows(made(7, 2_000))
    both = [
        record.event
        for batch in events(7, 2_000, DAYS, END, ["demo"], with_vitals=True)
        for record in batch
        if isinstance(record, Row)
    ]
    loads = [event for event in both if event.name == PERFORMANCE]
    assert happened([event for event in both if event.name != PERFORMANCE]) == happened(plain)
    assert len({event.id for event in both}) == len(both)
    assert 0.3 < len(loads) / len({event.session_id for event in plain}) < 0.5
    assert all(event.path and event.title and event.created_at <= END for event in loads)
    for event in loads:
        times = [float(event.properties[name]) for name in ("ttfb", "fcp", "lcp")]
        assert 0 < times[0] < times[1] < times[2] < 60_000
        assert 0 <= float(event.properties["cls"]) < 5


def test_every_event_has_an_id_of_its_own(traffic: list[Event]) -> None:
    assert len({event.id for event in traffic}) == 20_000


def test_all_events_lie_within_the_days_before_the_end(traffic: list[Event]) -> None:
    assert min(event.created_at for event in traffic) >= END - DAYS * DAY_MS
    assert END - DAY_MS < max(event.created_at for event in traffic) <= END


def test_each_day_is_in_the_order_of_time() -> None:
    (batch,) = events(1, 5_000, 1, END, ["demo"])
    times = [event.created_at for event in rows(batch)]
    assert times == sorted(times)


def test_the_first_of_several_projects_has_four_fifths() -> None:
    of_project = defaultdict(int)
    for event in rows(made(1, 10_000, "a", "b", "c")):
        of_project[event.project_id] += 1
    assert of_project["a"] == pytest.approx(8_000, rel=0.03)
    assert of_project["b"] == pytest.approx(1_000, rel=0.1)
    assert of_project["c"] == pytest.approx(1_000, rel=0.1)


def test_afternoons_are_busier_than_nights_and_tuesdays_than_sundays(traffic: list[Event]) -> None:
    berlin = [(event.created_at // 3_600_000 + 2) for event in traffic]  # summer: UTC+2
    assert sum(hour % 24 in (14, 15) for hour in berlin) > 5 * sum(hour % 24 in (3, 4) for hour in berlin)
    day = [(hour // 24 + 4) % 7 for hour in berlin]  # 1970-01-01 was a Thursday; 0 is Sunday
    assert day.count(2) > 1.2 * day.count(0)


def test_nearly_half_of_the_visits_are_bounces(sessions: list[list[Event]]) -> None:
    bounces = sum(len(session) == 1 for session in sessions)
    assert bounces / len(sessions) == pytest.approx(0.45, abs=0.03)


def test_a_session_is_one_visitor_with_no_long_pause(sessions: list[list[Event]]) -> None:
    for session in sessions:
        assert len({event.device_id for event in session}) == 1
        times = [event.created_at for event in session]
        assert all(0 < after - before < 30 * 60_000 for before, after in pairwise(times))


def test_visitors_come_back_but_never_twice_at_once(sessions: list[list[Event]]) -> None:
    spans = defaultdict(list)
    for session in sessions:
        spans[session[0].device_id].append((session[0].created_at, session[-1].created_at))
    assert sum(len(of_one) > 1 for of_one in spans.values()) > 500
    for of_one in spans.values():
        of_one.sort()
        assert all(after[0] - before[1] > 30 * 60_000 for before, after in pairwise(of_one))


def test_a_few_pages_have_most_of_the_views(traffic: list[Event]) -> None:
    views = defaultdict(int)
    for event in traffic:
        if event.name == "screen_view":
            views[event.path] += 1
    assert len(PAGES) == 300
    assert len(views) > 250
    assert max(views, key=lambda path: views[path]) == "/"
    assert sum(sorted(views.values())[-30:]) > 0.5 * sum(views.values())


def test_visitors_come_from_many_places_with_many_browsers(
    traffic: list[Event], sessions: list[list[Event]]
) -> None:
    assert len({event.country for event in traffic}) >= 15
    assert len({event.browser for event in traffic}) >= 9
    assert {event.device for event in traffic} >= {"desktop", "mobile", "tablet", "smarttv"}
    direct = sum(not session[0].referrer_name for session in sessions)
    assert direct / len(sessions) == pytest.approx(0.4, abs=0.03)
    assert {session[0].properties.get("__query.utm_source") for session in sessions} >= {
        "newsletter",
        "google",
    }


def test_some_buy_and_some_sign_up(traffic: list[Event]) -> None:
    names = {event.name for event in traffic}
    assert names == {"screen_view", "search", "link_out", "add_to_cart", "revenue", "signup"}
    sales = [event for event in traffic if event.name == "revenue"]
    assert sales
    assert all(event.revenue > 0 and event.currency == "EUR" and event.path == "/checkout" for event in sales)
    assert all(event.revenue == 0 for event in traffic if event.name != "revenue")


def test_who_is_known_is_introduced_before_their_first_event() -> None:
    known = set()
    for record in made(1, 5_000):
        if isinstance(record, Identify):
            assert record.email == f"{record.profile_id}@example.com"
            known.add(record.profile_id)
        elif isinstance(record, Row) and record.event.profile_id != record.event.device_id:
            assert record.event.profile_id in known
    assert len(known) > 20


def test_no_user_agent_is_a_bots() -> None:
    assert not [
        hit for hit in islice(hits(1, 50, "https://demo.example"), 2_000) if bot(hit.headers["user-agent"])
    ]


def test_events_written_as_rows_are_read_as_the_same_events() -> None:
    batch = made(3, 500)
    body = b"[" + ndjson(batch).strip().replace(b"\n", b",") + b"]"
    imported = [row.event for row in parse_rows(body, "demo", END)]
    for event in imported:
        event.imported_at = None
    assert imported == rows(batch)


# Live


def live(seed: int, rate: float, count: int) -> list[LiveHit]:
    return list(islice(hits(seed, rate, "https://demo.example"), count))


def test_live_hits_are_the_same_for_the_same_seed_and_due_in_order() -> None:
    first = live(5, 20, 1_000)
    assert first == live(5, 20, 1_000)
    assert [hit.at for hit in first] == sorted(hit.at for hit in first)
    assert first[0].at >= 0


@pytest.mark.parametrize("rate", [2, 50, 500])
def test_live_hits_come_at_about_the_rate_from_the_start(rate: float) -> None:
    count = 6_000
    assert count / live(1, rate, count)[-1].at == pytest.approx(rate, rel=0.15)


def test_a_live_hit_is_a_request_of_the_browser_sdk() -> None:
    found = live(1, 50, 3_000)
    bodies = [json.loads(hit.body) for hit in found]
    names = {body["payload"].get("name") for body in bodies if body["type"] == "track"}
    assert {"screen_view", "search", "add_to_cart", "revenue"} <= names
    assert {body["type"] for body in bodies} == {"track", "identify"}
    view = next(body for body in bodies if body["payload"].get("name") == "screen_view")
    assert set(view["payload"]["properties"]) == {"__path", "__referrer", "__title"}
    sale = next(body for body in bodies if body["payload"].get("name") == "revenue")
    assert isinstance(sale["payload"]["properties"]["__revenue"], int)
    assert {"user-agent", "x-forwarded-for", "origin", "content-type"} <= set(found[0].headers)


# Access log


def test_the_access_log_is_the_same_for_the_same_seed_and_can_be_imported(tmp_path: Path) -> None:
    write_access_log(1, 5_000, tmp_path / "a")
    write_access_log(1, 5_000, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    log = AccessLog("demo", "salt", received_at=END, domain="https://demo.example")
    imported = [hit for batch in log.read(Source(tmp_path / "a")) for hit in batch]
    assert log.tally.lines == 5_000
    assert 1_000 < len(imported) < 1_600
    assert set(log.tally.left_out) == {"asset", "bot", "error"}
    assert [hit.at for hit in imported] == sorted(hit.at for hit in imported)
