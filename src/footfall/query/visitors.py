"""Visitors: the devices that did something in a range, one by one, together, and by hour of the week.

Page views and custom events count, each by its own time. Source: umami contract §4.3, §9.

visits     distinct visits (sessions) of the visitor's events
views      page views
events     custom events
first, last  when the first and the last of these events were
totaltime  whole seconds from a visit's first to its last event, summed over the visits
columns    browser, place and the like, as in the newest event
pageviews  of all together: events of both kinds; visitors, visits and countries are distinct ones
week       distinct visitors in each hour of the week on the clock of the range's zone, from Sunday on

The list is ordered by the last event, newest first, then by id.
"""

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import SCREEN_VIEW
from footfall.query.buckets import stretches
from footfall.query.conditions import NO_CONDITIONS, Check, Conditional, Conditions, Kind, counted, matching
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    at_least,
    both,
    column,
    count,
    descending,
    differ,
    distinct,
    either,
    equal,
    integer,
    largest,
    named,
    one_of,
    positions,
    read,
    select,
    smallest,
    source,
    total,
    within,
    word,
)
from footfall.query.view_traffic import is_somebody, who_of
from footfall.query.view_traits import Trait, trait
from footfall.store.base import Row

SHOWN = (
    *(Trait.HOSTNAME, Trait.BROWSER, Trait.OS, Trait.DEVICE, Trait.SCREEN, Trait.LANGUAGE),
    *(Trait.COUNTRY, Trait.REGION, Trait.CITY, Trait.DISTINCT_ID),
)
_SEARCHED = (Trait.DISTINCT_ID, Trait.CITY, Trait.BROWSER, Trait.OS, Trait.DEVICE)
_HOUR_MS = 3_600_000
_WEEK_HOURS = 7 * 24
_SUNDAY = 4 * 24  # 1970-01-01 was a Thursday, four days after a Sunday


class Visitor(Struct, frozen=True, kw_only=True):
    """One visitor. Times in ms UTC, `totaltime` in seconds; `traits` in the order of SHOWN, '' for none."""

    id: str
    first_ms: int
    last_ms: int
    visits: int
    views: int
    events: int
    totaltime: int
    traits: tuple[str, ...]


class VisitorList(Conditional, Struct, frozen=True, kw_only=True):
    """The question for a page of them, and how many there are.

    `id`: only this one. `paid_in`: only those with an event in the range that earned in this currency.
    """

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS
    search: str = ""
    id: str = ""
    paid_in: str = ""
    limit: int = 20
    offset: int = 0

    def answer(self, reader: Reader) -> tuple[list[Visitor], int]:
        """Whose page it is first, then these visitors alone."""
        if self.id:
            return _visitors(reader, self._where(reader), [self.id]), 1
        last = named(largest(column("created_at")), "last_at")
        rows = read("events", [column("device_id"), last], self._where(reader)).group_by(*positions(1), copy=False)
        rows.order_by(descending(column("last_at")), ascending(column("device_id")), copy=False)
        ids = [row[0] for row in reader.rows(rows.limit(self.limit, copy=False).offset(self.offset, copy=False))]
        if self.offset == 0 and len(ids) < self.limit:
            number = len(ids)
        else:
            whole = read("events", [named(distinct(who_of(reader)), "number")], self._where(reader))
            number = int(reader.rows(whole)[0][0])
        return (_visitors(reader, self._where(reader), ids) if ids else []), number

    def _where(self, reader: Reader) -> Expr | None:
        found = None
        if self.search:
            found = either(
                matching(reader, trait(reader, each), Check.CONTAINS, (self.search,)) for each in _SEARCHED
            )
        somebody = differ(column("device_id"), word(""))
        return both(counted(reader, Kind.ALL, self.range, self.conditions), somebody, found, self._paid(reader))

    def _paid(self, reader: Reader) -> Expr | None:
        if not self.paid_in:
            return None
        earns = both(differ(column("revenue"), integer(0)), equal(column("currency"), reader.text(self.paid_in)))
        rows = read("events", [who_of(reader)], both(counted(reader, Kind.ALL, self.range, NO_CONDITIONS), earns))
        return within(who_of(reader), rows)


class VisitorTotals(Struct, frozen=True):
    """All together."""

    pageviews: int
    visitors: int
    visits: int
    countries: int
    events: int


