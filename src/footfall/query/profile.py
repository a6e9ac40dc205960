"""One person: the profile, what the person did last, and the sessions.

Source: openpanel contract §6.3, §8.6, §9.1, §15 (#317). A person may also be an anonymous visitor, who has no
stored profile: then it is made of the last session, with its place, browser and referrer as properties. Somebody
whom only a program's events name has a profile without any.

A person's events and sessions are those with the person's own id, and the anonymous ones of the devices whose
sessions are the person's. What another known person did on such a device is not among them.

recentEvents   the newest events; `session_start` and `session_end` are nobody's doing and left out
sessions       closed and open ones, the newest first
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import MARKS, Event, Profile, Session
from footfall.model.times import DAY_MS
from footfall.query.compare import LATEST_MS
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.records import records, session_records
from footfall.query.sql import (
    Expr,
    ascending,
    at_least,
    both,
    column,
    descending,
    equal,
    less,
    named,
    negate,
    one_of,
    positions,
    read,
    read_sessions,
    select,
    smallest,
    source,
    within,
    word,
)
from footfall.store.schema import EVENTS, PROFILES, SESSIONS

RECENT_MS = 30 * DAY_MS
"""Recent events are looked for in the last days first; those of people who come often are there."""

_DESCRIBED = (
    *("country", "region", "city", "os", "os_version", "browser", "browser_version", "device", "brand", "model"),
    *("referrer", "referrer_name", "referrer_type"),
)


class Person(Struct, frozen=True):
    """The id, and all ids whose rows are this person's: the own one and those of the devices.

    `is_device`: the id is a device's, so nobody is known by it. `since_ms`: when its own first session began.
    """

    id: str
    ids: tuple[str, ...]
    is_device: bool = False
    since_ms: int = 0


class PersonAnswer(Struct, frozen=True):
    """The profile and the newest events, each with the time until the session's next page view, in ms; 0 if
    there is none.
    """

    profile: Profile
    events: list[tuple[Event, int]]


class OnePerson(Struct, frozen=True):
    """The question: the first of these ids that is known, and so many of its newest events."""

    ids: tuple[str, ...]
    project_id: str
    now_ms: int
    event_limit: int = 20
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> PersonAnswer | None:
        """None if there is nobody of that id."""
        person = find(reader, self.ids)
        if person is None:
            return None
        events = _newest(reader, person, self.now_ms, self.event_limit)
        profile = stored(reader, person) or self._made(reader, person, events)
        looked = _looked(reader, events)
        return PersonAnswer(profile, [(event, looked.get(event.id, 0)) for event in events])

    def _made(self, reader: Reader, person: Person, events: list[Event]) -> Profile:
        sessions = _sessions(reader, person, 1, 0)
        if not sessions:
            seen_ms = [event.created_at for event in events] or [0]
            return Profile(
                id=person.id, project_id=self.project_id, created_at=min(seen_ms), last_seen_at=max(seen_ms)
            )
        last = sessions[0]
        described = {name: getattr(last, name) for name in _DESCRIBED}
        return Profile(
            id=person.id,
            project_id=self.project_id,
            properties={name: value for name, value in described.items() if value},
            created_at=person.since_ms or last.created_at,
            last_seen_at=last.ended_at,
        )


class SessionsOfPerson(Struct, frozen=True):
    """The question: a person's sessions, newest first."""

    ids: tuple[str, ...]
    limit: int = 20
    offset: int = 0
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[Session] | None:
        """None if there is nobody of that id."""
        person = find(reader, self.ids)
        return None if person is None else _sessions(reader, person, self.limit, self.offset)


def find(reader: Reader, ids: Sequence[str]) -> Person | None:
    """The first of these ids that has a profile or a session, else the first that has an event.

    Events of programs have the empty id: they are nobody's.
    """
    ids = [id for id in ids if id]
    if not ids:
        return None
    devices = _devices(reader, ids)
    profiles = read("profiles", [column("id")], _is_any(reader, ids, "id"))
    known = {*devices, *(row[0] for row in reader.rows(profiles))}
    if not known:
        events = read("events", [column("profile_id")], _is_any(reader, ids, "profile_id"))
        known = {row[0] for row in reader.rows(events.group_by(*positions(1), copy=False))}
    found = next((id for id in ids if id in known), None)
    if found is None:
        return None
    own = devices.get(found, {})
    return Person(found, tuple(dict.fromkeys([found, *sorted(own)])), found in own, min(own.values(), default=0))


