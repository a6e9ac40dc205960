"""One event as a line of JSON: what the export API, its streams and `footfall export` share.

Keys and values of the contract's event object (openpanel §9.1), always all of them (D13): times ISO 8601 UTC with
milliseconds, `duration` in ms, `revenue` in minor units, country and device as they are shown (D8, D9), the page's
title as the property `__title`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec
from msgspec import Struct

from footfall.ingest.enrich.properties import unflatten
from footfall.model.countries import country_name
from footfall.model.devices import device_name
from footfall.model.event import Profile
from footfall.model.saved import EventMeta
from footfall.model.times import iso, iso_ms
from footfall.query.event_reading import EventText

_encode = msgspec.json.Encoder().encode

Profiles = Callable[[Iterable[str]], Mapping[str, Profile]]
"""The stored profiles among these ids."""


def camel(name: str) -> str:
    """`deviceId` of `device_id`."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


class ProfileBody(Struct, rename="camel"):
    """Who an event is of; of an anonymous one little more than the id."""

    id: str
    email: str
    avatar: str
    first_name: str
    last_name: str
    created_at: str
    last_seen_at: str
    is_external: bool
    project_id: str
    properties: dict[str, object]
    groups: tuple[str, ...]


class MetaBody(Struct, rename="camel"):
    """What the project says of events of that name."""

    id: str
    name: str
    description: str
    conversion: bool
    color: str
    icon: str
    project_id: str
    created_at: str
    updated_at: str


class Extras(Struct, frozen=True):
    """What is put into the events beside what they hold: profiles if there is a way to read them, and meta."""

    project_id: str
    now_ms: int
    profiles: Profiles | None = None
    meta: Mapping[str, EventMeta] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of what is put in."""
        given = {"profile": self.profiles, "meta": self.meta}
        return tuple(name for name, source in given.items() if source is not None)


def lines(events: Sequence[EventText], extras: Extras | None = None) -> list[str]:
    """One text of JSON for every event, without the end of the line."""
    if extras is None:
        return [_line(event) for event in events]
    profiles = _profiles(events, extras)
    meta = {name: f',"meta":{_encode(_meta(one)).decode()}' for name, one in (extras.meta or {}).items()}
    return [_line(event, profiles.get(event.profile_id, ""), meta.get(event.name, "")) for event in events]


def _line(event: EventText, *more: str) -> str:
    title, properties = event.title, event.properties
    if title:
        rest = properties[1:] if properties == "{}" else f",{properties[1:]}"
        properties = f'{{"__title":{_encode(title).decode()}{rest}'
    shown = f'"country":{_country(event.country)},"device":{_device(event.device)}'
    return f'{event.rest[:-1]},{shown},"properties":{properties}{"".join(more)}}}'


@lru_cache(1024)
def _country(code: str) -> str:
    return _encode(country_name(code)).decode()


@lru_cache(1024)
def _device(kind: str) -> str:
    return _encode(device_name(kind)).decode()


def _profiles(events: Sequence[EventText], extras: Extras) -> dict[str, str]:
    if extras.profiles is None:
        return {}
    ids = {event.profile_id for event in events}
    known = extras.profiles(ids)
    bodies = {id_: _profile(known[id_]) if id_ in known else _nobody(id_, extras) for id_ in ids}
    return {id_: f',"profile":{_encode(body).decode()}' for id_, body in bodies.items()}


def _profile(profile: Profile) -> ProfileBody:
    return ProfileBody(
        id=profile.id,
        email=profile.email,
        avatar=profile.avatar,
        first_name=profile.first_name,
        last_name=profile.last_name,
        created_at=iso_ms(profile.created_at),
        last_seen_at=iso_ms(profile.last_seen_at),
        is_external=profile.is_external,
        project_id=profile.project_id,
        properties=unflatten(profile.properties),
        groups=profile.groups,
    )


def _nobody(id_: str, extras: Extras) -> ProfileBody:
    """Of an anonymous visitor nothing is kept; the contract's stub is made now."""
    now = iso_ms(extras.now_ms)
    return ProfileBody(id_, "", "", "", "", now, now, False, extras.project_id, {}, ())


def _meta(meta: EventMeta) -> MetaBody:
    return MetaBody(
        id=meta.id,
        name=meta.name,
        description=meta.description,
        conversion=meta.conversion,
        color=meta.color,
        icon=meta.icon,
        project_id=meta.project_id,
        created_at=iso(meta.created_at),
        updated_at=iso(meta.updated_at),
    )
