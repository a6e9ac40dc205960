"""Trait values: the page views of a range by one of their traits, or events by name, most first.

Source: umami contract §4.3, §9. Only page views in the range that pass the conditions count.

visitors   distinct visitors (devices) with this value
views      page views with this value
the rest   of the visits with this value what `view_traffic.py` says of all: pageviews, visits, bounces, totaltime
entry      the path of a visit's first of these page views; `views` is how many visits have it
exit       the path of its last one
channel    by what kind of door a page view came in (`channels.py`)
event      custom events by name; `views` is how many there are
country    of a region or city: where it is
counts     in a list to choose from (`/values`): events of any kind with the value

Values are ordered by what is counted, then by country and value. '' is left out unless it is asked for.
"""

from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.query.channels import channel, told_by
from footfall.query.conditions import NO_CONDITIONS, Check, Conditional, Conditions, Kind, counted, matching
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.shown_traits import shown
from footfall.query.sql import (
    Expr,
    ascending,
    column,
    count,
    descending,
    differ,
    distinct,
    named,
    positions,
    read,
    select,
    source,
    word,
)
from footfall.query.view_traffic import (
    VISIT_COLUMNS,
    TrafficNumbers,
    is_somebody,
    measures,
    numbers,
    visits_of,
    who_of,
)
from footfall.query.view_traits import Trait


class End(StrEnum):
    """Which end of a visit."""

    ENTRY = "entry"
    EXIT = "exit"


class Channel(StrEnum):
    """The one trait that is made of several."""

    CHANNEL = "channel"


Told = Trait | End | Channel
_ABOVE = (Trait.REGION, Trait.CITY)


class TraitValue(Struct, frozen=True):
    """A value, where it is, its page views (or events) and its distinct visitors."""

    name: str
    country: str
    views: int
    visitors: int


class TraitTraffic(Struct, frozen=True):
    """A value, where it is, and its headline numbers."""

    name: str
    country: str
    numbers: TrafficNumbers


class TraitValues(Conditional, Struct, frozen=True, kw_only=True):
    """The question: `limit` values from `offset` on that have `search` in them, in any case.

    `by_views`: ordered by page views, not by visitors. `with_none`: '' is a value. `kind`: of which events.
    """

    range: TimeRange
    told: Told
    conditions: Conditions = NO_CONDITIONS
    search: tuple[str, ...] = ()
    by_views: bool = False
    with_none: bool = False
    kind: Kind = Kind.VIEWS
    limit: int = 500
    offset: int = 0

    def answer(self, reader: Reader) -> list[TraitValue]:
        """One aggregation, of the visits where it is about their ends."""
        query = select(
            column("label"),
            column("above"),
            named(count(), "views"),
            named(distinct(column("who"), is_somebody(reader)), "visitors"),
        ).from_(source(self._rows(reader), "p"), copy=False)
        query.group_by(*positions(2), copy=False)
        query.where(_wanted(reader, self.search, self.with_none), copy=False)
        first, second = ("views", "visitors") if self.by_views else ("visitors", "views")
        order = (descending(column(first)), descending(column(second)))
        rows = _part(query, order, self.limit, self.offset)
        return [TraitValue(name, above, int(views), people) for name, above, views, people in reader.rows(rows)]

    def _rows(self, reader: Reader) -> exp.Select:
        """Rows of `label`, `above`, `who`."""
        where = counted(reader, self.kind, self.range, self.conditions)
        if isinstance(self.told, End):
            visits = source(_by_end(reader, self.told, where), "v")
            return select(*map(column, ("label", "above", "who"))).from_(visits, copy=False)
        who, labels = named(who_of(reader), "who"), _labels(reader, self.told)
        if isinstance(self.told, Channel):
            views = source(read("events", [*told_by(reader), who], where), "w")
            return select(*labels, column("who")).from_(views, copy=False)
        return read("events", [*labels, who], where)


class TraitTraffics(Conditional, Struct, frozen=True, kw_only=True):
    """The question for the headline numbers of each value, ordered by visitors, then visits."""

    range: TimeRange
    told: Told
    conditions: Conditions = NO_CONDITIONS
    search: tuple[str, ...] = ()
    kind: Kind = Kind.VIEWS
    limit: int = 500
    offset: int = 0

    def answer(self, reader: Reader) -> list[TraitTraffic]:
        """By value and visit first, then by value."""
        where = counted(reader, self.kind, self.range, self.conditions)
        if isinstance(self.told, End):
            visits = _by_end(reader, self.told, where)
        elif isinstance(self.told, Channel):
            rows = read("events", [*told_by(reader), *map(column, VISIT_COLUMNS)], where)
            visits = visits_of(reader, None, *_labels(reader, self.told), of=rows)
        else:
            visits = visits_of(reader, where, *_labels(reader, self.told))
        query = select(column("label"), column("above"), *measures(reader))
        query.from_(source(visits, "v"), copy=False).group_by(*positions(2), copy=False)
        query.where(_wanted(reader, self.search, with_none=False), copy=False)
        order = (descending(column("visitors")), descending(column("visits")))
        found = reader.rows(_part(query, order, self.limit, self.offset))
        return [TraitTraffic(row[0], row[1], numbers(row[2:])) for row in found]


def _labels(reader: Reader, told: Trait | Channel) -> list[Expr]:
    value = channel(reader.engine) if isinstance(told, Channel) else shown(reader, told)
    return [named(value, "label"), named(column("country") if told in _ABOVE else word(""), "above")]


def _by_end(reader: Reader, end: End, where: Expr | None) -> exp.Select:
    """The visits as `visits_of` has them, each with the path where it began or ended."""
    pick = reader.engine.earliest if end is End.ENTRY else reader.engine.latest
    rows = visits_of(reader, where)
    path = pick(column("path"), reader.engine.moment())
    return rows.select(named(path, "label"), named(word(""), "above"), copy=False)


def _wanted(reader: Reader, search: tuple[str, ...], with_none: bool) -> Expr:
    tests = [] if with_none else [differ(column("label"), word(""))]
    if search:
        tests.append(matching(reader, column("label"), Check.CONTAINS, search))
    return exp.and_(exp.true(), *tests, copy=False)


def _part(query: exp.Select, order: tuple[Expr, ...], limit: int, offset: int) -> exp.Select:
    query.order_by(*order, ascending(column("above")), ascending(column("label")), copy=False)
    return query.limit(limit, copy=False).offset(offset, copy=False)
