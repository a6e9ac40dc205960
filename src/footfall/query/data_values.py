"""Data values: what events, or visitors, carry as data, by key, type and value (umami contract §1.5, §4.3).

Footfall's own properties are none, nor is that by which it describes a visitor (`model/event.py`). A value's type
shows in its text (`model/event_data.py`).

records     values of all keys, one for each event (or visitor) and key
events      events that carry data
properties  distinct keys
value       the text; a date is cut to its hour

Of events those of any kind count by their own time; of visitors the people and devices that have any event in the
range. Counts are ordered from the most, then by name, key, type and value.
"""

from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import DESCRIBED
from footfall.model.event_data import OWN, PATTERNS, STRINGS, DataType
from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, Kind, counted
from footfall.query.event_rows import are_data, has_data
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    call,
    column,
    count,
    descending,
    distinct,
    equal,
    integer,
    named,
    negate,
    one_of,
    positions,
    read,
    select,
    source,
    total,
    within,
    word,
)

_SETS = "sets"


class Part(StrEnum):
    """What values are told apart by."""

    NAME = "name"  # of the event
    KEY = "key"
    TYPE = "type"
    VALUE = "value"


class DataCount(Struct, frozen=True, kw_only=True):
    """How many values there are with these parts; what was not asked for is ''."""

    name: str = ""
    key: str = ""
    type: int = DataType.STRING
    value: str = ""
    number: int


class DataSummary(Struct, frozen=True):
    """What the data of all events comes to."""

    events: int
    properties: int
    records: int


class DataValues(Conditional, Struct, frozen=True, kw_only=True):
    """The question. `name` and `key`: of this event, of this key. `of_visitors`: what these have told."""

    range: TimeRange
    parts: tuple[Part, ...]
    conditions: Conditions = NO_CONDITIONS
    of_visitors: bool = False
    name: str = ""
    key: str = ""
    limit: int = 500

    def answer(self, reader: Reader) -> list[DataCount]:
        """One aggregation of the pairs of key and value, or of keys that are there together."""
        made = {Part.TYPE: _type(reader), Part.VALUE: _value(reader)}
        values = [named(made.get(part, column(part)), f"{part}_") for part in self.parts]
        if made.keys() & set(self.parts):
            found, number = self._pairs(reader), count()
        else:
            sets = _key_sets(self._rows(reader, [_keys_of(reader)]))
            found, number = _keys(reader, source(sets, "s")), total(column("rows_"))
        query = select(*values, named(number, "number")).from_(source(found, "p"), copy=False)
        query.where(self._wanted(reader), copy=False).group_by(*positions(len(values)), copy=False)
        order = (descending(column("number")), *map(ascending, positions(len(values))))
        rows = reader.rows(query.order_by(*order, copy=False).limit(self.limit, copy=False))
        return [
            DataCount(number=int(row[-1]), **dict(zip(map(str, self.parts), row[:-1], strict=True)))
            for row in rows
        ]

    def _pairs(self, reader: Reader) -> exp.Select:
        rows = self._rows(reader, _columns(reader))
        if not self.of_visitors:
            # To look at the keys of an event takes a third of the time of taking its properties apart.
            rows.where(has_data(reader), copy=False)
        return _pairs(reader, rows)

    def _rows(self, reader: Reader, columns: list[Expr]) -> exp.Select:
        return (_visitors if self.of_visitors else _events)(reader, self, columns)

    def _wanted(self, reader: Reader) -> Expr:
        own = negate(reader.engine.starts_with(column("key"), word(OWN)))
        key = equal(column("key"), reader.text(self.key)) if self.key else None
        told = negate(one_of(column("key"), map(word, DESCRIBED))) if self.of_visitors else None
        found = both(own, key, told)
        assert found is not None
        return found


