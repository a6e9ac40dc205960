"""Goals: how often something was reached, and by how many visitors.

Source: umami contract §5.11. Events belong to the range by their own time; the marks of sessions and what a page
measures of itself count nowhere.

views           events on a page, of any name, not of page views alone
events          events of a name that is not a page view's
sum, average    of a property over the events of a name that have it as a number, and not as a text that looks
                like one, the sum to 4 decimals; 0 if none has
count           events of a name that have the property
num             distinct devices with a page view of the path, or an event of the name; a path or name that begins
                or ends with `*` stands for all that end or begin with the rest
total           distinct devices with any event, under the same filters
"""

from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.model.event_data import STRINGS, list_of
from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, Kind, counted, is_kind
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    both,
    column,
    count,
    differ,
    distinct,
    either,
    equal,
    named,
    read,
    select,
    source,
    total,
    word,
)

_DECIMALS = 4  # what Umami keeps of a number; sums of binary fractions have more


class GoalKind(StrEnum):
    """What a goal counts."""

    PATH = "path"
    EVENT = "event"
    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"


class Goal(Struct, frozen=True):
    """What is to be reached: a path or an event's name, and for some kinds a property of the event."""

    kind: GoalKind
    value: str
    property: str = ""


class GoalCounts(Conditional, Struct, frozen=True):
    """The question how often each goal was reached."""

    range: TimeRange
    goals: tuple[Goal, ...]
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> list[float]:
        """In the order of the goals: a statement for all that are counted, one for each with a property."""
        plain = [goal for goal in self.goals if not goal.property]
        found = dict(zip(plain, self._counted(reader, plain), strict=True)) if plain else {}
        return [self._of_property(reader, goal) if goal.property else found[goal] for goal in self.goals]

    def _counted(self, reader: Reader, goals: list[Goal]) -> list[int]:
        wanted = either([_is_event_of(reader, goal) for goal in goals])
        measures = [named(count(_is_event_of(reader, goal)), f"goal{place}") for place, goal in enumerate(goals)]
        return [int(each or 0) for each in reader.rows(read("events", measures, self._where(reader, wanted)))[0]]

    def _of_property(self, reader: Reader, goal: Goal) -> float:
        engine = reader.engine
        text = engine.property(column("properties"), reader.text(goal.property))
        strings = engine.property(column("properties"), word(STRINGS))
        values = [named(text, "text"), named(strings, "strings")]
        rows = source(read("events", values, self._where(reader, _is_event_of(reader, goal))), "e")
        is_string = engine.contains(column("strings"), reader.text(list_of([goal.property])))
        shown = engine.case([(is_string, word(""))], column("text"))
        number = engine.finite_or_null(engine.number_or_null(shown))
        numbers = source(
            select(named(number, "number"), column("text"))
            .from_(rows, copy=False)
            .where(differ(column("text"), word("")), copy=False),
            "n",
        )
        measures = [count(), total(column("number")), exp.Count(this=column("number"))]
        query = select(*(named(each, f"m{place}") for place, each in enumerate(measures)))
        rows_, whole, number_ = reader.rows(query.from_(numbers, copy=False))[0]
        if goal.kind is GoalKind.COUNT:
            return int(rows_)
        if goal.kind is GoalKind.SUM:
            return round(float(whole or 0), _DECIMALS)
        return float(whole) / number_ if number_ else 0

    def _where(self, reader: Reader, wanted: Expr) -> Expr | None:
        return both(counted(reader, Kind.ALL, self.range, self.conditions), wanted)


class GoalVisitors(Conditional, Struct, frozen=True):
    """The question how many visitors of all reached a goal: (num, total)."""

    range: TimeRange
    goal: Goal
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> tuple[int, int]:
        """One pass over all events of the range."""
        device = named(reader.engine.key(column("device_id")), "visitor")
        did = named(_reaches(reader, self.goal), "did")
        is_somebody = differ(column("device_id"), word(""))
        where = both(counted(reader, Kind.ALL, self.range, self.conditions), is_somebody)
        rows = source(read("events", [device, did], where), "e")
        num, every = distinct(column("visitor"), column("did")), distinct(column("visitor"))
        query = select(named(num, "num"), named(every, "every")).from_(rows, copy=False)
        reached, of_all = reader.rows(query)[0]
        return int(reached), int(of_all)


def _is_event_of(reader: Reader, goal: Goal) -> Expr:
    if goal.kind is GoalKind.PATH:
        return equal(column("path"), reader.text(goal.value))
    return exp.and_(is_kind(Kind.EVENTS), equal(column("name"), reader.text(goal.value)), copy=False)


def _reaches(reader: Reader, goal: Goal) -> Expr:
    if goal.kind is GoalKind.PATH:
        return exp.and_(is_kind(Kind.VIEWS), fits(reader, column("path"), goal.value), copy=False)
    return exp.and_(is_kind(Kind.EVENTS), fits(reader, column("name"), goal.value), copy=False)


def fits(reader: Reader, value: Expr, pattern: str) -> Expr:
    """Whether the text is the pattern; a `*` at its beginning or end stands for anything, or nothing."""
    engine = reader.engine
    part = reader.text(pattern.removeprefix("*").removesuffix("*"))
    begins, ends = pattern.startswith("*"), pattern.endswith("*")
    if begins and ends:
        return engine.contains(value, part)
    if begins:
        return engine.ends_with(value, part)
    return engine.starts_with(value, part) if ends else equal(value, part)
