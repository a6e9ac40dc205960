"""Funnel: how many got how far through a list of steps, one after the other.

Source: openpanel contract §9.3, §8.6, README decision "funnel order"; umami contract §5.12.

count, users              groups (sessions, profiles or visitors) that reached this step
total                     those at the first step; elsewhere called totalSessions, totalUsers
previousCount             those at the step before; at the first step, itself
percent                   of the total; elsewhere called conversionRateFromStart, 2 decimals
dropoff_count             those that reached the step before and not this one; 0 at the first
dropoff_percent           the same in percent of those at the step before
completedUsers            those at the last step
overallConversionRate     the same in percent of the total, 2 decimals
session                   events of one session; events without a session are in none
profile                   events of one person: his session's profile in the end, so that steps before the
                          sign-in count
visitor                   events of one device

A group reaches a step with an event that passes the step's tests and comes after the step before it:

within the first's window     strictly later in milliseconds, at most `window_ms` after the chain's first event.
                              Any of a group's first steps may start the chain: a late one may succeed where
                              an earlier one did not.
within the previous' window   at the same instant or later, at most `window_ms` after the event of the step
                              before: two equal steps may be one event, and the window begins again at each step

Every event counts whose own time is in the range; a chain that goes on after the range's end is cut there.

The chain is an ASOF join a step: the latest event of the step before is the best one to come from, because
chains that are further on never began earlier. Who has no second step is left out of it, which most are.
"""

from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.query.conditions import NO_CONDITIONS, Check, Conditions, Kind, is_kind, matching, passing
from footfall.query.filters import in_range, on_events, touching
from footfall.query.operators import NO_FILTERS, Filter, Filters, Operator
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    at_least,
    both,
    column,
    differ,
    distinct,
    either,
    equal,
    integer,
    more,
    named,
    negate,
    read,
    read_sessions,
    select,
    source,
    within,
    word,
)

ANY_EVENT = ("", "*")
"""Names that every event has."""

MATCHED = "matched"
_HOPEFUL = "hopeful"


class Grouping(StrEnum):
    """Whose events make one chain."""

    SESSION = "session_id"
    PROFILE = "profile_id"
    VISITOR = "device_id"


class Window(StrEnum):
    """What the window is counted from, and whether two steps may be at the same instant."""

    OF_FIRST = "of the first step"
    OF_PREVIOUS = "of the step before"


class PropertyTest(Struct, frozen=True):
    """Events that have the property with a value that passes, or with `is_not` one that does not."""

    key: str
    test: Check
    values: tuple[str, ...]
    is_not: bool = False


class Step(Struct, frozen=True):
    """An event by its name, `*` or nothing for any, that passes the filters and the other tests.

    `kind`: only what visitors did themselves, which the marks of a session are not; None: any event.
    """

    name: str = ""
    filters: Filters = NO_FILTERS
    kind: Kind | None = None
    properties: tuple[PropertyTest, ...] = ()
    conditions: Conditions = NO_CONDITIONS


class Reached(Struct, frozen=True):
    """How many groups reached a step: `previous` the step before, of the first one itself, `total` the first."""

    count: int
    previous: int
    total: int

    @property
    def percent(self) -> float:
        """Of the total, not rounded; 0 of nothing."""
        return 100 * self.count / self.total if self.total else 0

    @property
    def dropoff_count(self) -> int:
        """Those that were lost since the step before."""
        return self.previous - self.count

    @property
    def dropoff_percent(self) -> float:
        """The same of those that reached the step before, not rounded; 0 of nothing."""
        return 100 - 100 * self.count / self.previous if self.previous else 0


class Funnel(Struct, frozen=True):
    """The question, of at least one step."""

    range: TimeRange
    steps: tuple[Step, ...]
    window_ms: int
    by: Grouping = Grouping.SESSION
    window: Window = Window.OF_FIRST

    @property
    def filters(self) -> Filters:
        """Those of all steps, and their patterns."""
        of_steps = (each for step in self.steps for each in (step.filters, step.conditions.patterns))
        return Filters(tuple(item for each in of_steps for item in each.items))

    def answer(self, reader: Reader) -> list[Reached]:
        """How many groups reached each step."""
        who = distinct(column("who"))
        firsts = select(who).from_(exp.to_table(MATCHED), copy=False).where(column("step_1"), copy=False)
        counts = [firsts, *(_all_of(f"level_{number}", who) for number in range(2, len(self.steps) + 1))]
        query = select(*(named(exp.Subquery(this=each), f"count_{at}") for at, each in enumerate(counts, 1)))
        found = [int(count) for count in reader.rows(with_levels(reader, self, query))[0]]
        return [Reached(count, before, found[0]) for count, before in zip(found, [found[0], *found], strict=False)]


def page_step(value: str) -> Step:
    """Whatever was done on a path; a `*` at its start or end stands for anything (umami contract §5.12)."""
    return Step(filters=Filters((_wild("path", value),)), kind=Kind.ALL)


def event_step(value: str) -> Step:
    """A custom event by its name, with `*` as in a path."""
    return Step(filters=Filters((_wild("name", value),)), kind=Kind.EVENTS)


def _wild(name: str, value: str) -> Filter:
    inner = value.removeprefix("*").removesuffix("*") if value != "*" else ""
    begins, ends = value.startswith("*"), value.endswith("*")
    if not inner and (begins or ends):
        return Filter(name, Operator.IS_NOT_NULL)
    operators = {
        (False, False): Operator.IS,
        (True, False): Operator.ENDS_WITH,
        (False, True): Operator.STARTS_WITH,
        (True, True): Operator.CONTAINS,
    }
    return Filter(name, operators[begins, ends], (inner,))


