"""Conditions: which events count, by their traits, by what else their visitor did, and by how long a visit was.

Source: umami contract §4.1. A missing trait passes no condition, also not one that asks for another value.

eq, neq      one of the values, none of them; letter by letter
c, dnc       with, without this part; in any case
re, nre      fits, does not fit this pattern (RE2); in any case
match any    one of the conditions is enough
group        conditions that were saved together: of them all must hold, or with `any` one; together they are one
cohort       only visitors who did something in a range of its own: viewed a path, or sent an event of a name
no bounces   only visits with two or more page views in the range
"""

from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import NOT_DONE, SCREEN_VIEW
from footfall.query.filters import in_range
from footfall.query.operators import Filter, Filters, Operator
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.shown_traits import NEVER_MISSING, shown
from footfall.query.sql import (
    Expr,
    both,
    column,
    count,
    differ,
    either,
    equal,
    integer,
    more,
    negate,
    one_of,
    positions,
    read,
    within,
    word,
)
from footfall.query.view_traits import Trait, trait


class Check(StrEnum):
    """How a trait and the values compare."""

    EQ = "eq"
    NEQ = "neq"
    CONTAINS = "c"
    WITHOUT = "dnc"
    PATTERN = "re"
    NOT_PATTERN = "nre"


_OPPOSITES = {Check.NEQ: Check.EQ, Check.WITHOUT: Check.CONTAINS, Check.NOT_PATTERN: Check.PATTERN}
_PATTERNS = (Check.PATTERN, Check.NOT_PATTERN)


class Kind(StrEnum):
    """Which events of a visitor."""

    VIEWS = "views"
    EVENTS = "events"  # custom events
    ALL = "all"


class Condition(Struct, frozen=True):
    """One test of one trait. Of several values one must pass, of a negation all."""

    trait: Trait
    test: Check
    values: tuple[str, ...]


class Group(Struct, frozen=True):
    """Conditions that count as one: all of them, or with `any` one."""

    items: tuple[Condition, ...]
    any: bool = False


Test = Condition | Group


class Cohort(Struct, frozen=True):
    """Who did something: viewed a page or sent an event for which these conditions hold."""

    range: TimeRange
    kind: Kind
    conditions: tuple[Test, ...] = ()


class Conditions(Struct, frozen=True):
    """All of them, or with `any` one of `items`; `kind` is a condition of its own."""

    items: tuple[Test, ...] = ()
    any: bool = False
    kind: Kind = Kind.ALL
    cohorts: tuple[Cohort, ...] = ()
    no_bounces: bool = False

    @property
    def patterns(self) -> Filters:
        """The patterns, to be checked before anything is asked."""
        tests = [*self.items, *(item for cohort in self.cohorts for item in cohort.conditions)]
        every = [item for each in tests for item in (each.items if isinstance(each, Group) else (each,))]
        found = [value for each in every if each.test in _PATTERNS for value in each.values]
        return Filters((Filter("path", Operator.REGEX, tuple(found)),) if found else ())


NO_CONDITIONS = Conditions()


class Conditional:
    """A question about the events that pass its `conditions`."""

    __slots__ = ()
    conditions: Conditions

    @property
    def filters(self) -> Filters:
        """The patterns to be checked."""
        return self.conditions.patterns


def counted(reader: Reader, kind: Kind, span: TimeRange, asked: Conditions) -> Expr | None:
    """Whether an event is of this kind and passes, in the range."""
    return both(in_range(reader, span), is_kind(kind), passing(reader, asked, span))


def is_kind(kind: Kind) -> Expr:
    """Whether an event is a page view, or something else that a visitor did."""
    if kind is Kind.VIEWS:
        return equal(column("name"), word(SCREEN_VIEW))
    others = NOT_DONE if kind is Kind.ALL else (SCREEN_VIEW, *NOT_DONE)
    return negate(one_of(column("name"), map(word, others)))


def passing(reader: Reader, asked: Conditions, span: TimeRange) -> Expr | None:
    """Whether an event passes. None: all do."""
    own = _joined(reader, asked.items, asked.any)
    kind = None if asked.kind is Kind.ALL else is_kind(asked.kind)
    cohorts = [_in_cohort(reader, each) for each in asked.cohorts]
    return both(own, kind, *cohorts, _is_no_bounce(reader, span) if asked.no_bounces else None)


def matching(reader: Reader, value: Expr, test: Check, values: tuple[str, ...]) -> Expr:
    """Whether a text passes a test that is no negation."""
    engine = reader.engine
    if test is Check.EQ:
        bound = [reader.text(each) for each in values]
        return equal(value, bound[0]) if len(bound) == 1 else one_of(value, bound)
    if test is Check.CONTAINS:
        return either(
            engine.contains(engine.lower(value.copy()), engine.lower(reader.text(each))) for each in values
        )
    return either(engine.matches(value.copy(), reader.text(f"(?i){each}")) for each in values)


def _joined(reader: Reader, items: tuple[Test, ...], any_of: bool) -> Expr | None:
    tests = [_test(reader, each) for each in items]
    present = [test for test in tests if test is not None]
    return either(present) if any_of and present else both(*present)


def _test(reader: Reader, asked: Test) -> Expr | None:
    if isinstance(asked, Group):
        found = _joined(reader, asked.items, asked.any)
        return None if found is None else exp.paren(found, copy=False)
    return _condition(reader, asked)


def _condition(reader: Reader, asked: Condition) -> Expr:
    value = _value(reader, asked)
    positive = _OPPOSITES.get(asked.test)
    present = None if asked.trait in NEVER_MISSING else differ(value.copy(), word(""))
    if positive is not None:
        found = both(present, negate(matching(reader, value, positive, asked.values)))
    else:
        found = both(present, matching(reader, value, asked.test, asked.values))
    assert found is not None
    return found


def _value(reader: Reader, asked: Condition) -> Expr:
    """A language is asked for as the list shows it, `en`, or as it was sent, `en-GB`."""
    if asked.trait is Trait.LANGUAGE and any("-" in value for value in asked.values):
        return trait(reader, asked.trait)
    return shown(reader, asked.trait)


def _in_cohort(reader: Reader, cohort: Cohort) -> Expr:
    where = counted(reader, cohort.kind, cohort.range, Conditions(cohort.conditions))
    who = reader.engine.key(column("device_id"))
    return within(who, read("events", [who.copy()], where))


def _is_no_bounce(reader: Reader, span: TimeRange) -> Expr:
    visit = reader.engine.key(column("session_id"))
    rows = read("events", [visit.copy()], both(in_range(reader, span), is_kind(Kind.VIEWS)))
    rows.group_by(*positions(1), copy=False).having(more(count(), integer(1)), copy=False)
    return within(visit, rows)
