"""Funnels: who gets how far, to the millisecond."""

from itertools import pairwise
from random import Random

import pytest

from footfall.query.conversion import Conversion, Converted
from footfall.query.funnel import Funnel, Grouping, Step, Window, page_step
from footfall.query.operators import Filters
from footfall.query.ranges import TimeRange
from support.facts import did, ms
from support.stores import Site, only

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def funnel(
    site: Site,
    *steps: str | Step,
    by: Grouping = Grouping.SESSION,
    window_ms: int = DAY_MS,
    window: Window = Window.OF_FIRST,
    start: str = "2024-03-01",
    end: str = "2024-03-31",
) -> list[int]:
    wanted = tuple(Step(each) if isinstance(each, str) else each for each in steps)
    question = Funnel(site.span(start=start, end=end), wanted, window_ms, by, window)
    return [each.count for each in site.ask(question)]


def happen(site: Site, *events: tuple[str, str], **columns: str) -> None:
    """Events of one session of one device: name and time."""
    facts = site.facts()
    columns = {"session_id": "s", "device_id": "d", "profile_id": "d", **columns}
    for name, at in events:
        facts.event(name, at, **columns)
    site.write(facts)


def test_a_session_counts_on_every_step_that_it_reached(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("a"), did("b"), did("c"))
    facts.visit("bob", "2024-03-04 10:00", did("a"), did("b"))
    facts.visit("cid", "2024-03-04 10:00", did("a"), did("c"))  # missed b, so c counts for nothing
    facts.visit("dan", "2024-03-04 10:00", did("b"), did("c"))
    facts.visit("eve", "2024-03-04 10:00", did("c"), did("b"), did("a"))
    site.write(facts)
    assert funnel(site, "a", "b", "c") == [4, 2, 1]


def test_one_step_counts_groups_not_events(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("a"), did("a"))
    facts.visit("ann", "2024-03-05 10:00", did("a"))
    site.write(facts)
    assert funnel(site, "a") == [2]
    assert funnel(site, "a", by=Grouping.VISITOR) == [1]


def test_the_same_millisecond_is_not_later(site: Site) -> None:
    happen(site, ("a", "2024-03-04 10:00:00.500"), ("b", "2024-03-04 10:00:00.500"))
    assert funnel(site, "a", "b") == [1, 0]
    assert funnel(site, "a", "b", window=Window.OF_PREVIOUS) == [1, 1]


def test_one_millisecond_is_later(site: Site) -> None:
    happen(site, ("a", "2024-03-04 10:00:00.500"), ("b", "2024-03-04 10:00:00.501"))
    assert funnel(site, "a", "b") == [1, 1]


def test_a_tie_with_a_later_start_does_not_hide_an_earlier_one(site: Site) -> None:
    happen(site, ("a", "2024-03-04 10:00"), ("a", "2024-03-04 10:05"), ("b", "2024-03-04 10:05"))
    assert funnel(site, "a", "b") == [1, 1]


def test_the_window_takes_its_last_millisecond(site: Site) -> None:
    happen(site, ("a", "2024-03-04 10:00"), ("b", "2024-03-04 11:00:00.000"))
    assert funnel(site, "a", "b", window_ms=HOUR_MS) == [1, 1]
    assert funnel(site, "a", "b", window_ms=HOUR_MS - 1) == [1, 0]


def test_the_window_is_from_the_first_step_to_the_last(site: Site) -> None:
    happen(site, ("a", "2024-03-04 10:00"), ("b", "2024-03-04 10:40"), ("c", "2024-03-04 11:20"))
    assert funnel(site, "a", "b", "c", window_ms=HOUR_MS) == [1, 1, 0]
    assert funnel(site, "a", "b", "c", window_ms=HOUR_MS, window=Window.OF_PREVIOUS) == [1, 1, 1]


def test_the_first_step_may_be_tried_again(site: Site) -> None:
    happen(site, ("a", "2024-03-04 10:00"), ("a", "2024-03-04 14:00"), ("b", "2024-03-04 14:30"))
    assert funnel(site, "a", "b", window_ms=HOUR_MS) == [1, 1]


def test_an_earlier_start_counts_when_the_later_one_comes_too_late(site: Site) -> None:
    happen(
        site,
        ("a", "2024-03-04 10:00"),
        ("b", "2024-03-04 10:10"),
        ("a", "2024-03-04 10:20"),
        ("c", "2024-03-04 10:30"),
    )
    assert funnel(site, "a", "b", "c", window_ms=HOUR_MS) == [1, 1, 1]


