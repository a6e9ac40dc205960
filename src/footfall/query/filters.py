"""Filters become conditions: on events, and on sessions. All of them must hold.

Source: openpanel contract §7.3, §8.2, §8.5.

profile.…    a field of the person behind the event or session; who has no profile has no values
group.…      a field of a group that it belongs to; any of its groups may pass, and for isNot, doesNotContain
             and isNull none may fail
on events    a column, a property, or, for a name that only sessions have, a column of the event's session;
             `duration` is the event's own: of a view the time until the session's next, of a `session_end`
             the session's, else 0
on sessions  a column (`origin`: the entry's). `path` and names that only events have select the sessions
             with any event for which all of these hold together; `path` may be the entry's path instead
"""

from collections.abc import Callable

from sqlglot import exp

from footfall.model.event import END_LAG_MS, SESSION_END
from footfall.query.compare import NEGATIONS, condition, condition_of
from footfall.query.fields import (
    ENTRY_FIELDS,
    Field,
    FieldKind,
    event_field,
    group_field,
    profile_field,
    session_field,
)
from footfall.query.operators import Filter, Filters, Operator
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    at_least,
    both,
    column,
    either,
    equal,
    integer,
    less,
    negate,
    read,
    read_sessions,
    within,
    word,
)

OPPOSITES = {**NEGATIONS, Operator.IS_NULL: Operator.IS_NOT_NULL}

DURATION = "duration"
_DURATION = Field(FieldKind.NUMBER, DURATION)

_START_SLACK_MS = 1000
"""`session_start` stands a tenth of a second before the session's first event (openpanel contract §5); one that
an import brought may stand further off."""


def in_range(reader: Reader, span: TimeRange, time: str = "created_at") -> Expr:
    """Whether a row's time is in the range."""
    return between(reader, span.start_ms, span.end_ms, time)


def between(reader: Reader, since_ms: int, until_ms: int, time: str = "created_at") -> Expr:
    """Whether a row's time is from one instant on and before another."""
    since = at_least(column(time), reader.instant(since_ms))
    return exp.and_(since, less(column(time), reader.instant(until_ms)), copy=False)


def on_events(reader: Reader, filters: Filters, span: TimeRange) -> Expr | None:
    """Which events of the range pass. None: all."""
    own, foreign = _own(reader, filters.without([DURATION]), lambda asked: event_field(asked.name))
    lasting = _by_duration(reader, filters.only([DURATION]), span)
    return both(*own, lasting, in_sessions(reader, foreign, span))


def on_sessions(reader: Reader, filters: Filters, span: TimeRange, *, by_entry: bool = False) -> Expr | None:
    """Which sessions that start in the range pass. `by_entry`: a path is the entry's. None: all."""
    own, foreign = _own(reader, filters, lambda asked: _field_of_session(asked, by_entry))
    if foreign.items:
        own.append(within(_key(reader, "id"), _sessions_with(reader, foreign, span)))
    return both(*own)


def _own(
    reader: Reader, filters: Filters, field_of: Callable[[Filter], Field | None]
) -> tuple[list[Expr], Filters]:
    """Conditions on a row's own fields, its person and its groups; and the filters about none of these."""
    own = []
    foreign = []
    for asked in filters.items:
        field = field_of(asked)
        if profile_field(asked.name):
            own.append(_by_profile(reader, asked))
        elif group_field(asked.name):
            own.append(by_groups(reader, asked))
        elif field is not None:
            own.append(condition(reader, field, asked))
        else:
            foreign.append(asked)
    return own, Filters(tuple(foreign))


def in_sessions(reader: Reader, filters: Filters, span: TimeRange) -> Expr | None:
    """Which events of the range belong to a session that passes. None: all, also those without a session."""
    if not filters.items:
        return None
    return within(_key(reader, "session_id"), _session_ids(reader, filters, span))


