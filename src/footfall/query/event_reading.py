"""Events read out: a stretch of a selection, each event as a text of JSON and what is shown otherwise than stored.

Source: openpanel contract §9.1. Events of one millisecond are ordered by id, so that pages never overlap, whatever
their length.

duration    of a page view the time until the session's next, in ms, 0 for the last one; of `session_end` the
            session's duration, in ms; of other events 0
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import SCREEN_VIEW, SESSION_END
from footfall.query.event_selection import Selection
from footfall.query.filters import between
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    descending,
    equal,
    integer,
    largest,
    named,
    positions,
    read,
    select,
    source,
    within,
    word,
)
from footfall.query.timeline import Stretch
from footfall.store.base import Row
from footfall.store.schema import EVENTS, Kind

_END_SLACK_MS = 60_000
"""`session_end` is a second after its session's end; an imported one may be further off."""

_FEW = 5_000
"""So many views and sessions may be looked up to find those of a page: their ids would take longer."""

TOLD_APART = ("country", "device", "title", "properties")
"""Columns that come beside an event's JSON text, because they are shown otherwise than they are stored."""

_UNTOLD = "first_view"

COLUMNS = tuple(column for column in EVENTS.columns if column.name not in (*TOLD_APART, _UNTOLD))

Spelling = Callable[[str], str]
"""A column's name as a key."""


class EventText(Struct, frozen=True, array_like=True):
    """One event: `rest` is a text of JSON, an object of `COLUMNS` and `duration`; `properties` is one too."""

    name: str
    profile_id: str
    country: str
    device: str
    title: str
    properties: str
    rest: str


def read_events(
    reader: Reader, selection: Selection, span: Stretch, limit: int, skip: int, spelled: Spelling
) -> list[EventText]:
    """At most so many of the span's events, in order."""
    values = [*_apart(reader), named(reader.engine.json_object(timed_fields(reader, spelled)), "rest")]
    rows = rows_of_events(reader, selection, span, limit, skip, values)
    return [EventText(*row) for row in reader.rows(_in_order(rows, reader, "e"))]


def read_page(
    reader: Reader, selection: Selection, span: Stretch, limit: int, skip: int, spelled: Spelling
) -> list[EventText]:
    """The same of few events: how long each took is looked up, of all views and sessions of the span or by ids.

    An engine would plan the joins for longer than it reads the page.
    """
    ids = [reader.engine.as_text(column("id", "e")), column("session_id", "e")]
    rest = named(reader.engine.json_object(_fields(reader, spelled)), "rest")
    rows = select(*ids, *_apart(reader), rest)
    rows.from_(source(_chosen(reader, selection, span, limit, skip), "e"), copy=False)
    found, took = _timed(reader, selection, span, _in_order(rows, reader, "e"))
    key = spelled("duration")
    events = []
    for id_, session, name, *shown, rest in found:
        duration = took.get(name, {}).get(session if name == SESSION_END else id_, 0)
        events.append(EventText(*(name, *shown, f'{rest[:-1]},"{key}":{duration}}}')))
    return events


def _timed(
    reader: Reader, selection: Selection, span: Stretch, rows: exp.Select
) -> tuple[list[Row], dict[str, dict[str, int]]]:
    """The rows, and how long each view and each session took that ended, by the names of these and their ids."""
    if selection.is_by_name and span.rows <= _FEW:
        asked = {name: query(reader, span) for name, query in _LONGEST.items() if selection.may_have(name)}
        found, *longest = reader.rows_of_each(rows, *asked.values())
        return found, {name: _by_id(each) for name, each in zip(asked, longest, strict=True)}
    found = reader.rows(rows)
    ids: dict[str, list[str]] = {}
    for id_, session, name, *_ in found:
        ids.setdefault(name, []).append(session if name == SESSION_END else id_)
    asked = {name: query(reader, span, ids[name]) for name, query in _LONGEST.items() if name in ids}
    return found, {name: _by_id(reader.rows(query)) for name, query in asked.items()}