class VisitorSummary(Conditional, Struct, frozen=True):
    """The question for the totals."""

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> VisitorTotals:
        """One aggregation."""
        visit = named(reader.engine.key(column("session_id")), "visit")
        columns = [named(who_of(reader), "who"), visit, column("country"), column("name")]
        rows = read("events", columns, counted(reader, Kind.ALL, self.range, self.conditions))
        query = select(
            named(count(), "pageviews"),
            named(distinct(column("who"), is_somebody(reader)), "visitors"),
            named(distinct(column("visit"), is_somebody(reader, "visit")), "visits"),
            named(distinct(column("country"), differ(column("country"), word(""))), "countries"),
            named(count(differ(column("name"), word(SCREEN_VIEW))), "events_"),
        )
        return VisitorTotals(
            *(int(value or 0) for value in reader.rows(query.from_(source(rows, "e"), copy=False))[0])
        )


class VisitorWeek(Conditional, Struct, frozen=True):
    """The question for the hours of the week: seven lists, from Sunday's, of 24 numbers."""

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> list[list[int]]:
        """One aggregation."""
        somebody = differ(column("device_id"), word(""))
        where = both(counted(reader, Kind.ALL, self.range, self.conditions), somebody)
        values = [named(_hour_of_week(reader, self.range), "hour_"), named(distinct(who_of(reader)), "visitors")]
        rows = read("events", values, where).group_by(*positions(1), copy=False)
        found = {int(hour): int(visitors) for hour, visitors in reader.rows(rows)}
        return [[found.get(24 * day + hour, 0) for hour in range(24)] for day in range(7)]


def _visitors(reader: Reader, where: Expr | None, ids: list[str]) -> list[Visitor]:
    visits = _visits(reader, both(where, one_of(column("device_id"), map(reader.text, ids))))
    newest = [named(reader.engine.latest(column(f"t_{name}"), column("newest")), f"l_{name}") for name in SHOWN]
    in_visit = differ(column("session_id"), word(""))
    span = reader.engine.whole(exp.Sub(this=column("until"), expression=column("since")), 1000)
    query = select(
        column("device_id"),
        named(smallest(column("since")), "first_ms"),
        named(largest(column("until")), "last_ms"),
        named(count(in_visit), "visits"),
        named(total(column("seen")), "views_"),
        named(total(column("done")), "events_"),
        named(total(reader.engine.case([(in_visit.copy(), span)], integer(0))), "totaltime"),
        *newest,
    ).from_(source(visits, "v"), copy=False)
    query.group_by(*positions(1), copy=False)
    query.order_by(descending(column("last_ms")), ascending(column("device_id")), copy=False)
    return [_visitor(row) for row in reader.rows(query)]


def _visits(reader: Reader, where: Expr | None) -> exp.Select:
    engine, time = reader.engine, column("created_at")
    is_view = equal(column("name"), word(SCREEN_VIEW))
    values = [
        named(engine.epoch_ms(smallest(time)), "since"),
        named(engine.epoch_ms(largest(time.copy())), "until"),
        named(largest(engine.moment()), "newest"),
        named(count(is_view), "seen"),
        named(count(differ(column("name"), word(SCREEN_VIEW))), "done"),
        *(named(engine.latest(trait(reader, name), engine.moment()), f"t_{name}") for name in SHOWN),
    ]
    rows = read("events", [column("device_id"), column("session_id"), *values], where)
    return rows.group_by(*positions(2), copy=False)


def _visitor(row: Row) -> Visitor:
    id_, first_ms, last_ms, visits, views, events, totaltime = row[:7]
    return Visitor(
        id=str(id_),
        first_ms=int(first_ms),
        last_ms=int(last_ms),
        visits=int(visits),
        views=int(views),
        events=int(events),
        totaltime=int(totaltime),
        traits=tuple(map(str, row[7:])),
    )


def _hour_of_week(reader: Reader, span: TimeRange) -> Expr:
    ms = reader.engine.epoch_ms(column("created_at"))
    parts = [(start, exp.Add(this=ms.copy(), expression=integer(offset))) for start, offset in stretches(span)]
    later = [(at_least(ms.copy(), integer(start)), wall) for start, wall in reversed(parts[1:])]
    hours = reader.engine.whole(reader.engine.case(later, parts[0][1]), _HOUR_MS)
    shifted = exp.paren(exp.Add(this=hours, expression=integer(_SUNDAY)), copy=False)
    return exp.Mod(this=shifted, expression=integer(_WEEK_HOURS))
