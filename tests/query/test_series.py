"""Charts by hand: what each segment counts, per bucket and breakdown, and the period before."""

from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from footfall.model.event import Group, Profile
from footfall.query.buckets import Interval
from footfall.query.changes import Change, State, change
from footfall.query.formula import parse_formula
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.series import Chart, ChartAnswer, Metric
from footfall.query.tallies import EventSeries, Segment
from support.facts import did, paid, viewed
from support.stores import Site, only


@pytest.fixture(scope="module")
def shop(store: Any) -> Site:
    """Four days. Ann buys twice on the 4th, Bob on the 5th, and as a known person on the 6th."""
    site = Site(store)
    facts = site.facts()
    facts.visit(
        "ann", "2024-03-04 10:00", "/",
        did("buy", {"price": "9.5", "items.0.name": "pen", "items.1.name": "ink", "items.10.name": "paper",
                    "items.2.name": "cap", "tags.0": "new"}, groups=("acme", "beta")),
        did("buy", {"price": "cheap", "cart.total": "7"}),
        country="DE", device="desktop", referrer="https://www.google.com/search", longitude=13.4,
    )  # fmt: skip
    facts.visit(
        "bob", "2024-03-05 10:00", "/", did("buy", {"price": "1", "__query.utm_source": "news"}),
        country="US", device="mobile", referrer="https://google.com",
    )  # fmt: skip
    facts.visit(
        "bob", "2024-03-06 10:00", "/", 20, did("buy", {"price": "2.5"}, groups=("acme",)), "/thanks", paid(1250),
        country="US", user="bob@x", marks=True,
    )  # fmt: skip
    facts.profiles.append(
        Profile(id="bob@x", project_id=site.project, email="bob@x", properties={"plan": "team", "a.b": "c"})
    )
    facts.groups.append(
        Group(id="acme", project_id=site.project, type="company", name="Acme", properties={"size": "9"})
    )
    site.write(facts)
    return site


def ask(
    site: Site,
    segment: str = "event",
    property: str = "",
    by: tuple[str, ...] = (),
    name: str = "buy",
    filters: Filters = NO_FILTERS,
    start: str = "2024-03-04",
    end: str = "2024-03-07",
    **more: Any,
) -> ChartAnswer:
    series = EventSeries(name=name, segment=Segment(segment), property=property, filters=filters)
    span = site.span(start=start, end=end)
    return site.ask(Chart(range=span, series=(series,), breakdowns=by, **more))


def lines(site: Site, *asked: Any, **more: Any) -> dict[tuple[Any, ...], list[float]]:
    return {line.labels: line.values for line in ask(site, *asked, **more).lines}


def values(site: Site, *asked: Any, **more: Any) -> list[float]:
    (line,) = ask(site, *asked, **more).lines
    return line.values


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("event", [2, 1, 1, 0]),
        ("user", [1, 1, 1, 0]),
        ("session", [1, 1, 1, 0]),
        ("group", [2, 0, 1, 0]),
        ("user_average", [2, 1, 1, 0]),
        ("one_event_per_user", [1, 1, 1, 0]),
        ("property_sum", [9.5, 1, 2.5, 0]),
        ("property_average", [9.5, 1, 2.5, 0]),
        ("property_max", [9.5, 1, 2.5, 0]),
        ("property_min", [9.5, 1, 2.5, 0]),
    ],
)
def test_segments_by_day(shop: Site, segment: str, expected: list[float]) -> None:
    property = "properties.price" if segment.startswith("property") else ""
    assert values(shop, segment, property) == expected


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("event", 4),
        ("user", 3),
        ("session", 3),
        ("group", 2),
        ("user_average", 4 / 3),
        ("one_event_per_user", 3),
        ("property_sum", 13),
        ("property_average", 13 / 3),
        ("property_max", 9.5),
        ("property_min", 1),
    ],
)
def test_segments_by_month(shop: Site, segment: str, expected: float) -> None:
    """One bucket for all four days, so that what is distinct shows."""
    property = "properties.price" if segment.startswith("property") else ""
    assert values(shop, segment, property, interval=Interval.MONTH) == [pytest.approx(expected)]


