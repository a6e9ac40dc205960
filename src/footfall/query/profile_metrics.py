"""One person in numbers, of all time (openpanel contract §8.6). What is a person's says `profile.py`.

firstSeen, lastSeen        the person's first and last event
sessions                   sessions
totalEvents                events; `session_start` and `session_end` are nobody's doing and don't count
screenViews                `screen_view` among them
conversionEvents           those of a name that the project calls a conversion
revenue                    what the events earned, in minor units
uniqueDaysActive           days with an event, in the project's time zone
bounceRate                 percent of the sessions with fewer than two counted page views, 2 decimals
avgSessionDurationMin      mean over the sessions that have a duration, in minutes, 2 decimals; 0 if none has
p90SessionDurationMin      nine in ten of these sessions are no longer, in minutes, 2 decimals; 0 if there are none
avgEventsPerSession        events by sessions, 2 decimals; 0 without a session
avgTimeBetweenSessionsSec  mean time from the start of a session to the start of the next, in seconds, 2 decimals;
                           0 with fewer than two
"""

from zoneinfo import ZoneInfo

from msgspec import Struct

from footfall.model.event import SCREEN_VIEW
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.overview import percent, ratio
from footfall.query.profile import Person, events_of, find, sessions_of, stored
from footfall.query.ranges import local
from footfall.query.reader import Reader
from footfall.query.sql import (
    ascending,
    both,
    column,
    count,
    equal,
    integer,
    largest,
    more,
    named,
    one_of,
    positions,
    read,
    read_sessions,
    select,
    smallest,
    source,
    total,
    word,
)

SLOT_MS = 900_000
"""In every zone a day begins on a quarter of an hour, so these tell its days apart."""


class PersonNumbers(Struct, frozen=True, kw_only=True):
    """A person's numbers; times in ms UTC, rates in percent, revenue in minor units."""

    profile_id: str
    first_seen_ms: int
    last_seen_ms: int
    sessions: int
    screen_views: int
    total_events: int
    conversion_events: int
    unique_days_active: int
    avg_session_minutes: float
    p90_session_minutes: float
    avg_events_per_session: float
    avg_seconds_between_sessions: float
    bounce_rate: float
    revenue: int


class MetricsOfPerson(Struct, frozen=True):
    """The question, about the first of these ids that is known. `conversions`: names of events."""

    ids: tuple[str, ...]
    zone: ZoneInfo
    conversions: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> PersonNumbers | None:
        """One pass over the sessions, one over the events. None if there is nobody of that id."""
        person = find(reader, self.ids)
        if person is None:
            return None
        visits, deeds = _visits(reader, person), _deeds(reader, person, self.conversions)
        first_ms, last_ms = deeds.first_ms, deeds.last_ms
        if not deeds.number and (profile := stored(reader, person)):
            first_ms, last_ms = profile.created_at, profile.last_seen_at
        return PersonNumbers(
            profile_id=person.id,
            first_seen_ms=first_ms,
            last_seen_ms=last_ms,
            sessions=visits.number,
            screen_views=deeds.views,
            total_events=deeds.number,
            conversion_events=deeds.conversions,
            unique_days_active=len({local(slot * SLOT_MS, self.zone).date() for slot in deeds.slots}),
            avg_session_minutes=ratio(visits.duration_ms, visits.timed * 60_000),
            p90_session_minutes=ratio(_nine_in_ten_ms(reader, person, visits.timed), 60_000),
            avg_events_per_session=ratio(deeds.number, visits.number),
            avg_seconds_between_sessions=ratio(visits.last_ms - visits.first_ms, max(visits.number - 1, 0) * 1000),
            bounce_rate=percent(visits.bounces, visits.number),
            revenue=deeds.revenue,
        )


class _Visits(Struct, frozen=True):
    number: int
    bounces: int
    timed: int
    duration_ms: int
    first_ms: int
    last_ms: int


class _Deeds(Struct, frozen=True):
    """`slots`: the quarters of an hour with an event."""

    slots: list[int]
    number: int
    views: int
    conversions: int
    revenue: int
    first_ms: int
    last_ms: int


def _visits(reader: Reader, person: Person) -> _Visits:
    columns = [column("is_bounce"), column("duration"), column("created_at")]
    rows = source(read_sessions(columns, sessions_of(reader, person.ids)), "s")
    query = select(
        named(count(), "number"),
        named(count(column("is_bounce")), "bounces"),
        named(count(more(column("duration"), integer(0))), "timed"),
        named(total(column("duration")), "milliseconds"),
        named(reader.engine.epoch_ms(smallest(column("created_at"))), "first_ms"),
        named(reader.engine.epoch_ms(largest(column("created_at"))), "last_ms"),
    ).from_(rows, copy=False)
    return _Visits(*(int(value or 0) for value in reader.rows(query)[0]))


def _deeds(reader: Reader, person: Person, conversions: tuple[str, ...]) -> _Deeds:
    name = column("name")
    is_conversion = one_of(name.copy(), [reader.text(each) for each in conversions]) if conversions else None
    slot = reader.engine.whole(reader.engine.epoch_ms(column("created_at")), SLOT_MS)
    query = read(
        "events",
        [
            named(slot, "slot"),
            named(count(), "number"),
            named(count(equal(name.copy(), word(SCREEN_VIEW))), "views"),
            named(count(is_conversion) if is_conversion is not None else integer(0), "conversions"),
            named(total(column("revenue")), "money"),
            named(reader.engine.epoch_ms(smallest(column("created_at"))), "first_ms"),
            named(reader.engine.epoch_ms(largest(column("created_at"))), "last_ms"),
        ],
        events_of(reader, person),
    )
    rows = reader.rows(query.group_by(*positions(1), copy=False))
    if not rows:
        return _Deeds([], 0, 0, 0, 0, 0, 0)
    slots, *counts, firsts, lasts = zip(*rows, strict=True)
    number, views, named_so, revenue = (int(sum(each)) for each in counts)
    return _Deeds(list(slots), number, views, named_so, revenue, min(firsts), max(lasts))


def _nine_in_ten_ms(reader: Reader, person: Person, timed: int) -> int:
    """The shortest duration that nine in ten of the timed sessions do not exceed."""
    if not timed:
        return 0
    is_timed = both(sessions_of(reader, person.ids), more(column("duration"), integer(0)))
    query = select(column("duration")).from_(
        source(read_sessions([column("duration")], is_timed), "s"), copy=False
    )
    query.order_by(ascending(column("duration")), copy=False).limit(1, copy=False)
    return int(reader.rows(query.offset(-(-9 * timed // 10) - 1, copy=False))[0][0])
