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
chains that are further on never began earlier. Who has no second step after his first is left out of it, which
most are. Of the first steps whose window all of a group's later steps are within, the earliest is enough: what
follows another one follows it too.
"""

from collections.abc import Callable, Sequence
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
    largest,
    more,
    named,
    negate,
    read,
    read_sessions,
    select,
    smallest,
    source,
    word,
)

ANY_EVENT = ("", "*")
"""Names that every event has."""

BEGUN = "begun"
_LATER = "later"
_STARTS = "starts"
_KNOWN = "known"


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
        counts = [
            _all_of(BEGUN, who),
            *(_all_of(f"level_{number}", who) for number in range(2, len(self.steps) + 1)),
        ]
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
    """The query beside the tables `begun` (who, at, more_columns), of first steps, and `level_2`, … (who)."""
    if asked.by is Grouping.PROFILE:
        query.with_(_KNOWN, as_=_known_sessions(reader, asked.range), copy=False)
    # Two scans, because DuckDB reads the rows of one name fast, and those of any of several slowly.
    query.with_(BEGUN, as_=_done(reader, asked, asked.steps[:1], more_columns), copy=False)
    if len(asked.steps) < 2:
        return query
    query.with_(_LATER, as_=_later(reader, asked), copy=False)
    query.with_(_STARTS, as_=_starts(asked), copy=False)
    query.with_("level_1", as_=_first_level(reader, asked), copy=False)
    for number in range(2, len(asked.steps) + 1):
        query.with_(f"level_{number}", as_=_level(reader, asked, number), copy=False)
    return query


def _later(reader: Reader, asked: Funnel) -> exp.Select:
    """The events of all steps but the first, with a truth for each."""
    steps = asked.steps[1:]
    passes = (_is_step(reader, step, asked.range) for step in steps)
    return _done(reader, asked, steps, [named(each, f"step_{number}") for number, each in enumerate(passes, 2)])


def _done(reader: Reader, asked: Funnel, steps: Sequence[Step], more_columns: Sequence[Expr]) -> exp.Select:
    """The events that are any of the steps: of which group, when in milliseconds, and the columns."""
    columns = [named(reader.engine.epoch_ms(column("created_at")), "at"), *more_columns]
    is_any = either([_is_step(reader, step, asked.range) for step in steps])
    where = both(in_range(reader, asked.range), is_any)
    if asked.by is Grouping.PROFILE:
        return _by_person(reader, columns, where)
    who = named(reader.engine.key(column(asked.by)), "who")
    return read("events", [who, *columns], both(where, differ(column(asked.by), word(""))))


def _is_step(reader: Reader, step: Step, span: TimeRange) -> Expr:
    is_named = None if step.name in ANY_EVENT else equal(column("name"), reader.text(step.name))
    kind = None if step.kind is None else is_kind(step.kind)
    properties = (_passes(reader, each) for each in step.properties)
    own = on_events(reader, step.filters, span)
    tests = both(is_named, kind, own, *properties, passing(reader, step.conditions, span))
    return tests or exp.true()


def _passes(reader: Reader, asked: PropertyTest) -> Expr:
    value = reader.engine.property(column("properties"), reader.text(asked.key))
    found = matching(reader, value.copy(), asked.test, asked.values)
    return exp.and_(differ(value, word("")), negate(found) if asked.is_not else found, copy=False)


def _by_person(reader: Reader, columns: list[Expr], where: Expr | None) -> exp.Select:
    """Who it was, and the columns: the person of the event's session if that is known, else the event's own."""
    own = named(reader.engine.key(column("profile_id")), "own")
    visit = named(reader.engine.key(column("session_id")), "visit")
    # A scan by itself, because in one that is joined the store does not see the range.
    rows = source(read("events", [own, visit, *columns], where), "e")
    known = [(equal(column("is_known"), integer(1)), column("known_as"))]
    who = named(reader.engine.case(known, column("own")), "who")
    people = select(who, *(column(each.alias) for each in columns)).from_(rows, copy=False)
    same = equal(column("visit"), column("of_session"))
    people.join(exp.to_table(_KNOWN), join_type="LEFT", on=same, copy=False)
    is_somebody = differ(column("who"), reader.engine.key(word("")))
    return select(exp.Star()).from_(source(people, "p"), copy=False).where(is_somebody, copy=False)


def _known_sessions(reader: Reader, span: TimeRange) -> exp.Query:
    """The sessions of known people; `is_known` tells one from none in both engines."""
    columns = [
        named(reader.engine.key(column("id")), "of_session"),
        named(reader.engine.key(column("profile_id")), "known_as"),
        named(integer(1), "is_known"),
    ]
    return read_sessions(columns, both(touching(reader, span), differ(column("profile_id"), column("device_id"))))


def _starts(asked: Funnel) -> exp.Select:
    """The first steps after which the second one was done, and when the last of all later ones was."""
    second = named(largest(column("at"), column("step_2")), "last_second")
    ends = select(column("who"), named(largest(column("at")), "last_at"), second)
    ends.from_(exp.to_table(_LATER), copy=False).group_by(column("who"), copy=False)
    rows = select(column("who", "b"), column("at", "b"), column("last_at", "l"))
    rows.from_(exp.to_table(BEGUN, alias="b"), copy=False)
    rows.join(source(ends, "l"), on=equal(column("who", "b"), column("who", "l")), copy=False)
    return rows.where(_follows(asked)(column("last_second", "l"), column("at", "b")), copy=False)


def _first_level(reader: Reader, asked: Funnel) -> exp.Union:
    """With which of them it is enough to begin."""
    took = exp.Sub(this=column("last_at"), expression=column("at"))
    is_short = exp.LTE(this=took, expression=reader.integer(asked.window_ms))
    long = select(column("who"), column("at"), named(column("at"), "since"))
    long.from_(exp.to_table(_STARTS), copy=False).where(negate(is_short), copy=False)
    short = select(column("who"), named(smallest(column("at")), "first_at"))
    short.from_(exp.to_table(_STARTS), copy=False).where(is_short.copy(), copy=False)
    short.group_by(column("who"), copy=False)
    earliest = select(column("who"), column("first_at"), named(column("first_at"), "since"))
    return exp.union(long, earliest.from_(source(short, "f"), copy=False), distinct=False, copy=False)


def _level(reader: Reader, asked: Funnel, number: int) -> exp.Select:
    """The events with which a group reached this step, and since when its window is counted."""
    of_first = asked.window is Window.OF_FIRST
    here, before = column("at", "e"), column("at", "l")
    follows = _follows(asked)(here, before)
    took = exp.Sub(this=here.copy(), expression=column("since", "l"))
    in_time = exp.LTE(this=took, expression=reader.integer(asked.window_ms))
    since = column("since", "l") if of_first else here.copy()
    rows = select(column("who", "e"), here.copy(), named(since, "since"))
    rows.from_(exp.to_table(_LATER, alias="e"), copy=False)
    latest = exp.Join(
        this=exp.to_table(f"level_{number - 1}", alias="l"),
        method="ASOF",
        on=exp.and_(equal(column("who", "e"), column("who", "l")), follows, copy=False),
    )
    rows.append("joins", latest)
    return rows.where(both(column(f"step_{number}", "e"), in_time), copy=False)


def _follows(asked: Funnel) -> Callable[[Expr, Expr], Expr]:
    """Whether a time is after another."""
    return more if asked.window is Window.OF_FIRST else at_least


def _all_of(table: str, value: Expr) -> exp.Select:
    return select(value.copy()).from_(exp.to_table(table), copy=False)