def test_only_the_latest_event_of_a_person_is_kept_in_the_whole_range(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("buy", {"size": "S"}))
    facts.visit("ann", "2024-03-05 10:00", did("buy", {"size": "M"}), did("look"))
    facts.visit("ann", "2024-03-09 10:00", did("buy", {"size": "L"}))
    site.write(facts)
    assert values(site, "one_event_per_user") == [0, 1, 0, 0]
    assert lines(site, "one_event_per_user", by=("properties.size",)) == {("M",): [0, 1, 0, 0]}


def test_a_property_segment_without_a_property_counts_events(shop: Site) -> None:
    assert values(shop, "property_sum") == [2, 1, 1, 0]


@pytest.mark.parametrize(
    ("property", "name", "expected"),
    [
        ("properties.cart.total", "buy", [7, 0, 0, 0]),
        ("revenue", "revenue", [0, 0, 1250, 0]),
        ("longitude", "buy", [26.8, 0, 0, 0]),
        ("duration", "screen_view", [0, 0, 30_000, 0]),
        ("duration", "session_end", [0, 0, 40_000, 0]),
        ("profile.properties.plan", "buy", None),
        ("properties.nothing", "buy", None),
    ],
)
def test_sums_of_columns_and_properties(
    shop: Site, property: str, name: str, expected: list[float] | None
) -> None:
    found = lines(shop, "property_sum", property, name=name)
    assert found == ({} if expected is None else {(): expected})


def test_each_value_that_a_wildcard_finds_counts(site: Site) -> None:
    facts = site.facts()
    facts.visit(
        "ann", "2024-03-04 10:00", did("buy", {"items.0.price": "1", "items.1.price": "5", "items.1.n": "9"})
    )
    facts.visit("bob", "2024-03-04 11:00", did("buy", {"items.0.price": "12", "items.1.price": "free"}))
    site.write(facts)
    expected = {"property_sum": 18, "property_average": 6, "property_max": 12, "property_min": 1}
    for segment, value in expected.items():
        assert values(site, segment, "properties.items.*.price") == [value, 0, 0, 0]


@pytest.mark.parametrize("number", ["nan", "inf", "-Infinity", "1e400", "1e308", "-1e101"])
def test_what_is_no_finite_number_is_left_out(site: Site, number: str) -> None:
    facts = site.facts().visit(
        "ann", "2024-03-04 10:00", *[did("buy", {"price": number})] * 2, did("buy", {"price": "-3"})
    )
    site.write(facts)
    assert values(site, "property_sum", "properties.price") == [-3, 0, 0, 0]


