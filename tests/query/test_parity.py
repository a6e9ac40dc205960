"""Both engines give the same answers: made-up events around the days on which clocks change, every question."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pytest

from footfall.model.event import REVENUE, SCREEN_VIEW
from footfall.query.active_users import ActiveUsers
from footfall.query.breakdown import Breakdown, Dimension
from footfall.query.buckets import Interval
from footfall.query.conversion import Conversion
from footfall.query.engagement import Engagement
from footfall.query.entry_exit import End, EntryExit
from footfall.query.event_names import EventNames
from footfall.query.event_properties import EventProperties, PropertyValues
from footfall.query.event_selection import PersonOf, Selection
from footfall.query.events import Events
from footfall.query.fields import event_field
from footfall.query.first import FirstEvent
from footfall.query.flow import Flow, Mode
from footfall.query.funnel import Funnel, Grouping, Step, Window
from footfall.query.groups import GroupList, OneGroup
from footfall.query.journey import Journeys
from footfall.query.live import Live
from footfall.query.operators import NO_FILTERS
from footfall.query.overview import Overview
from footfall.query.page_performance import PagePerformance
from footfall.query.pages import Pages
from footfall.query.profile import OnePerson, SessionsOfPerson
from footfall.query.profile_metrics import MetricsOfPerson
from footfall.query.profiles import ProfileList
from footfall.query.ranges import TimeRange, to_ms
from footfall.query.reader import Question
from footfall.query.retention import Cohorts, Criterion, WeeklyRetention
from footfall.query.series import Chart, Metric
from footfall.query.sessions import Sessions
from footfall.query.tallies import EventSeries, Segment
from footfall.query.view_traffic import Traffic, TrafficSeries, Unit
from footfall.query.views import SiteSessions, SiteViews
from footfall.store.base import Store
from support.facts import Did, Facts, did, paid, viewed
from support.stores import ENGINES, Site, only, open_store

CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),  # 23 hours
    ("Europe/Berlin", date(2026, 10, 25)),  # 25 hours
    ("America/Sao_Paulo", date(2018, 11, 4)),  # begins at 01:00
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour twice
]
HOUR_MS = 3_600_000
PATHS = ("/", "/a_b", "/a%b", "/preise/ü", "/日本", "/it's")
SOME = only("plan", "isNot", "pro", "ünï")
PATHS_WITH_A = only("path", "contains", "a")
PLANS = ("pro", "free", "9.5", "10", "PRO", "ünï")


class Weeks(NamedTuple):
    """The same fortnight in both engines: nine days before a change of the clock and four after it."""

    sites: dict[str, Site]
    facts: Facts
    span: TimeRange
    now_ms: int

    def ask(self, engine: str, question: Question[Any]) -> Any:
        """The answer without its classes: numbers to nine digits, JSON read."""
        return _plain(msgspec.to_builtins(self.sites[engine].ask(question), enc_hook=str))


def _plain(answer: Any) -> Any:
    if isinstance(answer, float):
        return float(f"{answer:.9g}")
    if isinstance(answer, str) and answer[:1] == "{":
        return json.loads(answer)
    if isinstance(answer, dict):
        return {key: _plain(value) for key, value in answer.items()}
    return [_plain(each) for each in answer] if isinstance(answer, list | tuple) else answer


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Store]]:
    folder = tmp_path_factory.mktemp("parity")
    opened = {engine: open_store(engine, folder / engine) for engine in ENGINES if not (folder / engine).mkdir()}
    yield opened
    for store in opened.values():
        store.close()


@pytest.fixture(scope="module", params=CHANGES, ids=lambda change: f"{change[0].split('/')[1]}-{change[1]}")
def weeks(request: pytest.FixtureRequest, stores: dict[str, Store]) -> Weeks:
    zone, day = ZoneInfo(request.param[0]), request.param[1]
    first, after = day - timedelta(days=9), day + timedelta(days=5)
    span = TimeRange(to_ms(first, zone), to_ms(after, zone), zone)
    sites = {engine: Site(store) for engine, store in stores.items()}
    project = sites["duckdb"].project
    facts = _made_up(project, span, random.Random(f"{zone} {day}"))
    for site in sites.values():
        site.project = project
        site.write(facts)
    return Weeks(sites, facts, span, span.end_ms - 60_000)


def _made_up(project: str, span: TimeRange, dice: random.Random) -> Facts:
    facts = Facts(project)
    for number in range(60):
        device, person = f"device-{number}", f"person-{number % 25}@ü" if number % 3 == 0 else ""
        where = {"country": dice.choice(("DE", "US", "")), "city": dice.choice(("Köln", "", "O'Fallon"))}
        came = {"referrer": dice.choice(("", "https://www.google.com/x", "https://t.co")), "browser": "Chrome"}
        for _ in range(dice.randrange(1, 5)):
            at = datetime.fromtimestamp(dice.randrange(span.start_ms, span.end_ms) / 1000, UTC).isoformat()
            user = person if dice.random() < 0.7 else ""
            groups = ("acme",) if user else ()
            facts.visit(device, at, *_things(dice), user=user, marks=True, groups=groups, **where, **came)
        if person:
            facts.person(person, "2017-01-01", properties={"plan": dice.choice(PLANS)}, groups=("acme",))
    return facts.group("acme", "2017-01-01", type="company", name="Acme")


def _things(dice: random.Random) -> Iterator[Did | int]:
    for _ in range(dice.randrange(1, 8)):
        kind = dice.randrange(10)
        if kind < 6:
            yield viewed(dice.choice(PATHS), "Ü", {"plan": dice.choice(PLANS)})
        elif kind < 9:
            yield did(dice.choice(("sign_up", "buy", "ping")), {"plan": dice.choice(PLANS), "tags.0": "x"})
        else:
            yield paid(dice.randrange(1, 10_000))
        yield dice.randrange(1, 1500)


def of_the_clock(weeks: Weeks) -> Iterator[Question[Any]]:
    """Every kind of question that asks what day it was."""
    span, now_ms = weeks.span, weeks.now_ms
    yield from (Overview(span, SOME, Interval.HOUR), Overview(span, PATHS_WITH_A, Interval.DAY))
    yield Overview(span, NO_FILTERS, Interval.WEEK)
    yield Chart(range=span, series=(EventSeries(name="*"),), interval=Interval.HOUR, previous=True)
    yield Chart(range=span, series=(EventSeries(name="*", segment=Segment.USER),), interval=Interval.WEEK)
    yield Conversion(span, Step(SCREEN_VIEW), Step("buy"), HOUR_MS, interval=Interval.HOUR, breakdown="country")
    yield from (WeeklyRetention(span), Engagement(span), ActiveUsers(span, 7))
    yield Cohorts(span, now_ms, Interval.DAY, criterion=Criterion.ON)
    yield Cohorts(span, now_ms, Interval.WEEK, first=("sign_up",), second=("buy", REVENUE))
    yield from (TrafficSeries(span, Unit.HOUR), TrafficSeries(span, Unit.DAY), SiteViews(span))
    yield MetricsOfPerson(("person-0@ü",), span.zone, ("buy",))


def others(weeks: Weeks) -> Iterator[Question[Any]]:
    """Every other kind of question, by what makes a difference."""
    span, now_ms, project = weeks.span, weeks.now_ms, weeks.facts.project
    yield from (Breakdown(span, dimension) for dimension in (Dimension.REFERRER, Dimension.CITY))
    yield from (EntryExit(span, End.EXIT), Pages(span), Pages(span, SOME), PagePerformance(span, search="ü"))
    yield from charts(span)
    yield from ways(span)
    selection = Selection(span, SOME, ("buy", REVENUE))
    yield from (Events(Selection(span), 20, 40), Events(selection, 20, 0))
    plan = event_field("properties.plan")
    assert plan is not None
    yield from (EventNames(), EventProperties(span), PropertyValues(span, "buy", plan))
    yield from (Live(now_ms), FirstEvent(), Sessions(span, SOME), GroupList(), OneGroup(("acme",)))
    yield ProfileList(now_ms=now_ms, performed_event="buy", min_sessions=2)
    for person in ("person-0@ü", "device-1"):
        yield from (PersonOf(person), OnePerson((person,), project, now_ms), SessionsOfPerson((person,)))
    yield from (Traffic(span), SiteSessions(span), Journeys(span, 4))


def charts(span: TimeRange) -> Iterator[Question[Any]]:
    """Every segment, told apart."""
    for segment in Segment:
        property = "properties.plan" if segment.startswith("property") else ""
        series = (EventSeries(name="*", segment=segment, property=property),)
        yield Chart(range=span, series=series, breakdowns=("country", "properties.plan"))
    series = (EventSeries(name=SCREEN_VIEW, filters=only("profile.properties.plan", "isNot", "pro")),)
    yield Chart(range=span, series=series, breakdowns=("group.name",), metric=Metric.COUNT)


def ways(span: TimeRange) -> Iterator[Question[Any]]:
    """Funnels and flows in all their modes."""
    steps = (Step(SCREEN_VIEW), Step("sign_up"), Step("buy", only("plan", "isNotNull")))
    yield from (Funnel(span, steps, 24 * HOUR_MS, by) for by in Grouping)
    yield Funnel(span, steps, HOUR_MS, Grouping.PROFILE, Window.OF_PREVIOUS)
    yield from (Flow(span, "sign_up", "buy", mode) for mode in Mode)


def differing(weeks: Weeks, questions: Iterator[Question[Any]]) -> list[Question[Any]]:
    """Where the engines differ."""
    answers = [(each, *(weeks.ask(engine, each) for engine in ENGINES)) for each in questions]
    silent = {type(each).__name__ for each, answer, _ in answers if not answer}
    assert silent <= {"Live"}, "nothing can't differ"
    return [each for each, first, second in answers if first != second]


def test_the_engines_agree_on_days_of_any_length(weeks: Weeks) -> None:
    assert differing(weeks, of_the_clock(weeks)) == []


@pytest.mark.parametrize("weeks", CHANGES[:1], indirect=True, ids=["Berlin"])
def test_the_engines_agree_on_everything_else(weeks: Weeks) -> None:
    assert differing(weeks, others(weeks)) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_days_and_weeks_are_those_of_the_wall_clock(weeks: Weeks, engine: str) -> None:
    days = [
        datetime.fromtimestamp(event.created_at / 1000, weeks.span.zone).date()
        for event in weeks.facts.events
        if event.name == SCREEN_VIEW and weeks.span.start_ms <= event.created_at < weeks.span.end_ms
    ]
    series = (EventSeries(name=SCREEN_VIEW),)
    for interval, firsts in (
        (Interval.DAY, days),
        (Interval.WEEK, [day - timedelta(days=day.weekday()) for day in days]),
    ):
        answer = weeks.sites[engine].ask(Chart(range=weeks.span, series=series, interval=interval))
        (line,) = answer.lines
        shown = {slot.label[:10]: value for slot, value in zip(answer.buckets, line.values, strict=True) if value}
        assert shown == {day.isoformat(): number for day, number in Counter(firsts).items()}
