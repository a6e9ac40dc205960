"""Events with what stands beside them: the person, the session, the groups, the time spent on a view.

A value is wanted by its canonical name (`fields.py`) under an alias; a missing one is NULL, '' or 0, a time is
in milliseconds. An event's
`duration` is the time until the session's next view, that of a `session_end` its session's, in milliseconds.
"""

from collections.abc import Iterable, Mapping

from sqlglot import exp

from footfall.model.event import SESSION_END
from footfall.query.compare import value_of
from footfall.query.fields import (
    GROUP_PREFIX,
    Field,
    FieldKind,
    event_field,
    group_field,
    profile_field,
    session_field,
)
from footfall.query.filters import DURATION, by_groups, in_range, on_events, touching
from footfall.query.operators import Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    both,
    column,
    equal,
    named,
    read,
    read_sessions,
    select,
    source,
)

ANY_EVENT = "*"
GROUP = "group_"
"""The column with one of an event's groups, where there is a row for each."""

_PERSON, _VISIT, _VIEW = "person_key", "visit_key", "view_key"


def field_of(name: str) -> Field:
    """What a canonical name means of an event or of what stands beside it."""
    if name == DURATION:
        return Field(FieldKind.NUMBER_OR_NONE, DURATION)
    found = event_field(name) or profile_field(name) or group_field(name) or session_field(name)
    assert found is not None, name
    return found


class EventRows:
    """Rows of the events of one name that pass the filters, to be told what to hold and then `query`ed."""

    def __init__(self, reader: Reader, span: TimeRange, name: str, filters: Filters) -> None:
        self._reader = reader
        self._span = span
        self._name = name
        self._filters = filters
        self._own: dict[str, Expr] = {}
        self._beside: dict[str, dict[str, Field]] = {}
        self._is_per_group = False

    def add(self, alias: str, value: Expr) -> None:
        """A value of the event's own columns."""
        self._own[alias] = value

    def want(self, alias: str, name: str) -> None:
        """A value by its canonical name, of whatever stands beside the event."""
        field = field_of(name)
        if profile_field(name):
            self._add_beside("profiles", alias, field)
        elif group_field(name):
            self.per_group()
            if name == f"{GROUP_PREFIX}id":
                self._beside.setdefault("", {})[alias] = field
            else:
                self._add_beside("groups", alias, field)
        elif name == DURATION:
            self._add_beside("sessions" if self._name == SESSION_END else "dwells", alias, field)
        elif event_field(name):
            self.add(alias, self._value(field))
        else:
            self._add_beside("sessions", alias, field)

    def per_group(self) -> None:
        """One row for each group of an event, with the column GROUP; none for an event without any."""
        self._is_per_group = True
        self.add(GROUP, self._reader.engine.each(column("groups")))

    def query(self) -> exp.Select:
        """The rows."""
        rows = read("events", [named(value, alias) for alias, value in self._own.items()], self._passes())
        if self._is_per_group:
            rows = self._of_groups(rows)
        for number, (table, wanted) in enumerate(self._beside.items()):
            if table:
                rows = _joined(rows, self._table(table, wanted), table, number, wanted)
            else:
                ids = [named(column(GROUP), alias) for alias in wanted]
                rows = select(exp.Star(), *ids).from_(source(rows, f"g{number}"), copy=False)
        return rows

    def _add_beside(self, table: str, alias: str, field: Field) -> None:
        self._beside.setdefault(table, {})[alias] = field
        if table == "profiles":
            self.add(_PERSON, column("profile_id"))
        elif table == "sessions":
            self.add(_VISIT, column("session_id"))
        elif table == "dwells":
            self.add(_VIEW, column("id"))

    def _value(self, field: Field) -> Expr:
        value = value_of(self._reader, field)
        return self._reader.engine.epoch_ms(value) if field.kind is FieldKind.TIME else value

    def _passes(self) -> Expr | None:
        by_name = None if self._name == ANY_EVENT else equal(column("name"), self._reader.text(self._name))
        return both(
            in_range(self._reader, self._span), by_name, on_events(self._reader, self._filters, self._span)
        )

    def _of_groups(self, rows: exp.Select) -> exp.Select:
        """Without the groups that the filters leave out."""
        of_groups = [asked for asked in self._filters.items if group_field(asked.name)]
        if not of_groups:
            return rows
        passes = both(*(by_groups(self._reader, asked, column(GROUP)) for asked in of_groups))
        return select(exp.Star()).from_(source(rows, "e"), copy=False).where(passes, copy=False)

    def _table(self, table: str, wanted: Mapping[str, Field]) -> exp.Query:
        values = [named(self._value(field), alias) for alias, field in wanted.items()]
        if table == "dwells":
            near = in_range(self._reader, self._span, "viewed_at")
            return read(table, [named(column("view_id"), "beside_key"), *values], near)
        key = named(column("id"), "beside_key")
        if table == "sessions":
            return read_sessions([key, *values], touching(self._reader, self._span))
        return read(table, [key, *values])


_KEYS = {"profiles": _PERSON, "sessions": _VISIT, "groups": GROUP, "dwells": _VIEW}


def _joined(rows: exp.Select, beside: exp.Query, table: str, number: int, aliases: Iterable[str]) -> exp.Select:
    """Each row with the values of the one that it belongs to, if there is one."""
    left, right = f"e{number}", f"b{number}"
    everything = exp.Column(this=exp.Star(), table=exp.to_identifier(left))
    query = select(everything, *(named(column(alias, right), alias) for alias in aliases))
    belongs = equal(column(_KEYS[table], left), column("beside_key", right))
    return query.from_(source(rows, left), copy=False).join(
        source(beside, right), on=belongs, join_type="left", copy=False
    )