BREAKDOWNS: list[tuple[tuple[str, ...], dict[tuple[Any, ...], list[float]]]] = [
    (("country",), {("DE",): [2, 0, 0, 0], ("US",): [0, 1, 1, 0]}),
    (("device",), {("desktop",): [2, 0, 0, 0], ("mobile",): [0, 1, 0, 0], ("",): [0, 0, 1, 0]}),
    (("referrer",), {("google.com",): [2, 1, 0, 0], ("",): [0, 0, 1, 0]}),
    (("longitude",), {(13.4,): [2, 0, 0, 0], (0,): [0, 1, 1, 0]}),
    (("has_profile",), {("false",): [2, 1, 0, 0], ("true",): [0, 0, 1, 0]}),
    (("utm_source",), {("",): [2, 0, 1, 0], ("news",): [0, 1, 0, 0]}),
    (("properties.__query.utm_source",), {("",): [2, 0, 1, 0], ("news",): [0, 1, 0, 0]}),
    (("properties.cart.total",), {("",): [1, 1, 1, 0], ("7",): [1, 0, 0, 0]}),
    (("profile.email",), {("",): [2, 1, 0, 0], ("bob@x",): [0, 0, 1, 0]}),
    (("profile.properties.plan",), {("",): [2, 1, 0, 0], ("team",): [0, 0, 1, 0]}),
    (("profile.properties.a.b",), {("",): [2, 1, 0, 0], ("c",): [0, 0, 1, 0]}),
    (("group.id",), {("acme",): [1, 0, 1, 0], ("beta",): [1, 0, 0, 0]}),
    (("group.type",), {("company",): [1, 0, 1, 0], ("",): [1, 0, 0, 0]}),
    (("group.properties.size",), {("9",): [1, 0, 1, 0], ("",): [1, 0, 0, 0]}),
    (("entry_path",), {("/",): [2, 1, 1, 0]}),
    (("is_bounce",), {("true",): [2, 1, 0, 0], ("false",): [0, 0, 1, 0]}),
    (("screen_view_count",), {(1,): [2, 1, 0, 0], (2,): [0, 0, 1, 0]}),
    (("properties.items.*.name",), {((),): [1, 1, 1, 0], (("pen", "ink", "cap", "paper"),): [1, 0, 0, 0]}),
    (("properties.tags[*]",), {((),): [1, 1, 1, 0], (("new",),): [1, 0, 0, 0]}),
    (("properties.nothing",), {("",): [2, 1, 1, 0]}),
    (
        ("country", "utm_source"),
        {("DE", ""): [2, 0, 0, 0], ("US", ""): [0, 0, 1, 0], ("US", "news"): [0, 1, 0, 0]},
    ),
    (
        ("profile.email", "group.name", "entry_path"),
        {("", "Acme", "/"): [1, 0, 0, 0], ("", "", "/"): [1, 0, 0, 0], ("bob@x", "Acme", "/"): [0, 0, 1, 0]},
    ),
]


@pytest.mark.parametrize(("by", "expected"), BREAKDOWNS, ids=[" ".join(by) for by, _ in BREAKDOWNS])
def test_breakdowns(shop: Site, by: tuple[str, ...], expected: dict[tuple[Any, ...], list[float]]) -> None:
    assert lines(shop, by=by) == expected


@pytest.mark.parametrize("by", [by for by, _ in BREAKDOWNS], ids=lambda by: " ".join(by))
def test_people_of_a_breakdown_are_told_apart_in_the_whole_range(shop: Site, by: tuple[str, ...]) -> None:
    for line in ask(shop, "user", by=by).lines:
        assert line.people == sum(line.values)


def test_a_person_in_two_buckets_is_one_person(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("buy"), country="DE", referrer="https://t.co/a")
    facts.visit("ann", "2024-03-05 10:00", did("buy"), country="DE", referrer="https://t.co/b")
    facts.visit("ann", "2024-03-05 12:00", did("buy"), country="FR", referrer="https://t.co/c")
    site.write(facts)
    (line,) = ask(site, "user").lines
    assert (line.values, line.metrics.sum, line.people) == ([1, 1, 0, 0], 2, 1)
    (line,) = ask(site, "user", by=("referrer",)).lines
    assert (line.labels, line.values, line.people) == (("t.co",), [1, 1, 0, 0], 1)
    assert [(line.labels, line.people) for line in ask(site, "user", by=("country",)).lines] == [
        (("DE",), 1),
        (("FR",), 1),
    ]
    assert ask(site).lines[0].people is None


@pytest.mark.parametrize("segment", [segment for segment in Segment if not segment.startswith("property")])
def test_people_are_counted_of_any_segment_if_lines_are_ordered_by_them(shop: Site, segment: str) -> None:
    (line,) = ask(shop, segment, metric=Metric.COUNT).lines
    assert line.people == (2 if segment == "group" else 3)


