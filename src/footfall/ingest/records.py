"""What the journal holds: one record per accepted request, as msgpack arrays.

A record carries everything its drain needs, so that a restart gives the same rows; it never
carries an IP address, only the place and the device id that were made of it.
"""

from typing import Any

import msgspec
from msgspec import Struct, field, structs

from footfall.ingest.enrich.properties import flatten
from footfall.model.erasure import Scope
from footfall.model.event import DropCount, Event
from footfall.store.columns import EventColumns


class Place(Struct, frozen=True, array_like=True, gc=False):
    """Where an address is: country as ISO alpha-2, region and city as English names, degrees.

    '' and None are what nobody knows.
    """

    country: str = ""
    region: str = ""
    city: str = ""
    longitude: float | None = None
    latitude: float | None = None


NOWHERE = Place()


class Given(Struct, frozen=True, array_like=True, gc=False):
    """What a dialect with rules of its own has read of an event; the drain takes it as it is.

    `properties` is flat text; `revenue` in minor units.
    """

    path: str = ""
    origin: str = ""
    title: str = ""
    referrer: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    revenue: int = 0
    currency: str = ""


class Hit(Struct, tag_field="record", tag="hit", array_like=True, gc=False):
    """A tracked event as accepted (openpanel contract §3.4). Times in ms UTC.

    `session_id` is what the answer said; `opens` that it was minted for this hit. `is_late`: the
    event is older than 15 minutes, so its session is found or made by its own time.
    `is_server`: sent by a program, so it never opens or extends a session.
    `id` is a UUID brought along, or '' for one made from the journal position.
    With `given`, the dialect has read the event and named its session by rules of its own; of `properties` only
    what describes the device counts then. `is_aside`: it is one of ASIDES. `is_carried`: the session was not named
    for this hit, but brought along from an earlier one, which may have been of a time long past.
    """

    project_id: str
    name: str
    at: int
    received_at: int
    device_id: str = ""
    session_id: str = ""
    profile_id: str = ""
    opens: bool = False
    is_late: bool = False
    is_server: bool = False
    user_agent: str = ""
    place: Place = NOWHERE
    properties: dict[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    sdk_name: str = ""
    sdk_version: str = ""
    id: str = ""
    imported_at: int | None = None
    given: Given | None = None
    is_aside: bool = False
    is_carried: bool = False


class Row(Struct, tag_field="record", tag="row", array_like=True, gc=False):
    """An imported event, already enriched; its ids are taken as they are (contracts/README.md)."""

    event: Event


class Identify(Struct, tag_field="record", tag="identify", array_like=True, gc=False):
    """Traits of a profile (contract §3.10); empty values erase nothing.

    `data` is flat text of known types (model/event_data.py). Not `is_external`: a device that is nobody's yet.
    """

    project_id: str
    profile_id: str
    at: int
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    avatar: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    user_agent: str = ""
    place: Place = NOWHERE
    data: dict[str, str] = field(default_factory=dict)
    is_external: bool = True


class Increment(Struct, tag_field="record", tag="increment", array_like=True, gc=False):
    """Add `value` (negative to take away) to a numeric profile property (contract §3.11)."""

    project_id: str
    profile_id: str
    at: int
    property: str
    value: int | float


class UpsertGroup(Struct, tag_field="record", tag="group", array_like=True, gc=False):
    """A company, team or the like (contract §3.3)."""

    project_id: str
    id: str
    type: str
    name: str
    at: int
    properties: dict[str, Any] = field(default_factory=dict)


class AssignGroups(Struct, tag_field="record", tag="assign", array_like=True, gc=False):
    """Add groups to a profile, or to a device that has none."""

    project_id: str
    profile_id: str
    at: int
    groups: tuple[str, ...] = ()
    is_external: bool = True


class Dropped(Struct, tag_field="record", tag="drop", array_like=True, gc=False):
    """Hits that were refused, for the drop ledger."""

    drops: tuple[DropCount, ...]


class Erase(Struct, tag_field="record", tag="erase", array_like=True, gc=False):
    """A deletion, alone in its group (erasing.py). `id` names its report; `at` is when it was asked for."""

    id: str
    project_id: str
    scope: Scope
    at: int
    subject: str = ""
    before_ms: int = 0


Record = Hit | Row | EventColumns | Identify | Increment | UpsertGroup | AssignGroups | Dropped | Erase

encode = msgspec.msgpack.Encoder().encode
decode_group = msgspec.msgpack.Decoder(list[Record]).decode


def encode_record(record: Record) -> bytes:
    """One record as msgpack, whatever JSON its properties were."""
    try:
        return encode(record)
    except (OverflowError, RecursionError, UnicodeEncodeError):
        # JSON knows larger numbers and deeper nesting than msgpack; flat text is what becomes of them anyway.
        if not isinstance(record, Hit | Identify | UpsertGroup):
            raise
        special = {key: value for key, value in record.properties.items() if key[:2] == "__" and _is_small(value)}
        return encode(structs.replace(record, properties={**flatten(record.properties), **special}))


def _is_small(value: object) -> bool:
    return isinstance(value, str | float) or (isinstance(value, int) and abs(value) < 2**63)
