"""User flow: what sessions did after an event, before it, or between it and another one.

Source: openpanel contract §8.6, §12.2.

node           an event at a step; the same event again right after itself is one step
value          of a node: sessions that were there at that step; of a link: those that went from one to the other
percentage     of the sessions of the flow that were at the node, 2 decimals
step           from 1, where the flow begins; `before` the last step is the start event
node_count     how many nodes are shown; link_count: how many links
sessions       those of the flow: with the start event and, `between`, with the end event after it

After: from a session's first start event on. Before: up to its first start event. Between: from the first
start event to the first end event after it. Each node shows its three largest links, and no link of less than
0.25 % of the sessions. The marks `session_start` and `session_end` and what a page measures of itself are left
out unless they are asked for by name. Events in the range count, in the order of their times and, at the same
millisecond, of their ids.
"""

from collections import Counter
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import NOT_DONE
from footfall.query.filters import in_range
from footfall.query.journey import sequences
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.overview import percent
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    count,
    descending,
    equal,
    integer,
    named,
    negate,
    one_of,
    positions,
    read,
    select,
    source,
    within,
)

MAX_LINKS = 3
LEAST_SHARE = 0.0025
MAX_PATHS = 100_000
"""Different ways that are looked at, those of most sessions first."""


class Mode(StrEnum):
    """Which part of a session is shown."""

    AFTER = "after"
    BEFORE = "before"
    BETWEEN = "between"


class Node(Struct, frozen=True):
    """An event at a step."""

    name: str
    step: int
    value: int
    percentage: float


class Link(Struct, frozen=True):
    """From an event at `step` to one at the next."""

    step: int
    source: str
    target: str
    value: int


class FlowAnswer(Struct, frozen=True):
    """Nodes and links by step, the largest first."""

    sessions: int
    nodes: list[Node]
    links: list[Link]


class Flow(Struct, frozen=True):
    """The question. `include`, if any: only these events besides start and end. Neither of them is excluded."""

    range: TimeRange
    start: str
    end: str = ""
    mode: Mode = Mode.AFTER
    steps: int = 5
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> FlowAnswer:
        """Read the ways, and draw the ones that most took."""
        rows = reader.rows(_ways(reader, self))
        ways = [(tuple(names), int(sessions)) for names, sessions, _ in rows]
        return _drawn(ways, int(rows[0][2]) if rows else 0, self)


def _ways(reader: Reader, asked: Flow) -> exp.Select:
    """Different ways, their sessions, and the sessions of all ways. Before: from the start event backwards."""
    engine = reader.engine
    rows = sequences(reader, asked.range, column("name"), _is_shown(reader, asked))
    place = engine.place(column("labels"), reader.text(asked.start))
    if asked.mode is Mode.BEFORE:
        part = engine.backwards(engine.slice(column("labels"), integer(1), place))
    else:
        part = engine.slice(column("labels"), place)
    parts = select(named(part, "part")).from_(source(rows, "s"), copy=False)
    parts.where(engine.has(column("labels"), reader.text(asked.start)), copy=False)
    if asked.mode is Mode.BETWEEN:
        parts = _up_to_end(reader, parts, reader.text(asked.end))
    way = engine.slice(engine.collapsed(column("part")), integer(1), integer(asked.steps))
    all_sessions = exp.Window(this=exp.Sum(this=count()))
    query = select(named(way, "way"), named(count(), "sessions"), named(all_sessions, "all_sessions"))
    query.from_(source(parts, "p"), copy=False).group_by(*positions(1), copy=False)
    query.order_by(descending(column("sessions")), ascending(column("way")), copy=False)
    return query.limit(MAX_PATHS, copy=False)


def _up_to_end(reader: Reader, parts: exp.Select, end: Expr) -> exp.Select:
    """The parts that have the end event after their first, cut behind it."""
    engine = reader.engine
    rest = engine.slice(column("part"), integer(2))
    until = exp.Add(this=engine.place(rest.copy(), end), expression=integer(1))
    cut = select(named(engine.slice(column("part"), integer(1), until), "part"))
    return cut.from_(source(parts, "q"), copy=False).where(engine.has(rest, end.copy()), copy=False)


def _is_shown(reader: Reader, asked: Flow) -> Expr | None:
    """The events to look at, of the sessions that have the start event at all."""
    ends = {asked.start, asked.end} - {""}
    begun = both(in_range(reader, asked.range), equal(column("name"), reader.text(asked.start)))
    session = reader.engine.key(column("session_id"))
    of_those = within(session, read("events", [session.copy()], begun))
    if asked.include:
        return both(of_those, _is_named(reader, {*asked.include, *ends}))
    left_out = {*asked.exclude, *NOT_DONE} - ends
    return both(of_those, negate(_is_named(reader, left_out)))


def _is_named(reader: Reader, names: set[str]) -> Expr:
    return one_of(column("name"), [reader.text(name) for name in sorted(names)])


def _drawn(ways: list[tuple[tuple[str, ...], int]], sessions: int, asked: Flow) -> FlowAnswer:
    """From the start event outwards; `before`, a link's source is the farther one."""
    is_before = asked.mode is Mode.BEFORE
    there: list[Counter[str]] = [Counter() for _ in range(asked.steps)]
    went: list[Counter[tuple[str, str]]] = [Counter() for _ in range(asked.steps - 1)]
    for names, number in ways:
        for place, name in enumerate(names):
            there[place][name] += number
        for place, pair in enumerate(pairwise(names)):
            went[place][pair] += number
    nodes, links = [], []
    shown = [asked.start] if ways else []
    for place in range(asked.steps):
        step = asked.steps - place if is_before else place + 1
        at_step = [Node(name, step, there[place][name], percent(there[place][name], sessions)) for name in shown]
        nodes.append(sorted(at_step, key=lambda node: (-node.value, node.name)))
        if place + 1 == asked.steps:
            break
        pairs = _largest(went[place], shown, LEAST_SHARE * sessions)
        links.append(
            [
                Link(step - 1, far, near, value) if is_before else Link(step, near, far, value)
                for (near, far), value in pairs
            ]
        )
        shown = list(dict.fromkeys(far for (_, far), _ in pairs))
    by_step = slice(None, None, -1 if is_before else 1)
    return FlowAnswer(
        sessions,
        [node for each in nodes[by_step] for node in each],
        [link for each in links[by_step] for link in each],
    )


def _largest(went: Counter[tuple[str, str]], near: list[str], least: float) -> list[tuple[tuple[str, str], int]]:
    """The three largest links of each of these nodes."""
    ordered = sorted(went.items(), key=lambda pair: (-pair[1], pair[0]))
    taken: Counter[str] = Counter()
    found = []
    for (name, far), value in ordered:
        if name in near and taken[name] < MAX_LINKS and value >= least:
            taken[name] += 1
            found.append(((name, far), value))
    return found