class DataTotals(Conditional, Struct, frozen=True):
    """The question for what the data of events comes to."""

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> DataSummary:
        """Keys that are there together first: there are far fewer of such sets than events."""
        asked = DataValues(range=self.range, parts=(), conditions=self.conditions)
        events = named(total(column("rows_")), "events_")
        in_all = select(events).from_(exp.to_table(_SETS), copy=False)
        in_all.where(are_data(reader, column("keys_")), copy=False)
        keys = _keys(reader, exp.to_table(_SETS))
        by_key = select(named(distinct(column("key")), "properties_"), named(total(column("rows_")), "records"))
        by_key.from_(source(keys, "k"), copy=False)
        by_key.where(negate(reader.engine.starts_with(column("key"), word(OWN))), copy=False)
        query = select(*map(column, ("events_", "properties_", "records"))).from_(source(in_all, "e"), copy=False)
        query.join(source(by_key, "p"), join_type="cross", copy=False)
        query.with_(_SETS, as_=_key_sets(_events(reader, asked, [_keys_of(reader)])), copy=False)
        return DataSummary(*(int(each or 0) for each in reader.rows(query)[0]))


def _events(reader: Reader, asked: DataValues, columns: list[Expr]) -> exp.Select:
    is_named = equal(column("name"), reader.text(asked.name)) if asked.name else None
    where = both(counted(reader, Kind.ALL, asked.range, asked.conditions), is_named)
    return read("events", [*columns, column("name")], where)


def _visitors(reader: Reader, asked: DataValues, columns: list[Expr]) -> exp.Select:
    """The profiles of visitors who were there, known or not."""
    where = counted(reader, Kind.ALL, asked.range, asked.conditions)
    whose = [
        within(column("id"), read("events", [column(name)], where.copy() if where is not None else None))
        for name in ("profile_id", "device_id")
    ]
    return read("profiles", [*columns, named(word(""), "name")], exp.or_(*whose, copy=False))


def _keys_of(reader: Reader) -> Expr:
    return named(reader.engine.keys_of(column("properties")), "keys_")


def _key_sets(rows: exp.Select) -> exp.Select:
    """Which keys are there together, by name, and in how many rows."""
    sets = select(column("name"), column("keys_"), named(count(), "rows_")).from_(source(rows, "r"), copy=False)
    return sets.group_by(*positions(2), copy=False)


def _keys(reader: Reader, sets: Expr) -> exp.Select:
    """Rows of `name`, `key` and how many rows a set with it has, `rows_`."""
    key = named(reader.engine.each(column("keys_")), "key")
    return select(column("name"), column("rows_"), key).from_(sets, copy=False)


def _columns(reader: Reader) -> list[Expr]:
    properties = column("properties")
    return [
        named(reader.engine.entries(properties), "pairs"),
        named(reader.engine.property(properties.copy(), word(STRINGS)), "strings"),
    ]


def _pairs(reader: Reader, rows: exp.Select) -> exp.Select:
    """Rows of `name`, `strings`, `key` and `value`."""
    engine, same = reader.engine, ("name", "strings")
    each = select(*map(column, same), named(engine.each(column("pairs")), "pair"))
    each.from_(source(rows, "r"), copy=False)
    parts = [named(engine.member(column("pair"), place), name) for place, name in ((1, "key"), (2, "value"))]
    return select(*map(column, same), *parts).from_(source(each, "e"), copy=False)


def _type(reader: Reader) -> Expr:
    engine = reader.engine
    listed = call("concat", word("\n"), column("key"), word("\n"))
    is_string = engine.contains(column("strings"), listed)
    shown = [(engine.matches(column("value"), word(pattern)), integer(kind)) for kind, pattern in PATTERNS]
    return engine.case([(is_string, integer(DataType.STRING)), *shown], integer(DataType.STRING))


def _value(reader: Reader) -> Expr:
    is_date = equal(_type(reader), integer(DataType.DATE))
    hour = call("concat", call("substring", column("value"), integer(1), integer(13)), word(":00:00Z"))
    return reader.engine.case([(is_date, hour)], column("value"))