def rows_of_events(
    reader: Reader, selection: Selection, span: Stretch, limit: int, skip: int, values: Iterable[Expr]
) -> exp.Select:
    """What is to be read of at most so many of the span's events, `e`, beside how long they took."""
    rows = select(*values).from_(source(_chosen(reader, selection, span, limit, skip), "e"), copy=False)
    _join(rows, _looked(reader, span), "d", equal(column("view_id", "d"), column("id", "e")))
    _join(rows, _lasted(reader, span), "s", equal(column("id", "s"), column("session_id", "e")))
    return rows


def timed_fields(reader: Reader, spelled: Spelling) -> list[tuple[str, Expr]]:
    """The keys and values of `COLUMNS`, and the `duration`, of an event of `rows_of_events`."""
    is_end = equal(column("name", "e"), word(SESSION_END))
    duration = reader.engine.case([(is_end, column("lasted", "s"))], column("looked", "d"))
    return [
        *_fields(reader, spelled),
        (spelled("duration"), exp.Coalesce(this=duration, expressions=[integer(0)])),
    ]


def _fields(reader: Reader, spelled: Spelling) -> list[tuple[str, Expr]]:
    fields = []
    for each in COLUMNS:
        value: Expr = column(each.name, "e")
        if each.kind in (Kind.TIME, Kind.TIME_OR_NONE):
            value = reader.engine.iso_text(value)
        elif each.kind is Kind.ID:
            value = reader.engine.as_text(value)
        elif each.kind is Kind.FLOAT_OR_NONE:
            value = reader.engine.decimal(value)
        fields.append((spelled(each.name), value))
    return fields


def _apart(reader: Reader) -> list[Expr]:
    told = [column(name, "e") for name in ("name", "profile_id", "country", "device", "title")]
    return [*told, named(reader.engine.json_of(column("properties", "e")), "properties_")]


def _chosen(reader: Reader, selection: Selection, span: Stretch, limit: int, skip: int) -> exp.Select:
    """At most so many of the span's events; what is to be left out needn't be written down."""
    columns = [column(name) for name in EVENTS.names if name != _UNTOLD]
    chosen = selection.rows(reader, span, columns)
    if skip or span.rows > limit:
        _in_order(chosen, reader).limit(limit, copy=False).offset(skip, copy=False)
    return chosen


def _in_order(rows: exp.Select, reader: Reader, table: str | None = None) -> exp.Select:
    by_id = ascending(reader.engine.as_text(column("id", table)))
    return rows.order_by(descending(column("created_at", table)), by_id, copy=False)


def _by_id(rows: list[Row]) -> dict[str, int]:
    return {str(id_): duration for id_, duration in rows}


def _looked(reader: Reader, span: Stretch, ids: Sequence[str] | None = None) -> exp.Select:
    """How long the views of the span, or these of them, were looked at."""
    which = None
    if ids is not None:
        which = within(column("view_id"), select(reader.engine.as_id(_each(reader, ids))))
    viewed = between(reader, span.oldest.ms, span.newest.ms, "viewed_at")
    return _longest(column("view_id"), "looked", "dwells", both(viewed, which))


def _lasted(reader: Reader, span: Stretch, ids: Sequence[str] | None = None) -> exp.Select:
    """How long the sessions lasted that ended about then, or these of them."""
    which = within(column("id"), select(_each(reader, ids))) if ids is not None else None
    since_ms, until_ms = span.oldest.ms - _END_SLACK_MS, span.newest.ms + _END_SLACK_MS
    return _longest(
        column("id"), "lasted", "sessions", both(between(reader, since_ms, until_ms, "ended_at"), which)
    )


_LONGEST = {SCREEN_VIEW: _looked, SESSION_END: _lasted}
"""How long what has these names took."""


def _longest(id_: Expr, alias: str, table: str, where: Expr | None) -> exp.Select:
    rows = read(table, [id_, named(largest(column("duration")), alias)], where)
    return rows.group_by(*positions(1), copy=False)


def _each(reader: Reader, texts: Sequence[str]) -> Expr:
    """In a select list: a row for each of these texts, which have no line breaks."""
    return reader.engine.each(reader.engine.lines(reader.text("\n".join(texts))))


def _join(rows: exp.Select, other: exp.Select, alias: str, on: Expr) -> None:
    rows.join(source(other, alias), on=on, join_type="left", copy=False)
