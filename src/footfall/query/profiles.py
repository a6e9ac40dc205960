"""Profiles: the people whom a project knows, those seen last first.

Source: openpanel contract §6.3, §8.6. A person is known who was named by an `identify`, an event or a group;
anonymous visitors are not in the list. Everything asked for must hold:

name, email              a part of it, in any case; the name is the first and last one with a space between
country                  the last one known, by code or English name
city, browser            the last one known, exactly
device                   the last one known, in any case
inactive_days            not seen for so many times 24 hours
min_sessions             sessions that the person was signed in to, of all time
performed_event          has done an event of this name at least once, of all time; this alone reads events
filters                  a column of the profile (`email`), or a property (`plan`, `properties.plan`,
                         `profile.properties.plan`); `has_profile` tells people from devices with a group

The order is by `last_seen_at`, then by id. It moves when a session of the person begins and when something is
said of the person.
"""

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import Profile
from footfall.model.times import DAY_MS
from footfall.query.compare import condition, condition_of, value_of
from footfall.query.fields import PROFILE_PREFIX, PROPERTY_PREFIX, Field, FieldKind, profile_field
from footfall.query.operators import NO_FILTERS, Filter, Filters, Operator
from footfall.query.reader import Reader
from footfall.query.records import records
from footfall.query.sql import (
    Expr,
    ascending,
    at_least,
    both,
    column,
    count,
    descending,
    differ,
    equal,
    less,
    positions,
    read,
    read_sessions,
    select,
    source,
    within,
    word,
)
from footfall.store.schema import PROFILES


class ProfileList(Struct, frozen=True, kw_only=True):
    """The question, at an instant: `limit` people from `offset` on. Empty text asks for nothing."""

    now_ms: int
    name: str = ""
    email: str = ""
    country: str = ""
    city: str = ""
    device: str = ""
    browser: str = ""
    inactive_days: int = 0
    min_sessions: int = 0
    performed_event: str = ""
    group: str = ""
    filters: Filters = NO_FILTERS
    is_ascending: bool = False
    limit: int = 20
    offset: int = 0

    def answer(self, reader: Reader) -> list[Profile]:
        """Read the profiles, and sessions or events only if they are asked about."""
        turn = ascending if self.is_ascending else descending
        return records(
            reader,
            PROFILES,
            Profile,
            _where(reader, self),
            order=[turn(column("last_seen_at")), ascending(column("id"))],
            limit=self.limit,
            offset=self.offset,
        )


class MemberCount(Struct, frozen=True):
    """How many people belong to a group."""

    group: str
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> int:
        """One count."""
        where = reader.engine.has(column("groups"), reader.text(self.group))
        return int(reader.rows(read("profiles", [count()], where))[0][0])


def _where(reader: Reader, asked: ProfileList) -> Expr | None:
    named = [
        _on_profile(reader, Filter(name, Operator.IS, (value,)))
        for name in ("country", "city", "device", "browser")
        if (value := getattr(asked, name))
    ]
    return both(
        *named,
        _has_part(reader, _full_name(), asked.name),
        _has_part(reader, column("email"), asked.email),
        _is_inactive(reader, asked),
        reader.engine.has(column("groups"), reader.text(asked.group)) if asked.group else None,
        *(_on_profile(reader, each) for each in asked.filters.items),
        within(column("id"), _often_here(reader, asked.min_sessions)) if asked.min_sessions > 0 else None,
        within(column("id"), _who_did(reader, asked.performed_event)) if asked.performed_event else None,
    )


def _full_name() -> Expr:
    spaced = exp.DPipe(this=column("first_name"), expression=word(" "))
    return exp.DPipe(this=spaced, expression=column("last_name"))


def _has_part(reader: Reader, value: Expr, part: str) -> Expr | None:
    if not part:
        return None
    return reader.engine.contains(reader.engine.lower(value), reader.engine.lower(reader.text(part)))


def _is_inactive(reader: Reader, asked: ProfileList) -> Expr | None:
    if asked.inactive_days <= 0:
        return None
    since_ms = max(asked.now_ms - asked.inactive_days * DAY_MS, 0)
    return less(column("last_seen_at"), reader.instant(since_ms))


_SPECIAL = {
    "country": Field(FieldKind.COUNTRY, "country"),
    "device": Field(FieldKind.DEVICE, "device"),
    "has_profile": Field(FieldKind.FLAG, "is_external"),
    "profile_id": Field(FieldKind.TEXT, "id"),
}
_IN_PROPERTIES = (FieldKind.COUNTRY, FieldKind.DEVICE)


def _on_profile(reader: Reader, asked: Filter) -> Expr:
    field = _field(asked.name)
    if field.kind in _IN_PROPERTIES:
        return condition_of(reader, value_of(reader, Field(FieldKind.PROPERTY, field.name)), field, asked)
    return condition(reader, field, asked)


def _field(name: str) -> Field:
    """What a canonical name means of a profile: a column, or else a property."""
    bare = name.removeprefix(PROFILE_PREFIX).removeprefix(PROPERTY_PREFIX)
    key = PROFILE_PREFIX + PROPERTY_PREFIX + bare
    found = _SPECIAL.get(bare) or profile_field(PROFILE_PREFIX + bare) or profile_field(key)
    assert found is not None
    return found


def _often_here(reader: Reader, least: int) -> exp.Select:
    """The ids of those with so many sessions."""
    is_known = differ(column("profile_id"), column("device_id"))
    rows = source(read_sessions([column("profile_id")], is_known), "s")
    query = select(column("profile_id")).from_(rows, copy=False).group_by(*positions(1), copy=False)
    return query.having(at_least(count(), reader.integer(least)), copy=False)


def _who_did(reader: Reader, name: str) -> exp.Select:
    return read("events", [column("profile_id")], equal(column("name"), reader.text(name)))
