"""Tallies: the events of one kind counted per time bucket and breakdown, in one statement.

The statement has three layers. First the rows are grouped by bucket, labels and, where people, sessions or
groups are counted, by these; that leaves far fewer rows, and two can be counted of them: what there is per
bucket, and who there is in the whole range. Last, the buckets of one label become one row, so that the engine
chooses the labels with most events and no others leave it.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlglot import exp

from footfall.model.times import iso_ms
from footfall.query.beside import GROUP, EventRows, field_of
from footfall.query.buckets import Interval, bucket_key
from footfall.query.engine import Engine
from footfall.query.fields import FieldKind
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    NUMBER_OR_NULL,
    Expr,
    ascending,
    column,
    count,
    descending,
    distinct,
    integer,
    largest,
    named,
    positions,
    select,
    smallest,
    source,
    total,
    word,
)

Label = str | int | float | tuple[str, ...]
"""A breakdown's value: text, the number of a column with numbers, or the values that a wildcard found."""

Values = tuple[Label, ...]


class Segment(StrEnum):
    """What is counted of the events in a bucket (openpanel contract §9.2.2)."""

    EVENT = "event"
    USER = "user"
    SESSION = "session"
    GROUP = "group"
    USER_AVERAGE = "user_average"
    ONE_EVENT_PER_USER = "one_event_per_user"
    PROPERTY_SUM = "property_sum"
    PROPERTY_AVERAGE = "property_average"
    PROPERTY_MAX = "property_max"
    PROPERTY_MIN = "property_min"


PER_PERSON = {Segment.USER, Segment.USER_AVERAGE, Segment.ONE_EVENT_PER_USER}
"""Segments that tell people apart anyway."""


class EventSeries(Struct, frozen=True, kw_only=True):
    """Events of one name, `*` for any, that pass the filters. `property` is canonical, '' for none."""

    name: str
    segment: Segment = Segment.EVENT
    property: str = ""
    filters: Filters = NO_FILTERS


class Tally(Struct, frozen=True):
    """What was counted with these labels, by bucket key. `people`: distinct in the range, if asked for."""

    labels: Values
    values: dict[int, float]
    people: int | None


class Cut(Struct, frozen=True):
    """How events are told apart: by time, and by fields with these canonical names. `most`: labels at most."""

    range: TimeRange
    interval: Interval
    breakdowns: tuple[str, ...] = ()
    with_people: bool = False
    most: int = 1000


def tally(reader: Reader, asked: EventSeries, cut: Cut) -> list[Tally]:
    """Every combination of labels that has an event, most events first."""
    statement = _Statement(reader, asked, cut)
    kinds = [field_of(name).kind for name in cut.breakdowns]
    found = []
    for *labels, people, pairs in reader.rows(statement.query()):
        values = {}
        for pair in pairs or ():
            slot, *measures = pair.values() if isinstance(pair, dict) else pair
            if slot >= 0:
                values[int(slot)] = _value(statement.segment, [float(measure or 0) for measure in measures])
        if values:
            shown = tuple(_label(kind, label) for kind, label in zip(kinds, labels, strict=True))
            found.append(Tally(shown, values, int(people) if statement.with_people else None))
    return found


def is_empty(label: Label) -> bool:
    """Whether it stands for no value at all (contract §9.2.3)."""
    return not label


def _value(segment: Segment, measures: Sequence[float]) -> float:
    if segment in (Segment.USER_AVERAGE, Segment.PROPERTY_AVERAGE):
        whole, number = measures
        return whole / number if number else 0.0
    return measures[0]


def _label(kind: FieldKind, raw: Any) -> Label:
    if kind is FieldKind.PROPERTIES:
        return tuple(map(str, raw or ()))
    if kind is FieldKind.TIME:
        return iso_ms(int(raw)) if raw else ""
    if isinstance(raw, float):
        return int(raw) if raw.is_integer() else round(raw, 6)
    return raw if isinstance(raw, str | int) else str(raw)