def with_levels(reader: Reader, asked: Funnel, query: exp.Select, *more_columns: Expr) -> exp.Select:
    """The query beside the tables `matched` (who, at, step_1, …, more_columns) and `level_2`, … (who)."""
    query.with_(MATCHED, as_=_matched(reader, asked, more_columns), copy=False)
    if len(asked.steps) < 2:
        return query
    query.with_(_HOPEFUL, as_=_hopeful(asked), copy=False)
    query.with_("level_1", as_=_first_level(), copy=False)
    for number in range(2, len(asked.steps) + 1):
        query.with_(f"level_{number}", as_=_level(reader, asked, number), copy=False)
    return query


def _matched(reader: Reader, asked: Funnel, more_columns: tuple[Expr, ...]) -> exp.Select:
    """The events that are any of the steps, and of which: group, milliseconds, a truth for each step."""
    passes = [_is_step(reader, step, asked.range) or exp.true() for step in asked.steps]
    at = named(reader.engine.epoch_ms(column("created_at")), "at")
    columns = [at, *(named(each, f"step_{number}") for number, each in enumerate(passes, 1)), *more_columns]
    # Said once more, because a filter over the steps' columns would be looked at for every event.
    is_any = either([each.copy() for each in passes])
    where = both(in_range(reader, asked.range), is_any)
    if asked.by is Grouping.PROFILE:
        return _by_person(reader, asked.range, columns, where)
    who = named(reader.engine.key(column(asked.by)), "who")
    return read("events", [who, *columns], both(where, differ(column(asked.by), word(""))))


def _is_step(reader: Reader, step: Step, span: TimeRange) -> Expr | None:
    is_named = None if step.name in ANY_EVENT else equal(column("name"), reader.text(step.name))
    kind = None if step.kind is None else is_kind(step.kind)
    properties = (_passes(reader, each) for each in step.properties)
    own = on_events(reader, step.filters, span)
    return both(is_named, kind, own, *properties, passing(reader, step.conditions, span))


def _passes(reader: Reader, asked: PropertyTest) -> Expr:
    value = reader.engine.property(column("properties"), reader.text(asked.key))
    found = matching(reader, value.copy(), asked.test, asked.values)
    return exp.and_(differ(value, word("")), negate(found) if asked.is_not else found, copy=False)


def _by_person(reader: Reader, span: TimeRange, columns: list[Expr], where: Expr | None) -> exp.Select:
    """The columns and who it was: the person of the event's session if that is known, else the event's own."""
    own = [
        named(reader.engine.key(column("profile_id")), "own"),
        named(differ(column("profile_id"), word("")), "has_own"),
        named(reader.engine.key(column("session_id")), "visit"),
    ]
    # A scan by itself, because in one that is joined the store does not see the range.
    rows = source(read("events", [*own, *columns], where), "e")
    is_known = equal(column("is_known"), integer(1))
    who = named(reader.engine.case([(is_known, column("known_as"))], column("own")), "who")
    query = select(who, *(column(each.alias) for each in columns)).from_(rows, copy=False)
    same = equal(column("visit"), column("of_session"))
    query.join(source(_known_sessions(reader, span), "s"), join_type="LEFT", on=same, copy=False)
    return query.where(either([column("has_own"), is_known.copy()]), copy=False)


def _known_sessions(reader: Reader, span: TimeRange) -> exp.Query:
    """The sessions of known people; `is_known` tells one from none in both engines."""
    columns = [
        named(reader.engine.key(column("id")), "of_session"),
        named(reader.engine.key(column("profile_id")), "known_as"),
        named(integer(1), "is_known"),
    ]
    return read_sessions(columns, both(touching(reader, span), differ(column("profile_id"), column("device_id"))))


def _hopeful(asked: Funnel) -> exp.Select:
    """The steps of whoever did the second one at all."""
    names = ["who", "at", *(f"step_{number}" for number in range(1, len(asked.steps) + 1))]
    got_on = select(column("who")).from_(exp.to_table(MATCHED), copy=False).where(column("step_2"), copy=False)
    rows = select(*map(column, names)).from_(exp.to_table(MATCHED), copy=False)
    return rows.where(within(column("who"), got_on), copy=False)


def _first_level() -> exp.Select:
    since = named(column("at"), "since")
    rows = select(column("who"), column("at"), since).from_(exp.to_table(_HOPEFUL), copy=False)
    return rows.where(column("step_1"), copy=False)


def _level(reader: Reader, asked: Funnel, number: int) -> exp.Select:
    """The events with which a group reached this step, and since when its window is counted."""
    of_first = asked.window is Window.OF_FIRST
    here, before = column("at", "e"), column("at", "l")
    follows = (more if of_first else at_least)(here, before)
    took = exp.Sub(this=here.copy(), expression=column("since", "l"))
    in_time = exp.LTE(this=took, expression=reader.integer(asked.window_ms))
    since = column("since", "l") if of_first else here.copy()
    rows = select(column("who", "e"), here.copy(), named(since, "since"))
    rows.from_(exp.to_table(_HOPEFUL, alias="e"), copy=False)
    latest = exp.Join(
        this=exp.to_table(f"level_{number - 1}", alias="l"),
        method="ASOF",
        on=exp.and_(equal(column("who", "e"), column("who", "l")), follows, copy=False),
    )
    rows.append("joins", latest)
    return rows.where(both(column(f"step_{number}", "e"), in_time), copy=False)


def _all_of(table: str, value: Expr) -> exp.Select:
    return select(value.copy()).from_(exp.to_table(table), copy=False)