def events_of(reader: Reader, person: Person) -> Expr | None:
    """Which events are what the person did."""
    return both(
        # A device's are found far faster by the device.
        equal(column("device_id"), reader.text(person.id)) if person.is_device else None,
        _is_any(reader, person.ids, "profile_id"),
        negate(one_of(column("name"), map(word, MARKS))),
    )


def sessions_of(reader: Reader, ids: Iterable[str]) -> Expr:
    """Which sessions are those of these ids. DuckDB looks a list up in a scan only if it is a query."""
    engine = reader.engine
    visitors = exp.Array(expressions=[engine.visitor_of(reader.text(id)) for id in ids])
    return within(engine.visitor(), select(engine.each(visitors)))


def stored(reader: Reader, person: Person) -> Profile | None:
    """The profile as it was stored."""
    where = _is_any(reader, [person.id], "id")
    return next(iter(records(reader, PROFILES, Profile, where, order=[ascending(column("id"))], limit=1)), None)


def _devices(reader: Reader, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Per id the devices of its sessions, and when the first one of each began, in ms."""
    columns = [column("profile_id"), column("device_id")]
    rows = source(read_sessions([*columns, column("created_at")], sessions_of(reader, ids)), "s")
    began = named(reader.engine.epoch_ms(smallest(column("created_at"))), "began")
    query = select(*(each.copy() for each in columns), began).from_(rows, copy=False)
    found: dict[str, dict[str, int]] = {}
    for id, device, since_ms in reader.rows(query.group_by(*positions(2), copy=False)):
        if id in ids and device:
            found.setdefault(id, {})[device] = since_ms
    return found


def _is_any(reader: Reader, ids: Iterable[str], name: str) -> Expr:
    return one_of(column(name), [reader.text(id) for id in ids])


def _sessions(reader: Reader, person: Person, limit: int, offset: int) -> list[Session]:
    order = [descending(column("created_at_")), ascending(column("id_"))]
    where = sessions_of(reader, person.ids)
    return session_records(reader, SESSIONS, Session, where, order=order, limit=limit, offset=offset)


def _looked(reader: Reader, events: list[Event]) -> dict[str, int]:
    """How long the page views among these were looked at, in ms."""
    views = [event for event in events if event.is_view]
    if not views:
        return {}
    where = both(
        at_least(column("viewed_at"), reader.instant(views[-1].created_at)),
        less(column("viewed_at"), reader.instant(views[0].created_at + 1)),
        one_of(column("view_id"), [reader.engine.as_id(reader.text(view.id)) for view in views]),
    )
    rows = reader.rows(read("dwells", [reader.engine.as_text(column("view_id")), column("duration")], where))
    return {id: int(duration) for id, duration in rows}


def _newest(reader: Reader, person: Person, now_ms: int, limit: int) -> list[Event]:
    """Look back in steps: a scan of all time is what this question would spend its time on.

    A device has done nothing before its first session, but a program may speak of a person at any time.
    """
    found: list[Event] = []
    first_ms = person.since_ms if person.is_device else 0
    until_ms = LATEST_MS
    for since_ms in sorted({max(now_ms - RECENT_MS, first_ms), first_ms}, reverse=True):
        where = both(
            events_of(reader, person),
            at_least(column("created_at"), reader.instant(since_ms)),
            less(column("created_at"), reader.instant(until_ms)),
        )
        order = [descending(column("created_at")), ascending(reader.engine.order_of_id(column("id")))]
        found += records(reader, EVENTS, Event, where, order=order, limit=limit - len(found))
        if len(found) == limit:
            break
        until_ms = since_ms
    return found
