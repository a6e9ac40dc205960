"""The headline numbers, by hand."""

from zoneinfo import ZoneInfo

import pytest

from footfall.query.breakdown import Breakdown, Dimension
from footfall.query.overview import Numbers, Overview, OverviewAnswer
from footfall.query.pages import Pages
from footfall.query.profile_metrics import MetricsOfPerson
from support.facts import did, paid
from support.stores import Site, only

MARCH = ("2024-03-04", "2024-03-06")


@pytest.fixture
def shop(site: Site) -> Site:
    """Three days: two visits on Monday, none on Tuesday, two on Wednesday."""
    facts = site.facts()
    facts.visit(
        "ann", "2024-03-04 10:00", "/", 60, "/pricing", 30, "/", country="DE", browser="Chrome", marks=True
    )
    facts.visit("bob", "2024-03-04 23:59:50", "/pricing", country="US", browser="Firefox", marks=True)
    facts.visit("ann", "2024-03-06 08:00", "/", 90, did("signup", {"plan": "pro"}), paid(4900), country="DE")
    facts.visit("cid", "2024-03-06 09:00", "/pricing", 120, "/docs", user="cid@x", is_open=True, utm_source="news")
    site.write(facts)
    return site


def overview(site: Site, filters: object = None, start: str = MARCH[0], end: str = MARCH[1]) -> OverviewAnswer:
    span = site.span(start=start, end=end)
    return site.ask(Overview(span, filters) if filters else Overview(span))  # type: ignore[arg-type]


def test_the_totals_of_a_range(shop: Site) -> None:
    assert overview(shop).totals == Numbers(
        bounce_rate=50.0,
        unique_visitors=3,
        total_sessions=4,
        avg_session_duration=103.33333,  # (90 + 100 + 120) / 3; bob's visit has no duration
        total_screen_views=7,
        views_per_session=1.75,
        total_revenue=4900,
    )


def test_one_row_per_day_also_where_nothing_happened(shop: Site) -> None:
    rows = [(bucket.label, row.total_sessions, row.unique_visitors) for bucket, row in overview(shop).series]
    assert rows == [
        ("2024-03-04T00:00:00.000Z", 2, 2),
        ("2024-03-05T00:00:00.000Z", 0, 0),
        ("2024-03-06T00:00:00.000Z", 2, 2),
    ]


def test_a_day_is_shown_in_hours(shop: Site) -> None:
    series = overview(shop, start="2024-03-06", end="2024-03-06").series
    assert len(series) == 24
    assert [row.total_sessions for _, row in series][7:11] == [0, 1, 1, 0]
    assert series[8][1].total_revenue == 4900


def test_a_visitor_of_two_days_is_one(shop: Site) -> None:
    answer = overview(shop)
    assert sum(row.unique_visitors for _, row in answer.series) == 4
    assert answer.totals.unique_visitors == 3


def test_a_session_belongs_to_the_day_it_started_on(site: Site) -> None:
    site.write(site.facts().visit("ann", "2024-03-04 23:59:00", "/", 120, "/pricing"))
    days = [row.total_screen_views for _, row in overview(site).series]
    assert days == [2, 0, 0]
    assert overview(site, start="2024-03-05").totals.total_sessions == 0


def test_an_empty_project_has_zeros_in_every_bucket(site: Site) -> None:
    answer = overview(site)
    assert answer.totals == Numbers()
    assert [row for _, row in answer.series] == [Numbers()] * 3


def test_filters_leave_out_sessions(shop: Site) -> None:
    assert overview(shop, only("country", "is", "Germany")).totals.total_sessions == 2
    assert overview(shop, only("browser", "isNot", "Chrome")).totals.total_sessions == 3
    assert overview(shop, only("utm_source", "is", "news")).totals.total_sessions == 1
    assert overview(shop, only("has_profile", "is", "true")).totals.total_sessions == 1


def test_revenue_is_that_of_the_sessions_that_pass(shop: Site) -> None:
    assert overview(shop, only("country", "is", "DE")).totals.total_revenue == 4900
    assert overview(shop, only("country", "is", "US")).totals.total_revenue == 0


def test_revenue_without_a_session_counts_only_without_filters(site: Site) -> None:
    site.write(site.facts().event("revenue", "2024-03-05 10:00", revenue=700, currency="EUR"))
    assert overview(site).totals.total_revenue == 700
    assert overview(site, only("country", "isNull")).totals.total_revenue == 0


def test_an_event_of_umami_that_earns_is_revenue_everywhere(site: Site) -> None:
    order = did("order", {"revenue": "19.99", "currency": "EUR"}, revenue=1999, currency="EUR")
    site.write(site.facts().visit("ann", "2024-03-05 10:00", "/buy", order, country="DE"))
    assert overview(site).totals.total_revenue == 1999
    span = site.span(start=MARCH[0], end=MARCH[1])
    assert [page.revenue for page in site.ask(Pages(span))] == [1999]
    assert [share.revenue for share in site.ask(Breakdown(span, Dimension("country")))] == [1999]
    person = site.ask(MetricsOfPerson(("ann",), span.zone))
    assert person is not None
    assert person.revenue == 1999


