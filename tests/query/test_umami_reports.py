"""What Umami's reports count, on both engines: campaigns, groups of page views, goals, revenue, web vitals."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from footfall.query.conditions import Check, Condition, Conditions
from footfall.query.goals import Goal, GoalCounts, GoalKind, GoalVisitors
from footfall.query.ranges import TimeRange
from footfall.query.revenue import Earned, NamedCurrencies, Revenue
from footfall.query.revenue_sources import Audience, RevenueSources
from footfall.query.utm import UtmParameters, UtmViews
from footfall.query.view_groups import GroupOrder, ViewGroup, ViewGroups
from footfall.query.view_traffic import TrafficNumbers, Unit
from footfall.query.view_traits import Trait
from footfall.query.web_vitals import Percentiles, Vital, VitalsChart, VitalsList, VitalsOf, VitalsSummary
from support.facts import did, ms, paid, viewed
from support.stores import Site

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = TimeRange(ms("2024-03-01"), ms("2024-04-01"), ZoneInfo("UTC"))
GERMANS = Conditions((Condition(Trait.COUNTRY, Check.EQ, ("DE",)),))


def instant(start_ms: int) -> str:
    """UTC, to the minute."""
    return datetime.fromtimestamp(start_ms / 1000, UTC).strftime("%d %H:%M")


def searched(path: str, search: str, **utm: str) -> object:
    """A page view with a query."""
    return viewed(path, properties={"__search": search, **{f"__query.utm_{key}": utm[key] for key in utm}})


# utm


def test_every_utm_parameter_of_a_query_counts_page_views_by_value(site: Site) -> None:
    facts = site.facts()
    facts.visit(
        "ann",
        "2024-03-04 10:00",
        searched("/", "utm_source=news+letter&utm_agid=7&utm_source=b&q=1", source="news letter"),
        searched("/", "utm_source=news%20letter&xutm_source=no&UTM_SOURCE=no&utm_=no", source="news letter"),
        searched("/", "utm_source=", source=""),
        "/plain",
        did("signup", {"__search": "utm_source=event"}),
    )
    site.write(facts)
    assert site.ask(UtmParameters(MARCH)) == {
        "utm_source": {"": 1, "news letter": 2, "b": 1},
        "utm_agid": {"7": 1},
    }


def test_page_views_without_their_whole_query_count_by_the_usual_parameters(site: Site) -> None:
    facts = site.facts()
    view = viewed("/", properties={"__query.utm_source": "mail", "__query.utm_term": "shoes"})
    site.write(facts.visit("ann", "2024-03-04 10:00", view, view, "/"))
    assert site.ask(UtmParameters(MARCH)) == {"utm_source": {"mail": 2}, "utm_term": {"shoes": 2}}


def test_utm_views_are_the_most_frequent_values_and_equal_ones_by_name(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", *(searched("/", "", source=name) for name in "bbac"), country="DE")
    facts.visit("bob", "2024-03-04 10:00", searched("/", "", source="c", medium="m"))
    site.write(facts)
    found = site.ask(UtmViews(MARCH))
    assert found[Trait.UTM_SOURCE] == [("b", 2), ("c", 2), ("a", 1)]
    assert found[Trait.UTM_MEDIUM] == [("m", 1)]
    assert found[Trait.UTM_TERM] == []
    assert site.ask(UtmViews(MARCH, GERMANS, limit=1))[Trait.UTM_SOURCE] == [("b", 2)]


# groups of page views


def test_groups_by_path_count_a_bounce_for_each_page_that_a_visit_saw_once(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", 60, "/a", 30, "/", 5, did("click"))
    facts.visit("ann", "2024-03-05 10:00", "/")
    facts.visit("bob", "2024-03-05 10:00", "/a")
    site.write(facts)
    assert site.ask(ViewGroups(MARCH, (Trait.PATH,))) == [
        ViewGroup(("/",), TrafficNumbers(pageviews=3, visitors=1, visits=2, bounces=1, totaltime=90)),
        ViewGroup(("/a",), TrafficNumbers(pageviews=2, visitors=2, visits=2, bounces=2, totaltime=0)),
    ]
    assert [each.values for each in site.ask(ViewGroups(MARCH, (Trait.PATH,), order=GroupOrder.VISITORS))] == [
        ("/a",),
        ("/",),
    ]


def test_groups_show_what_is_missing_as_none_and_order_equals_by_value(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", country="DE", browser="Firefox")
    facts.visit("bob", "2024-03-04 10:00", "/", browser="Chrome")
    facts.visit("cleo", "2024-03-04 10:00", "/", country="DE", browser="Chrome")
    site.write(facts)
    found = site.ask(ViewGroups(MARCH, (Trait.COUNTRY, Trait.BROWSER, Trait.TAG)))
    assert [each.values for each in found] == [
        (None, "Chrome", None),
        ("DE", "Chrome", None),
        ("DE", "Firefox", None),
    ]


# goals


def test_goals_count_events_and_not_visitors(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", "/", did("buy", {"price": "10", "n.o": "x"}), marks=True)
    facts.visit("bob", "2024-03-04 10:00", "/a", did("buy", {"price": "2.5"}), did("buy", {"price": "free"}))
    site.write(facts)
    goals = (
        Goal(GoalKind.PATH, "/"),
        Goal(GoalKind.EVENT, "buy"),
        Goal(GoalKind.EVENT, "screen_view"),
        Goal(GoalKind.EVENT, "session_start"),
        Goal(GoalKind.SUM, "buy", "price"),
        Goal(GoalKind.AVERAGE, "buy", "price"),
        Goal(GoalKind.COUNT, "buy", "price"),
        Goal(GoalKind.COUNT, "buy", "n.o"),
        Goal(GoalKind.SUM, "buy", "missing"),
        Goal(GoalKind.AVERAGE, "nothing", "price"),
    )
    assert site.ask(GoalCounts(MARCH, goals)) == [3, 3, 0, 0, 12.5, 6.25, 3, 1, 0, 0]


@pytest.mark.parametrize(
    ("kind", "value", "num"),
    [
        (GoalKind.PATH, "/a", 1),
        (GoalKind.PATH, "/a*", 2),
        (GoalKind.PATH, "*b", 1),
        (GoalKind.PATH, "*", 2),
        (GoalKind.PATH, "*/*", 2),
        (GoalKind.PATH, "/A", 0),
        (GoalKind.EVENT, "buy", 1),
        (GoalKind.EVENT, "b*", 1),
        (GoalKind.EVENT, "screen_view", 0),
    ],
)
def test_a_goal_is_reached_by_visitors(site: Site, kind: GoalKind, value: str, num: int) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/a", "/a")
    facts.visit("bob", "2024-03-04 10:00", "/a/b", did("buy"), country="DE")
    facts.visit("cleo", "2024-03-04 10:00", did("other"))
    facts.event("buy", "2024-03-04 10:00")
    facts.event("__performance", "2024-03-04 10:00", device_id="dan")
    site.write(facts)
    assert site.ask(GoalVisitors(MARCH, Goal(kind, value))) == (num, 3)


def test_a_goal_and_its_total_are_under_the_same_conditions(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/a")
    facts.visit("bob", "2024-03-04 10:00", "/", country="DE")
    site.write(facts)
    assert site.ask(GoalVisitors(MARCH, Goal(GoalKind.PATH, "/a"), GERMANS)) == (0, 1)


# revenue


def test_revenue_is_what_events_say_in_their_columns(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", paid(1999), paid(1), country="DE", region="BE")
    facts.visit("bob", "2024-03-05 10:00", viewed("/", revenue=500, currency="EUR"), country="FR")
    facts.visit("bob", "2024-03-05 23:59:59", paid(300, currency="JPY"))
    site.write(facts)
    found = site.ask(Revenue(MARCH, "EUR"))
    assert found.currencies == {"JPY": Earned(300, 1, 1), "EUR": Earned(25, 3, 2)}
    assert [(each.name, instant(each.start_ms), each.sum, each.count) for each in found.chart] == [
        ("revenue", "04 00:00", 20, 2),
        ("", "05 00:00", 5, 1),
    ]
    assert found.countries == [("DE", 20), ("FR", 5)]
    assert found.regions == [(("DE", "BE"), 20), (("FR", ""), 5)]
    assert site.ask(Revenue(MARCH, "USD")).chart == []
    assert site.ask(Revenue(MARCH, "EUR", conditions=GERMANS)).currencies == {"EUR": Earned(20, 2, 1)}


def test_revenue_of_data_multiplies_amounts_and_currencies(site: Site) -> None:
    facts = site.facts()
    facts.visit(
        "ann",
        "2024-03-04 10:00",
        "/",
        did("order", {"revenue": "19.99", "currency": "EUR"}, revenue=1999, currency="EUR"),
        did("order", {"Total.Revenue": "1.005", "revenueNet": "-3", "my_currency": "EUR", "currency2": "eur"}),
        did("order", {"revenue": "0", "currency": "EUR"}),
        did("order", {"revenue": "much", "currency": "EUR"}),
        did("order", {"revenue": "1e300", "currency": "EUR"}),
        did("order", {"revenue": "5"}),
        did("order", {"__revenue": "5", "__query.currency": "EUR", "currency": "EUR"}),
        paid(250),
        country="DE",
    )
    site.write(facts)
    found = site.ask(Revenue(MARCH, "EUR", of_data=True))
    # 19.99; 1.01 - 3 in both currencies; 0; and 2.50 of the event whose data says nothing
    assert found.currencies == {"EUR": Earned(20.5, 4, 1), "eur": Earned(-1.99, 1, 1)}
    assert [(each.name, each.sum, each.count) for each in found.chart] == [("order", 18, 3), ("revenue", 2.5, 1)]
    assert site.ask(NamedCurrencies(MARCH)) == ["EUR", "eur"]


def test_an_empty_site_earned_nothing(site: Site) -> None:
    found = site.ask(Revenue(MARCH, "EUR", of_data=True))
    assert (found.currencies, found.chart, found.countries) == ({}, [], [])
    assert site.ask(NamedCurrencies(MARCH)) == []
    assert site.ask(Audience(MARCH)) == 0


@pytest.mark.parametrize(
    ("unit", "starts"),
    [
        (Unit.HOUR, ["30 23:00", "31 00:00", "31 01:00", "31 21:00"]),
        (Unit.DAY, ["30 23:00"]),
        (Unit.MONTH, ["29 23:00"]),
        (Unit.YEAR, ["31 23:00"]),
    ],
)
def test_revenue_falls_into_local_buckets_on_the_day_the_clock_goes_ahead(
    site: Site, unit: Unit, starts: list[str]
) -> None:
    facts = site.facts()
    # Berlin: 00:30, 01:59, 03:00 and 23:59 of 31 March 2024; 02:00 there is no hour
    for at in ("2024-03-30 23:30", "2024-03-31 00:59", "2024-03-31 01:00", "2024-03-31 21:59"):
        facts.visit("ann", at, paid(100))
    site.write(facts)
    span = TimeRange(ms("2024-03-30 23:00"), ms("2024-03-31 22:00"), BERLIN)
    found = site.ask(Revenue(span, "EUR", unit)).chart
    assert [instant(each.start_ms) for each in found] == starts
    assert sum(each.sum for each in found) == 4


def test_the_hour_that_comes_twice_gives_two_buckets(site: Site) -> None:
    facts = site.facts().visit("ann", "2024-10-27 00:30", paid(100)).visit("ann", "2024-10-27 01:30", paid(200))
    site.write(facts)
    span = TimeRange(ms("2024-10-26 22:00"), ms("2024-10-27 23:00"), BERLIN)
    assert [instant(each.start_ms) for each in site.ask(Revenue(span, "EUR", Unit.HOUR)).chart] == [
        "27 00:00",
        "27 01:00",
    ]


def test_revenue_is_told_by_where_the_visitors_first_came_from(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", referrer="https://www.google.com/", referrer_type="search")
    facts.visit("ann", "2024-03-05 10:00", paid(1000), referrer="https://news.example/")
    facts.visit("bob", "2024-03-05 10:00", "/", paid(300))
    facts.visit("cleo", "2024-03-06 10:00", "/")
    site.write(facts)
    found = site.ask(RevenueSources(MARCH, "EUR"))
    assert site.ask(Audience(MARCH)) == 3
    assert found.referrers == [("google.com", 10)]
    assert found.channels == [("organicSearch", 10), ("direct", 3)]


# web vitals


def test_web_vitals_are_percentiles_between_the_nearest_values(site: Site) -> None:
    facts = site.facts()
    for lcp, at in (("1000", "04 10:00"), ("2000", "04 11:00"), ("4000", "05 10:00"), ("", "05 11:00")):
        properties = {"lcp": lcp, "cls": "0.1"} if lcp else {"cls": "0.3"}
        path = "/slow" if lcp == "4000" else "/"
        facts.event("__performance", f"2024-03-{at}", path=path, properties=properties, browser="Chrome")
    site.write(facts)
    summary, loads = site.ask(VitalsSummary(MARCH))
    assert loads == 4
    assert summary[Vital.LCP] == Percentiles(2000, 3000, 3800)
    assert summary[Vital.CLS] == Percentiles(0.1, 0.15, 0.27)
    assert summary[Vital.TTFB] == Percentiles(0, 0, 0)
    assert [(instant(start_ms), each.p50) for start_ms, each in site.ask(VitalsChart(MARCH))] == [
        ("04 00:00", 1500),
        ("05 00:00", 4000),
    ]
    assert site.ask(VitalsList(MARCH, Trait.PATH)) == [
        VitalsOf("/slow", Percentiles(4000, 4000, 4000), 1),
        VitalsOf("/", Percentiles(1500, 1750, 1950), 2),
    ]
    assert [(each.name, each.count) for each in site.ask(VitalsList(MARCH, Trait.BROWSER))] == [("Chrome", 3)]


def test_a_site_without_web_vitals(site: Site) -> None:
    summary, loads = site.ask(VitalsSummary(MARCH))
    assert (loads, summary[Vital.CLS]) == (0, Percentiles(0, 0, 0))
    assert site.ask(VitalsChart(MARCH, Vital.CLS, Unit.HOUR)) == []
    assert site.ask(VitalsList(MARCH, Trait.PATH)) == []
