"""The routes of the beta SDK: `/event`, `/profile`, `/profile/increment|decrement`. Source: contract §3.9.

Every answer of success is JSON, as everywhere: the texts of the contract as JSON strings, which that SDK takes.
"""

import msgspec
from msgspec import Struct

from footfall.api.openpanel import payloads as wire
from footfall.api.openpanel.door import Answer, Call, Door, admit, json_answer, understand
from footfall.api.openpanel.people import identify
from footfall.api.openpanel.people import increment as increment_profile
from footfall.api.openpanel.track import bot_answer, take_event
from footfall.ingest.enrich.bots import Bot
from footfall.ingest.inline import profile_text
from footfall.model.errors import BadRequest, NotFound


class Step(Struct):
    """A step of a numeric property; `value` has no default here."""

    profileId: wire.ProfileId  # noqa: N815
    property: wire.Text
    value: wire.Number


_decode_event = msgspec.json.Decoder(wire.TrackPayload).decode
_decode_profile = msgspec.json.Decoder(wire.IdentifyPayload).decode
_decode_step = msgspec.json.Decoder(Step).decode


async def event(door: Door, call: Call) -> Answer:
    """`POST /event` → 202 `"ok"`; a top-level `timestamp` is not used."""
    payload = await understand(door, call, _decode_event)
    found = await take_event(door, call, payload, "")
    return bot_answer(found) if isinstance(found, Bot) else json_answer(202, "ok")


async def profile(door: Door, call: Call) -> Answer:
    """`POST /profile` → 202 with the profile id; its traits were never checked."""
    payload = await understand(door, call, _decode_profile)
    profile_id = profile_text(payload.profileId)
    sender = await admit(door, call, profile_ids=(profile_id,))
    await identify(door, sender, payload, profile_id, "profileId")
    return json_answer(202, profile_id)


async def increment(door: Door, call: Call) -> Answer:
    """`POST /profile/increment` → 202 with the profile id."""
    return await _step(door, call, 1)


async def decrement(door: Door, call: Call) -> Answer:
    """`POST /profile/decrement` → 202 with the profile id."""
    return await _step(door, call, -1)


async def _step(door: Door, call: Call, sign: int) -> Answer:
    step = await understand(door, call, _decode_step)
    profile_id = profile_text(step.profileId)
    sender = await admit(door, call, profile_ids=(profile_id,))
    try:
        await increment_profile(door, sender, profile_id, step.property, sign * step.value)
    except NotFound:
        return Answer(404, b"Not found", is_text=True)
    except BadRequest:
        return Answer(400, b"Not number", is_text=True)
    return json_answer(202, profile_id)