def test_a_filter_on_a_property_selects_sessions_with_such_an_event(shop: Site) -> None:
    answer = overview(shop, only("properties.plan", "is", "pro"))
    assert answer.totals.total_sessions == 1
    assert answer.totals.total_screen_views == 1
    assert overview(shop, only("plan", "is", "pro")).totals.total_sessions == 1
    assert overview(shop, only("name", "is", "signup")).totals.total_sessions == 1


def test_a_path_filter_turns_to_page_views(shop: Site) -> None:
    answer = overview(shop, only("path", "is", "/pricing"))
    assert answer.totals == Numbers(
        bounce_rate=50.0,  # bob's and cid's visits started there, bob's bounced
        unique_visitors=3,
        total_sessions=3,
        avg_session_duration=75.0,  # Monday: ann's 30 s; Wednesday: cid's 120 s
        total_screen_views=3,
        views_per_session=1.0,
        total_revenue=0,
    )
    assert [row.avg_session_duration for _, row in answer.series] == [30.0, 0, 120.0]
    assert [row.total_screen_views for _, row in answer.series] == [2, 0, 1]


def test_time_on_a_page_ends_with_the_next_view_whatever_its_path(shop: Site) -> None:
    answer = overview(shop, only("path", "is", "/"))
    # 60 s until /pricing; the visit's return to / is its last view
    assert [row.avg_session_duration for _, row in answer.series] == [60.0, 0, 0]


def test_days_are_the_projects_days(site: Site) -> None:
    site.zone = ZoneInfo("Asia/Kathmandu")  # +05:45
    facts = site.facts()
    facts.visit("ann", "2024-03-04 18:14:59", "/")
    facts.visit("bob", "2024-03-04 18:15:00", "/")
    site.write(facts)
    rows = [(bucket.label, row.total_sessions) for bucket, row in overview(site).series]
    assert rows[:2] == [("2024-03-04T00:00:00.000+05:45", 1), ("2024-03-05T00:00:00.000+05:45", 1)]


def test_the_hour_that_comes_twice_in_autumn_is_two_buckets(site: Site) -> None:
    site.zone = ZoneInfo("Europe/Berlin")
    facts = site.facts()
    facts.visit("ann", "2024-10-27 00:30", "/")  # 02:30 summer time
    facts.visit("bob", "2024-10-27 01:30", "/")  # 02:30 winter time
    facts.visit("cid", "2024-10-27 01:45", "/")
    site.write(facts)
    series = overview(site, start="2024-10-27", end="2024-10-27").series
    assert len(series) == 25
    assert [(bucket.label, row.total_sessions) for bucket, row in series[1:5]] == [
        ("2024-10-27T01:00:00.000+02:00", 0),
        ("2024-10-27T02:00:00.000+02:00", 1),
        ("2024-10-27T02:00:00.000+01:00", 2),
        ("2024-10-27T03:00:00.000+01:00", 0),
    ]


def test_the_hour_that_is_missing_in_spring_is_no_bucket(site: Site) -> None:
    site.zone = ZoneInfo("Europe/Berlin")
    facts = site.facts()
    facts.visit("ann", "2024-03-31 00:59:59", "/")  # 01:59:59
    facts.visit("bob", "2024-03-31 01:00:00", "/")  # 03:00:00
    site.write(facts)
    series = overview(site, start="2024-03-31", end="2024-03-31").series
    assert len(series) == 23
    assert [(bucket.label, row.total_sessions) for bucket, row in series[1:3]] == [
        ("2024-03-31T01:00:00.000+01:00", 1),
        ("2024-03-31T03:00:00.000+02:00", 1),
    ]


def test_weeks_start_on_monday_and_months_on_the_first(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-01-07 23:59:59", "/")  # a Sunday
    facts.visit("bob", "2024-01-08 00:00:00", "/")  # a Monday
    facts.visit("cid", "2024-01-31 23:59:59", "/")
    facts.visit("dan", "2024-02-01 00:00:00", "/")
    site.write(facts)
    weeks = overview(site, start="2024-01-03", end="2024-05-01").series
    assert [(bucket.label[:10], row.total_sessions) for bucket, row in weeks[:3]] == [
        ("2024-01-01", 1),
        ("2024-01-08", 1),
        ("2024-01-15", 0),
    ]
    months = overview(site, start="2024-01-03", end="2024-12-31").series
    assert [(bucket.label[:10], row.total_sessions) for bucket, row in months[:3]] == [
        ("2024-01-01", 3),
        ("2024-02-01", 1),
        ("2024-03-01", 0),
    ]
    assert len(months) == 12


def test_other_projects_are_never_counted(shop: Site) -> None:
    other = Site(shop.store)
    other.write(other.facts().visit("ann", "2024-03-04 10:00", "/"))
    assert overview(other).totals.total_sessions == 1
    assert overview(shop).totals.total_sessions == 4
    assert overview(other, only("country", "isNot", "XX")).totals.total_sessions == 1