def test_any_event(site: Site) -> None:
    facts = site.facts()
    for name, at in (("a", "2024-03-04 10:00"), ("b", "2024-03-04 11:00"), ("b", "2024-03-06 10:00")):
        facts.event(name, at, profile_id="ann")
    site.write(facts)
    assert values(site, name="*") == [2, 0, 1, 0]
    assert lines(site, name="*", by=("name",)) == {("a",): [1, 0, 0, 0], ("b",): [1, 0, 1, 0]}
    assert lines(site, "user", name="*", by=("name",)) == {("a",): [1, 0, 0, 0], ("b",): [1, 0, 1, 0]}


def test_nobody_is_not_counted_as_somebody(site: Site) -> None:
    facts = site.facts().event("buy", "2024-03-04 10:00").event("buy", "2024-03-04 11:00", profile_id="ann")
    site.write(facts)
    for segment, expected in {
        "event": 2,
        "user": 1,
        "session": 0,
        "one_event_per_user": 1,
        "user_average": 2,
    }.items():
        assert values(site, segment) == [expected, 0, 0, 0]


def test_no_event_no_line(shop: Site) -> None:
    answer = ask(shop, name="nothing", previous=True)
    assert answer.lines == []
    assert (answer.metrics.sum, answer.metrics.average, answer.metrics.min, answer.metrics.max) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "operator", "given", "expected"),
    [
        ("properties.items.*.name", "is", ("ink",), [1, 0, 0, 0]),
        ("properties.items[*].name", "isNot", ("ink",), [1, 0, 0, 0]),
        ("properties.items.*.name", "contains", ("ap",), [1, 0, 0, 0]),
        ("properties.items.*.name", "doesNotContain", ("p", "n"), None),
        ("properties.items.*.name", "regex", ("^p.*r$",), [1, 0, 0, 0]),
        ("properties.items.*.name", "isNull", (), [1, 1, 1, 0]),
        ("properties.items.*.name", "isNotNull", (), [1, 0, 0, 0]),
        ("properties.tags.*", "is", ("new",), [1, 0, 0, 0]),
        ("properties.cart.*", "gt", (6,), [1, 0, 0, 0]),
        ("properties.cart.*", "gt", (7,), None),
        ("properties.*.total", "lte", (7,), [1, 0, 0, 0]),
        ("group.id", "is", ("acme",), [1, 0, 1, 0]),
        ("group.id", "isNot", ("acme",), [1, 1, 0, 0]),
        ("group.name", "startsWith", ("Ac",), [1, 0, 1, 0]),
        ("group.type", "isNull", (), [1, 1, 0, 0]),
        ("group.properties.size", "gte", (9,), [1, 0, 1, 0]),
        ("profile.properties.plan", "is", ("team",), [0, 0, 1, 0]),
        ("has_profile", "isNot", ("true",), [2, 1, 0, 0]),
    ],
)
def test_filters_of_many_values(
    shop: Site, name: str, operator: str, given: tuple[object, ...], expected: list[float] | None
) -> None:
    found = lines(shop, filters=only(name, operator, *given))
    assert found == ({} if expected is None else {(): expected})


def test_groups_that_a_filter_leaves_out_are_no_lines(shop: Site) -> None:
    assert lines(shop, by=("group.id",), filters=only("group.type", "is", "company")) == {("acme",): [1, 0, 1, 0]}
    assert lines(shop, by=("group.id",), filters=only("group.id", "isNot", "acme")) == {}


def test_the_points_of_a_chart_are_shared_by_its_series(shop: Site) -> None:
    buys = EventSeries(name="buy", segment=Segment.EVENT, property="", filters=NO_FILTERS)
    asked = Chart(
        range=shop.span(start="2024-03-04", end="2024-03-07"), series=(buys, buys), breakdowns=("country",)
    )
    with patch("footfall.query.series.MAX_POINTS", 8):  # of four days each
        assert [(line.series, line.labels) for line in shop.ask(asked).lines] == [(0, ("DE",)), (1, ("DE",))]
    assert len(shop.ask(asked).lines) == 4


