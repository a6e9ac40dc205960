"""Who was active when: what retention, engagement and active users are counted from.

A person is active at the beginning and at the end of a session, and with an event outside of any session.
This reads five times fewer rows than all events do; a session of more than two days, which only a machine
has, leaves out the days between. Where events are named or must pass a condition, a person is active with these
alone.
"""

from enum import StrEnum

from sqlglot import exp

from footfall.query.buckets import Interval, bucket_key
from footfall.query.conditions import Kind, is_kind
from footfall.query.filters import in_range
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    differ,
    either,
    equal,
    integer,
    less,
    named,
    one_of,
    read,
    read_sessions,
    select,
    source,
    word,
)


class People(StrEnum):
    """Who is counted."""

    KNOWN = "known"  # profiles that are not just a device
    PROFILES = "profiles"  # anonymous ones, whose profile is the device, too
    DEVICES = "devices"


def activity(
    reader: Reader,
    span: TimeRange,
    interval: Interval,
    people: People,
    names: tuple[str, ...] = (),
    where: Expr | None = None,
) -> exp.Query:
    """Rows of `who` (a key) and `slot` (of a bucket), some of them more than once.

    `names`: of these events; `where`: of events that pass it.
    """
    if names or where is not None:
        which = one_of(column("name"), [reader.text(name) for name in names]) if names else is_kind(Kind.ALL)
        return _of_events(reader, span, interval, people, both(which, where))
    rows = [
        _of_sessions(reader, span, interval, people, "created_at"),
        _of_sessions(reader, span, interval, people, "ended_at"),
        _of_events(reader, span, interval, people, both(is_kind(Kind.ALL), equal(column("session_id"), word("")))),
    ]
    return exp.union(*rows, distinct=False, copy=False)


def active_slots(rows: exp.Query) -> exp.Select:
    """Rows of `who`, `slot` and `following`, who's next slot or one that is not after it; each once."""
    once = select(column("who"), column("slot")).from_(source(rows, "r"), copy=False).distinct(copy=False)
    one_on = exp.WindowSpec(
        kind="ROWS", start=integer(1), start_side="FOLLOWING", end=integer(1), end_side="FOLLOWING"
    )
    following = exp.Window(
        this=exp.Min(this=column("slot")),
        partition_by=[column("who")],
        order=exp.Order(expressions=[ascending(column("slot"))]),
        spec=one_on,
    )
    return select(column("who"), column("slot"), named(following, "following")).from_(
        source(once, "o"), copy=False
    )


def _of_sessions(reader: Reader, span: TimeRange, interval: Interval, people: People, time: str) -> exp.Query:
    slot = bucket_key(reader.engine, column(time), span, interval)
    is_other = None
    if time == "ended_at":
        began = bucket_key(reader.engine, column("created_at"), span, interval)
        is_other = either([differ(slot.copy(), began), less(column("created_at"), reader.instant(span.start_ms))])
    who = reader.engine.key(column("device_id")) if people is People.DEVICES else reader.engine.visitor()
    where = both(in_range(reader, span, time), is_other, _is_one(people))
    return read_sessions([named(who, "who"), named(slot, "slot")], where)


def _of_events(
    reader: Reader, span: TimeRange, interval: Interval, people: People, which: Expr | None
) -> exp.Query:
    slot = bucket_key(reader.engine, column("created_at"), span, interval)
    if people is People.DEVICES:
        who = reader.engine.key(column("device_id"))
    else:
        who = reader.engine.visitor_of(column("profile_id"))
    where = both(in_range(reader, span), which, _is_one(people))
    return read("events", [named(who, "who"), named(slot, "slot")], where)


def _is_one(people: People) -> Expr:
    if people is People.DEVICES:
        return differ(column("device_id"), word(""))
    is_somebody = differ(column("profile_id"), word(""))
    if people is People.PROFILES:
        return is_somebody
    return exp.and_(is_somebody, differ(column("profile_id"), column("device_id")), copy=False)