def _field_of_session(asked: Filter, by_entry: bool) -> Field | None:
    if asked.name == "origin" or (asked.name == "path" and by_entry):
        return ENTRY_FIELDS[asked.name]
    return session_field(asked.name)


def _by_profile(reader: Reader, asked: Filter) -> Expr:
    """Who has no profile fails what asks for a value and passes what asks for none."""
    field = profile_field(asked.name)
    assert field is not None
    test = condition(reader, field, asked)
    if not _takes_nothing(asked):
        return within(column("profile_id"), read("profiles", [column("id")], test))
    return negate(within(column("profile_id"), read("profiles", [column("id")], negate(test))))


def _takes_nothing(asked: Filter) -> bool:
    """Whether a missing value, which is '', passes."""
    if asked.operator in (Operator.IS, Operator.IS_NOT):
        return ("" in asked.values) == (asked.operator is Operator.IS)
    return asked.operator in OPPOSITES


def _by_duration(reader: Reader, filters: Filters, span: TimeRange) -> Expr | None:
    """How long an event took stands beside it: nobody knows it yet when the event is stored."""
    if not filters.items:
        return None
    is_end = equal(column("name"), word(SESSION_END))
    sessions = read("sessions", [_key(reader, "id")], touching(reader, span))
    views = read("dwells", [column("view_id")], in_range(reader, span, "viewed_at"))
    ends = both(is_end, _took(reader, filters, _key(reader, "session_id"), sessions))
    others = both(negate(is_end.copy()), _took(reader, filters, column("id"), views))
    return either([exp.paren(each, copy=False) for each in (ends, others) if each is not None])


def _took(reader: Reader, filters: Filters, key: Expr, known: exp.Select) -> Expr:
    """Whether what has the key took so long; what is not among the `known` took no time."""
    passing = known.copy()
    none_at_all = []
    for asked in filters.items:
        passing.where(condition(reader, _DURATION, asked), copy=False)
        none_at_all.append(condition_of(reader, integer(0), _DURATION, asked))
    unknown = both(*none_at_all, negate(within(key.copy(), known)))
    assert unknown is not None
    return either([within(key, passing), exp.paren(unknown, copy=False)])


def by_groups(reader: Reader, asked: Filter, one: Expr | None = None) -> Expr:
    """Whether any of the groups passes; `one`: whether this one, a column of ids, does."""
    field = group_field(asked.name)
    assert field is not None
    opposite = OPPOSITES.get(asked.operator)
    wanted = Filter(asked.name, opposite, asked.values, asked.type) if opposite else asked
    groups = read("groups", [column("id")], condition(reader, field, wanted))
    found = within(one, groups) if one is not None else reader.engine.overlaps(column("groups"), groups)
    return negate(found) if opposite else found


def touching(reader: Reader, span: TimeRange) -> Expr | None:
    """Whether a session can have an event in the range; its `session_end` comes after its last one."""
    return both(
        at_least(column("ended_at"), reader.instant(span.start_ms - END_LAG_MS)),
        less(column("created_at"), reader.instant(span.end_ms + _START_SLACK_MS)),
    )


def _session_ids(reader: Reader, filters: Filters, span: TimeRange) -> exp.Query:
    """The ids of the sessions that touch the range and pass."""
    passes = both(touching(reader, span), on_sessions(reader, filters, span))
    return read_sessions([_key(reader, "id")], passes)


def _sessions_with(reader: Reader, filters: Filters, span: TimeRange) -> exp.Query:
    """The ids of the sessions with an event that passes, which may come after the range's end."""
    conditions = [
        condition(reader, field, asked)
        for asked in filters.items
        if (field := event_field(asked.name)) is not None
    ]
    since = at_least(column("created_at"), reader.instant(span.start_ms - _START_SLACK_MS))
    return read("events", [_key(reader, "session_id")], both(since, *conditions))


def _key(reader: Reader, name: str) -> Expr:
    return reader.engine.key(column(name))