def test_lines_are_ordered(shop: Site) -> None:
    answer = ask(shop, by=("utm_source",))
    assert [line.labels for line in answer.lines] == [("",), ("news",)]
    assert answer.metrics.sum == 4
    by_sum = ask(shop, "property_sum", "properties.price", by=("country",))
    assert [line.labels for line in by_sum.lines] == [("DE",), ("US",)]
    by_people = ask(shop, "property_sum", "properties.price", by=("country",), metric=Metric.COUNT)
    assert [(line.labels, line.people) for line in by_people.lines] == [(("US",), 2), (("DE",), 1)]


def test_metrics(shop: Site) -> None:
    (line,) = ask(shop, "property_sum", "properties.price").lines
    metrics = line.metrics
    assert (metrics.sum, metrics.average, metrics.min, metrics.max) == (13, 4.33, 0, 9.5)
    pooled = ask(shop, by=("country",)).metrics
    assert (pooled.sum, pooled.average, pooled.min, pooled.max) == (4, 1.33, 0, 2)


def test_the_period_before_stands_beside_index_by_index(shop: Site) -> None:
    answer = ask(shop, "user", by=("country",), start="2024-03-06", end="2024-03-07", previous=True)
    (line,) = answer.lines
    assert (line.labels, line.values, line.previous) == (("US",), [1, 0], [0, 1])
    assert (line.people, line.previous_people) == (1, 1)
    assert answer.previous is not None
    assert (answer.previous.sum, answer.previous.count) == (1, 1)
    (line,) = ask(shop, start="2024-03-06", end="2024-03-07", previous=True).lines
    assert (line.values, line.previous) == ([1, 0], [2, 1])
    (line,) = ask(shop, start="2024-03-04", end="2024-03-05", previous=True).lines
    assert (line.values, line.previous) == ([2, 1], None)


@pytest.mark.parametrize(
    ("now", "past", "expected"),
    [
        (1250, 1100, Change(1100, 13.64, 13.6, State.POSITIVE)),
        (38, 45, Change(45, -15.56, 18.4, State.NEGATIVE)),
        (45, 38, Change(38, 18.42, 18.4, State.POSITIVE)),
        (5, 0, Change(0, None, None, State.POSITIVE)),
        (0, 5, Change(5, -100, None, State.NEGATIVE)),
        (5, 5, Change(5, 0, None, State.NEUTRAL)),
        (0, 0, Change(0, None, None, State.NEUTRAL)),
        (1e99, 1e-300, Change(1e-300, None, None, State.POSITIVE)),
    ],
)
def test_changes(now: float, past: float, expected: Change) -> None:
    assert change(now, past) == expected


def test_formulas_over_breakdowns(shop: Site) -> None:
    span = shop.span(start="2024-03-04", end="2024-03-07")
    series = (
        EventSeries(name="buy"),
        EventSeries(name="screen_view"),
        parse_formula("A / B * 100"),
        parse_formula("C + 1"),
    )
    answer = shop.ask(Chart(range=span, series=series, breakdowns=("country",), previous=True))
    found = {(line.series, line.labels): line.values for line in answer.lines}
    assert found[2, ("DE",)] == [200, 0, 0, 0]
    assert found[2, ("US",)] == [0, 100, 50, 0]
    assert found[3, ("US",)] == [1, 101, 51, 1]
    hidden = shop.ask(Chart(range=span, series=series, hidden=frozenset({0, 1, 3})))
    assert [(line.series, line.values) for line in hidden.lines] == [(2, [200, 100, 50, 0])]


# -- days that are longer or shorter, and weeks


def berlin(store: Any) -> Site:
    site = Site(store)
    site.zone = ZoneInfo("Europe/Berlin")
    return site


def dated(answer: ChartAnswer) -> dict[str, float]:
    (line,) = answer.lines
    return {
        slot.label[:16] + slot.label[-6:]: value for slot, value in zip(answer.buckets, line.values, strict=True)
    }


