"""The routes of the beta SDK: `/event`, `/profile`, `/profile/increment|decrement`. Source: contract §3.9.

Every answer of success is JSON, as everywhere: the texts of the contract as JSON strings, which that SDK takes.
"""

from typing import Any

import msgspec
from msgspec import Struct

from footfall.api.openpanel import payloads as wire
from footfall.api.openpanel.door import Answer, Call, Door, admit, decode, json_answer
from footfall.api.openpanel.track import find_profile, identify
from footfall.api.openpanel.track import increment as increment_profile
from footfall.ingest.accept import Tracked
from footfall.model.errors import BadRequest, NotFound


class Event(Struct):
    """An event; its top-level `timestamp` is not used (§3.9)."""

    name: wire.Text
    properties: dict[str, Any] | None = None
    profileId: wire.ProfileId | None = None  # noqa: N815


class Step(Struct):
    """A step of a numeric property; `value` has no default here."""

    profileId: wire.ProfileId  # noqa: N815
    property: wire.Text
    value: int | float


_decode_event = msgspec.json.Decoder(Event).decode
_decode_profile = msgspec.json.Decoder(wire.IdentifyPayload).decode
_decode_step = msgspec.json.Decoder(Step).decode


async def event(door: Door, call: Call) -> Answer:
    """`POST /event` → 202 `"ok"`."""
    request = decode(_decode_event, call.body)
    properties = request.properties or {}
    profile_id = wire.profile_text(request.profileId, "profileId")
    sender = await admit(door, call, profile_id=profile_id, has_revenue=properties.get("__revenue") is not None)
    name = wire.check_known_name(request.name)
    wire.check_revenue(name, properties)
    found = door.intake.bot(sender)
    if found is not None:
        return json_answer(202, {"bot": {"name": found.name, "type": found.type}})
    _, durable = door.intake.track(sender, Tracked(name, profile_id, properties))
    await durable
    return json_answer(202, "ok")


async def profile(door: Door, call: Call) -> Answer:
    """`POST /profile` → 202 with the profile id."""
    request = decode(_decode_profile, call.body)
    profile_id = wire.profile_text(request.profileId, "profileId")
    sender = await admit(door, call, profile_id=profile_id)
    await identify(door, sender, request, profile_id)
    return json_answer(202, profile_id)


async def increment(door: Door, call: Call) -> Answer:
    """`POST /profile/increment` → 202 with the profile id."""
    return await _step(door, call, 1)


async def decrement(door: Door, call: Call) -> Answer:
    """`POST /profile/decrement` → 202 with the profile id."""
    return await _step(door, call, -1)


async def _step(door: Door, call: Call, sign: int) -> Answer:
    request = decode(_decode_step, call.body)
    profile_id = wire.profile_text(request.profileId, "profileId")
    sender = await admit(door, call, profile_id=profile_id)
    if await find_profile(door, sender.project.id, profile_id) is None:
        return Answer(404, b"Not found", is_text=True)
    try:
        await increment_profile(door, sender, profile_id, request.property, sign * request.value)
    except BadRequest:
        return Answer(400, b"Not number", is_text=True)
    except NotFound:
        return Answer(404, b"Not found", is_text=True)
    return json_answer(202, profile_id)