def test_a_start_between_others_counts_when_only_its_window_holds_the_chain(site: Site) -> None:
    happen(
        site,
        ("a", "2024-03-04 10:00"),
        ("a", "2024-03-04 12:00"),
        ("b", "2024-03-04 12:10"),
        ("c", "2024-03-04 12:30"),
        ("a", "2024-03-04 14:30"),
        ("b", "2024-03-04 15:00"),
    )
    for window in Window:
        assert funnel(site, "a", "b", "c", window_ms=HOUR_MS, window=window) == [1, 1, 1]
        assert funnel(site, "a", "b", "c", window_ms=HOUR_MS // 2, window=window) == [1, 1, 1]
    assert funnel(site, "a", "b", "c", window_ms=HOUR_MS // 2 - 1) == [1, 1, 0]


def test_a_later_start_counts_to_the_last_millisecond_of_its_window(site: Site) -> None:
    happen(
        site,
        ("a", "2024-03-04 10:00"),
        ("a", "2024-03-04 10:30"),
        ("a", "2024-03-04 10:40"),
        ("b", "2024-03-04 10:45"),
        ("c", "2024-03-04 11:40"),
    )
    # 60 minutes after the third start, 70 and 100 after the others; 55 after the second step.
    assert funnel(site, "a", "b", "c", window_ms=HOUR_MS) == [1, 1, 1]
    assert funnel(site, "a", "b", "c", window_ms=HOUR_MS - 1) == [1, 1, 0]
    assert funnel(site, "a", "b", "c", window_ms=55 * 60_000, window=Window.OF_PREVIOUS) == [1, 1, 1]
    assert funnel(site, "a", "b", "c", window_ms=55 * 60_000 - 1, window=Window.OF_PREVIOUS) == [1, 1, 0]


def test_a_start_at_the_instant_of_the_last_second_step_is_too_late(site: Site) -> None:
    happen(
        site,
        ("b", "2024-03-04 10:00"),
        ("a", "2024-03-04 10:00"),
        ("c", "2024-03-04 10:05"),
        ("a", "2024-03-04 10:10"),
    )
    assert funnel(site, "a", "b", "c") == [1, 0, 0]
    assert funnel(site, "a", "b", "c", window=Window.OF_PREVIOUS) == [1, 1, 1]


def test_nobody_is_no_person(site: Site) -> None:
    happen(site, ("a", "2024-03-04 10:00"), ("b", "2024-03-04 10:05"), session_id="", device_id="", profile_id="")
    assert funnel(site, "a", "b", by=Grouping.PROFILE) == [0, 0]


def test_a_step_that_comes_twice_needs_two_events(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("a"), did("a"))
    facts.visit("bob", "2024-03-04 10:00", did("a"))
    site.write(facts)
    assert funnel(site, "a", "a") == [2, 1]
    assert funnel(site, "a", "a", "a") == [2, 1, 0]
    assert funnel(site, "a", "a", "a", window=Window.OF_PREVIOUS) == [2, 2, 2]


def test_events_out_of_the_range_are_no_steps(site: Site) -> None:
    happen(site, ("a", "2024-03-04 23:59:59.999"), ("b", "2024-03-05 00:00"))
    assert funnel(site, "a", "b", start="2024-03-04", end="2024-03-04") == [1, 0]
    assert funnel(site, "a", "b", start="2024-03-05", end="2024-03-05") == [0, 0]
    assert funnel(site, "a", "b", start="2024-03-04", end="2024-03-05") == [1, 1]


def test_events_without_a_session_are_in_no_session(site: Site) -> None:
    happen(
        site, ("a", "2024-03-04 10:00"), ("b", "2024-03-04 10:05"), session_id="", device_id="", profile_id="ann"
    )
    assert funnel(site, "a", "b") == [0, 0]
    assert funnel(site, "a", "b", by=Grouping.VISITOR) == [0, 0]
    assert funnel(site, "a", "b", by=Grouping.PROFILE) == [1, 1]


def test_steps_before_the_sign_in_count_for_the_person(site: Site) -> None:
    facts = site.facts()
    facts.visit("phone", "2024-03-04 10:00", did("a", profile_id="phone"), did("b", profile_id="ann"), user="ann")
    facts.visit("laptop", "2024-03-04 12:00", did("c"), user="ann")
    site.write(facts)
    assert funnel(site, "a", "b", "c", by=Grouping.PROFILE) == [1, 1, 1]
    assert funnel(site, "a", "b", "c", by=Grouping.SESSION) == [1, 1, 0]
    assert funnel(site, "a", "b", "c", by=Grouping.VISITOR) == [1, 1, 0]


def test_anonymous_people_are_their_devices(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("a"))
    facts.visit("ann", "2024-03-04 12:00", did("b"))
    site.write(facts)
    assert funnel(site, "a", "b", by=Grouping.PROFILE) == [1, 1]
    assert funnel(site, "a", "b", by=Grouping.SESSION) == [1, 0]


def test_steps_may_be_filtered(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", "/pricing", did("buy", {"plan": "pro"}), country="DE")
    facts.visit("bob", "2024-03-04 10:00", "/", "/pricing", did("buy", {"plan": "free"}), country="FR")
    facts.visit("cid", "2024-03-04 10:00", "/pricing", "/", utm_source="letter")
    site.write(facts)
    pricing = Step("screen_view", only("path", "is", "/pricing"))
    pro = Step("buy", only("plan", "is", "pro"))
    assert funnel(site, "screen_view", pricing, pro) == [3, 2, 1]
    german = Step("screen_view", only("country", "is", "Germany"))
    assert funnel(site, german, pricing, "buy") == [1, 1, 1]
    by_letter = Step("screen_view", only("utm_source", "is", "letter"))
    assert funnel(site, by_letter, "screen_view") == [0, 0]  # utm_* of an event is its query's
    assert funnel(site, Step("screen_view", only("entry_path", "is", "/pricing")), "screen_view") == [1, 1]


def test_any_event_is_a_star(site: Site) -> None:
    happen(site, ("x", "2024-03-04 10:00"), ("y", "2024-03-04 10:01"))
    assert funnel(site, "*", "y", "*") == [1, 1, 0]


@pytest.mark.parametrize(
    ("page", "reached"),
    [
        ("/blog/a", [2, 1]),
        ("/blog/*", [2, 2]),
        ("*/a", [2, 1]),
        ("*log*", [2, 2]),
        ("*", [2, 2]),
        ("/%", [2, 0]),
        ("/*/a", [2, 0]),
    ],
)
def test_pages_may_have_stars_at_their_ends(site: Site, page: str, reached: list[int]) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", "/blog/a")
    facts.visit("bob", "2024-03-04 10:00", "/", did("read", path="/blog/b"))
    site.write(facts)
    steps = (page_step("/"), page_step(page))
    assert funnel(site, *steps, by=Grouping.VISITOR, window=Window.OF_PREVIOUS) == reached


def test_nobody_and_unknown_events_are_zero(site: Site) -> None:
    assert funnel(site, "a", "b") == [0, 0]
    happen(site, ("a", "2024-03-04 10:00"))
    assert funnel(site, "nie", "da gewesen", "ø") == [0, 0, 0]


def test_other_projects_count_for_nothing(site: Site, store: object) -> None:
    other = Site(site.store)
    happen(other, ("a", "2024-03-04 10:00"), ("b", "2024-03-04 10:05"))
    happen(site, ("a", "2024-03-04 10:00"))
    assert funnel(site, "a", "b") == [1, 0]
    assert funnel(site, "a", "b", by=Grouping.PROFILE) == [1, 0]


def _slowly(events: list[tuple[str, int]], steps: list[str], window_ms: int, window: Window) -> int:
    """The deepest step by trying every chain."""
    of_first = window is Window.OF_FIRST
    chains = {(at, at) for name, at in events if name == steps[0]}  # (last, since)
    for depth, name in enumerate(steps[1:], 1):
        chains = {
            (at, since if of_first else at)
            for last, since in chains
            for found, at in events
            if found == name and (at > last if of_first else at >= last) and at - since <= window_ms
        }
        if not chains:
            return depth
    return len(steps) if events and any(name == steps[0] for name, _ in events) else 0


@pytest.mark.parametrize("window", Window)
def test_a_chain_is_found_whenever_there_is_one(site: Site, window: Window) -> None:
    random = Random(7)
    visitors = [
        [(random.choice("abc"), random.randrange(12)) for _ in range(random.randrange(9))] for _ in range(150)
    ]
    facts, day = site.facts(), ms("2024-03-04 10:00")
    for number, events in enumerate(visitors):
        for name, at in events:
            facts.event(name, "2024-03-04 10:00", session_id=f"s{number}", device_id="d")
            facts.events[-1].created_at = day + at
    site.write(facts)
    is_quick = site.store.dialect == "duckdb"  # the other engine takes its time to plan
    for steps in ("ab", "abc", "aab", "abab", "aa") if is_quick else ("abc", "aab"):
        for window_ms in (0, 3, 6, 20) if is_quick else (0, 6):
            depths = []
            for events in visitors:
                started = any(name == steps[0] for name, _ in events)
                depths.append(_slowly(events, list(steps), window_ms, window) if started else 0)
            expected = [sum(depth >= number for depth in depths) for number in range(1, len(steps) + 1)]
            assert funnel(site, *steps, window_ms=window_ms, window=window) == expected, (steps, window_ms)
            assert all(more >= fewer for more, fewer in pairwise(expected))


# -- conversion


def conversion(site: Site, **more: object) -> list[tuple[str | None, list[tuple[str, int, int, float]]]]:
    question = Conversion(
        more.pop("range", site.span(start="2024-03-04", end="2024-03-06")),  # type: ignore[arg-type]
        Step("a"),
        Step("b"),
        DAY_MS,
        **more,  # type: ignore[arg-type]
    )
    return [
        (series.value, [(slot.label[:10], n.total, n.conversions, n.rate) for slot, n in series.points])
        for series in site.ask(question)
    ]


def test_a_conversion_is_in_the_bucket_of_its_start(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 23:50", did("a"), 900, did("b"))
    facts.visit("bob", "2024-03-04 10:00", did("a"))
    facts.visit("cid", "2024-03-04 10:00", did("a"), did("a"))
    facts.visit("dan", "2024-03-06 10:00", did("b"), did("a"), did("b"))
    site.write(facts)
    assert conversion(site) == [
        (None, [("2024-03-04", 3, 1, 33.33), ("2024-03-05", 0, 0, 0), ("2024-03-06", 1, 1, 100)])
    ]


def test_conversions_by_a_value_of_their_start(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("a", {"plan": "pro"}), did("b"))
    facts.visit("bob", "2024-03-04 10:00", did("a", {"plan": "free"}), did("a", {"plan": "pro"}))
    facts.visit("cid", "2024-03-04 10:00", did("a", {"plan": "free"}))
    facts.visit("dan", "2024-03-04 10:00", did("a"))
    site.write(facts)
    span = site.span(start="2024-03-04", end="2024-03-04")
    assert conversion(site, breakdown="properties.plan", range=span) == [
        ("free", [("2024-03-04", 2, 0, 0)]),
        ("", [("2024-03-04", 1, 0, 0)]),
        ("pro", [("2024-03-04", 1, 1, 100)]),
    ]


def test_of_two_starts_at_once_the_value_that_comes_first_counts(site: Site) -> None:
    facts = site.facts()
    pro, free = did("a", {"plan": "pro"}), did("a", {"plan": "free"})
    facts.visit("ann", "2024-03-04 10:00", pro, 0, free)
    facts.visit("bob", "2024-03-04 10:00", free, 0, pro)
    site.write(facts)
    span = site.span(start="2024-03-04", end="2024-03-04")
    assert conversion(site, breakdown="properties.plan", range=span) == [("free", [("2024-03-04", 2, 0, 0)])]


def test_conversions_of_people_and_of_devices(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("a"), did("b"), user="ann@x")
    facts.visit("bob", "2024-03-04 10:00", did("a"))
    facts.visit("cid", "2024-03-04 10:00", did("a"))
    site.write(facts)
    assert conversion(site, breakdown="has_profile", range=site.span(start="2024-03-04", end="2024-03-04")) == [
        ("false", [("2024-03-04", 2, 0, 0)]),
        ("true", [("2024-03-04", 1, 1, 100)]),
    ]


def test_no_conversion_is_a_line_of_zeros(site: Site) -> None:
    span = site.span(start="2024-03-04", end="2024-03-04")
    assert conversion(site, range=span) == [(None, [("2024-03-04", 0, 0, 0)])]
    assert conversion(site, range=span, breakdown="country") == []


def test_conversions_of_people_go_over_sessions(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("a"))
    facts.visit("ann", "2024-03-05 09:00", did("b"))
    site.write(facts)
    span = TimeRange(ms("2024-03-04 00:00"), ms("2024-03-06 00:00"), site.zone)
    question = Conversion(span, Step("a", Filters()), Step("b"), DAY_MS, Grouping.PROFILE)
    assert site.ask(question)[0].sum == Converted(1, 1)