def test_the_hour_that_comes_twice_is_two_buckets(store: Any) -> None:
    site = berlin(store)
    facts = site.facts()
    for at in ("2025-10-26 00:15", "2025-10-26 01:30", "2025-10-26 02:10"):
        facts.visit("ann", at, did("buy"))
    site.write(facts)
    found = dated(ask(site, start="2025-10-26", end="2025-10-26", interval=Interval.HOUR))
    assert len(found) == 25
    assert found["2025-10-26T02:00+02:00"] == 1
    assert found["2025-10-26T02:00+01:00"] == 1
    assert found["2025-10-26T03:00+01:00"] == 1
    assert sum(found.values()) == 3
    day = dated(ask(site, start="2025-10-26", end="2025-10-26"))
    assert day == {"2025-10-26T00:00+02:00": 3}


def test_the_hour_that_is_missing(store: Any) -> None:
    site = berlin(store)
    site.write(site.facts().visit("ann", "2025-03-30 00:30", did("buy"), 1800, did("buy")))
    found = dated(ask(site, start="2025-03-30", end="2025-03-30", interval=Interval.HOUR))
    assert len(found) == 23
    assert {label: value for label, value in found.items() if value} == {
        "2025-03-30T01:00+01:00": 1,
        "2025-03-30T03:00+02:00": 1,
    }


def test_the_period_before_a_day_of_25_hours_is_the_day_before(store: Any) -> None:
    site = berlin(store)
    facts = site.facts()
    facts.visit("ann", "2025-10-24 22:30", did("buy"))  # 00:30 on the 25th
    facts.visit("ann", "2025-10-25 21:30", did("buy"), did("buy"))  # 23:30 on the 25th
    facts.visit("ann", "2025-10-26 22:30", did("buy"))  # 23:30 on the 26th
    site.write(facts)
    (line,) = ask(site, start="2025-10-26", end="2025-10-26", previous=True).lines
    assert (line.values, line.previous) == ([1], [3])
    (line,) = ask(site, start="2025-10-25", end="2025-10-26", previous=True).lines
    assert (line.values, line.previous) == ([3, 1], None)


def test_weeks_start_on_monday(store: Any) -> None:
    site = berlin(store)
    facts = site.facts()
    facts.visit("ann", "2024-03-10 22:59", did("buy"))  # Sunday, 23:59
    facts.visit("ann", "2024-03-10 23:01", did("buy"), did("buy"))  # Monday, 00:01
    site.write(facts)
    found = dated(ask(site, start="2024-03-04", end="2024-03-17", interval=Interval.WEEK))
    assert found == {"2024-03-04T00:00+01:00": 1, "2024-03-11T00:00+01:00": 2}


@pytest.mark.parametrize(
    ("interval", "number", "first"),
    [
        (Interval.MINUTE, 24 * 60, "2024-03-04T10:00+00:00"),
        (Interval.HOUR, 24, "2024-03-04T10:00+00:00"),
        (Interval.DAY, 1, "2024-03-04T00:00+00:00"),
        (Interval.WEEK, 1, "2024-03-04T00:00+00:00"),
        (Interval.MONTH, 1, "2024-03-01T00:00+00:00"),
    ],
)
def test_intervals(shop: Site, interval: Interval, number: int, first: str) -> None:
    answer = ask(shop, start="2024-03-04", end="2024-03-04", interval=interval)
    (line,) = answer.lines
    starts = [slot.label.replace("Z", "+00:00") for slot in answer.buckets]
    assert len(line.values) == number
    assert sum(line.values) == 2
    busy = next(start for start, value in zip(starts, line.values, strict=True) if value)
    assert busy[:16] + busy[-6:] == first


def test_another_project_is_not_counted(store: Any, shop: Site) -> None:
    other = Site(store)
    other.write(other.facts().visit("eve", "2024-03-04 10:00", viewed("/"), did("buy", groups=("acme",))))
    assert values(other) == [1, 0, 0, 0]
    assert lines(other, by=("group.name", "profile.email", "entry_path")) == {("", "", "/"): [1, 0, 0, 0]}
    assert values(shop) == [2, 1, 1, 0]