_MEASURES = {
    Segment.EVENT: ("rows_",),
    Segment.USER: ("visitor",),
    Segment.SESSION: ("session_",),
    Segment.GROUP: (GROUP,),
    Segment.USER_AVERAGE: ("rows_", "visitor"),
    Segment.ONE_EVENT_PER_USER: ("rows_",),
    Segment.PROPERTY_SUM: ("total_",),
    Segment.PROPERTY_AVERAGE: ("total_", "rows_"),
    Segment.PROPERTY_MAX: ("most",),
    Segment.PROPERTY_MIN: ("least",),
}
"""What the answer is made of: a key, of which different ones are counted, or what `_PARTS` adds up."""

_KEYS = ("visitor", "session_", GROUP)
_PROPERTY_SEGMENTS = {segment for segment in Segment if segment.startswith("property")}
_ALL = -1
"""Stands for the whole range where a bucket's key stands; those are never negative."""


def _present(name: str) -> Expr:
    return exp.Not(this=exp.Is(this=column(name), expression=exp.Null()))


class _Statement:
    def __init__(self, reader: Reader, asked: EventSeries, cut: Cut) -> None:
        self.segment = asked.segment
        if asked.segment in _PROPERTY_SEGMENTS and not asked.property:
            self.segment = Segment.EVENT
        self.with_people = cut.with_people or self.segment in PER_PERSON
        self._reader = reader
        self._asked = asked
        self._cut = cut
        self._labels = [f"label{number}" for number in range(len(cut.breakdowns))]
        self._kinds = [field_of(name).kind for name in cut.breakdowns]
        self._measures = _MEASURES[self.segment]
        wanted = {*self._measures, *(["visitor"] if self.with_people else [])}
        self._keys = [key for key in _KEYS if key in wanted]

    def query(self) -> exp.Query:
        """One row per combination of labels: these, people, and the list of (bucket, measures)."""
        grouped = self._grouped(self._rows())
        per_slot: exp.Query = self._per_slot()
        if self.with_people:
            per_slot = exp.Union(this=per_slot, expression=self._in_all(), distinct=False)
        pair = self._engine.tuple_of([column("slot_"), *(column(f"{name}_n") for name in self._measures)])
        rank = total(column(f"{self._measures[0]}_n"))
        labels = [f"{label}_" for label in self._labels]
        query = select(
            *map(column, labels),
            named(largest(column("people")), "people_"),
            named(self._engine.gathered(pair), "pairs"),
        ).from_(source(per_slot, "t"), copy=False)
        if labels:
            order = [descending(rank), *(ascending(column(label)) for label in labels)]
            query.group_by(*map(column, labels), copy=False)
            query.order_by(*order, copy=False).limit(self._cut.most, copy=False)
        return query.with_("grouped", as_=grouped, copy=False)

    @property
    def _engine(self) -> Engine:
        return self._reader.engine

    # -- the rows

    def _rows(self) -> exp.Select:
        """One row per event, or per value of it that counts."""
        rows = EventRows(self._reader, self._cut.range, self._asked.name, self._asked.filters)
        is_latest = self.segment is Segment.ONE_EVENT_PER_USER
        if is_latest:
            rows.add("happened", column("created_at"))
        else:
            rows.add("slot", self._slot(column("created_at")))
        if "visitor" in self._keys:
            rows.add("visitor", self._key("profile_id"))
        if "session_" in self._keys:
            rows.add("session_", self._key("session_id"))
        if GROUP in self._keys:
            rows.per_group()
        for alias, name in zip(self._labels, self._cut.breakdowns, strict=True):
            rows.want(alias, name)
        if self.segment in _PROPERTY_SEGMENTS:
            rows.want("amount", self._asked.property)
            return self._amounts(rows.query())
        return self._latest(rows.query()) if is_latest else rows.query()

    def _key(self, name: str) -> Expr:
        """Who or what it is, as short as can be; NULL for nobody."""
        nobody = self._engine.key(word(""))
        return exp.Nullif(this=self._engine.key(column(name)), expression=nobody)

    def _slot(self, time: Expr) -> Expr:
        return bucket_key(self._engine, time, self._cut.range, self._cut.interval)

    def _amounts(self, rows: exp.Select) -> exp.Select:
        """Those that have a number, as `amount_`."""
        kind = field_of(self._asked.property).kind
        amount: Expr = column("amount")
        kept = [column(name) for name in ("slot", *self._labels, *self._keys)]
        if kind is FieldKind.PROPERTIES:
            rows = select(*(each.copy() for each in kept), named(self._engine.each(amount), "one")).from_(
                source(rows, "l"), copy=False
            )
            amount = column("one")
        if kind not in (FieldKind.NUMBER, FieldKind.NUMBER_OR_NONE):
            amount = self._engine.number_or_null(self._engine.as_text(amount))
        number = exp.Cast(this=amount, to=NUMBER_OR_NULL.copy())
        numbers = select(*kept, named(self._engine.finite_or_null(number), "amount_")).from_(
            source(rows, "a"), copy=False
        )
        return select(exp.Star()).from_(source(numbers, "n"), copy=False).where(_present("amount_"), copy=False)

    def _latest(self, rows: exp.Select) -> exp.Select:
        """Each person's latest event; of two at the same time the one whose labels come last."""
        shown = [self._shown(label, kind) for label, kind in zip(self._labels, self._kinds, strict=True)]
        # A tuple takes the engine three times as long as a time.
        newest: Expr = self._engine.tuple_of([column("happened"), *shown]) if shown else column("happened")
        people = select(column("visitor"), named(largest(newest), "latest")).from_(source(rows, "o"), copy=False)
        people.where(_present("visitor"), copy=False).group_by(column("visitor"), copy=False)
        time: Expr = self._engine.member(column("latest"), 1) if shown else column("latest")
        labels = [
            named(self._engine.member(column("latest"), number), label)
            for number, label in enumerate(self._labels, start=2)
        ]
        slot = named(self._slot(time), "slot")
        return select(slot, column("visitor"), *labels).from_(source(people, "p"), copy=False)

    # -- the layers

    def _grouped(self, rows: exp.Select) -> exp.Select:
        """By bucket, labels as they are stored, and keys."""
        columns = [column(name) for name in ("slot", *self._labels, *self._keys)]
        parts = [named(count(), "rows_")] if "rows_" in self._measures else []
        if self.segment in _PROPERTY_SEGMENTS:
            amount = column("amount_")
            parts += [
                named(total(amount), "total_"),
                named(largest(amount.copy()), "most"),
                named(smallest(amount.copy()), "least"),
            ]
        query = select(*columns, *parts).from_(source(rows, "r"), copy=False)
        return query.group_by(*positions(len(columns)), copy=False)

    def _per_slot(self) -> exp.Select:
        """By bucket and labels as they are shown."""
        measures = [named(self._measured(name), f"{name}_n") for name in self._measures]
        query = select(
            *self._shown_labels(), named(column("slot"), "slot_"), *measures, named(integer(0), "people")
        )
        query.from_(exp.to_table("grouped"), copy=False)
        return query.group_by(*positions(len(self._labels) + 1), copy=False)

    def _in_all(self) -> exp.Select:
        """The people of the whole range by labels as they are shown."""
        nothing = [named(integer(0), f"{name}_n") for name in self._measures]
        people = named(distinct(column("visitor")), "people")
        query = select(*self._shown_labels(), named(integer(_ALL), "slot_"), *nothing, people)
        query.from_(exp.to_table("grouped"), copy=False)
        return query.group_by(*positions(len(self._labels)), copy=False) if self._labels else query

    def _measured(self, name: str) -> Expr:
        if name in _KEYS:
            # Where nothing but this key was grouped by, each row is another one.
            is_single = self._keys == [name] and FieldKind.REFERRER not in self._kinds
            return exp.Count(this=column(name)) if is_single else distinct(column(name))
        return {"most": largest, "least": smallest}.get(name, total)(column(name))

    def _shown_labels(self) -> list[Expr]:
        pairs = zip(self._labels, self._kinds, strict=True)
        return [named(self._shown(label, kind), f"{label}_") for label, kind in pairs]

    def _shown(self, label: str, kind: FieldKind) -> Expr:
        """Never NULL: a label that is missing is empty. What is shown already stays as it is."""
        value: Expr = column(label)
        if kind is FieldKind.PROPERTIES:
            return value
        if kind is FieldKind.REFERRER:
            return self._engine.host(value)
        if kind in (FieldKind.NUMBER, FieldKind.NUMBER_OR_NONE, FieldKind.TIME):
            return exp.Coalesce(this=value, expressions=[integer(0)])
        if kind in (FieldKind.FLAG, FieldKind.ID):
            value = self._engine.as_text(value)
        return exp.Coalesce(this=value, expressions=[word("")])
