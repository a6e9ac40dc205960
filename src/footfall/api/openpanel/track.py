"""`POST /track` and `GET /track/device-id`. Source: openpanel contract §3."""

import asyncio
from hashlib import blake2b

from footfall.api.openpanel import payloads as wire
from footfall.api.openpanel.door import REPLAY, Answer, Call, Door, admit, json_answer, understand
from footfall.api.openpanel.people import assign, identify, increment, upsert_group
from footfall.ingest.accept import Identity, Sender, Tracked
from footfall.ingest.enrich.bots import Bot
from footfall.ingest.inline import inline_identify, profile_text
from footfall.ingest.ledger import DropReason
from footfall.model.errors import BadRequest

_SMALL_BODY = 1024


async def track(door: Door, call: Call) -> Answer:
    """One request of any type: authenticated, checked, on disk, answered with the visitor's ids."""
    request = await understand(door, call, wire.decode_request)
    in_body = (request.clientId, request.clientSecret)
    payload = request.payload
    if isinstance(payload, wire.TrackPayload):
        return _answer(await take_event(door, call, payload, "payload.", in_body))
    profile_id = profile_text(getattr(payload, "profileId", None))
    sender = await admit(door, call, in_body, (profile_id,))
    bot = door.intake.bot(sender)
    if bot is not None:
        return _answer(bot)
    return _answer(await _take_other(door, call, sender, request, profile_id))


async def take_event(
    door: Door,
    call: Call,
    payload: wire.TrackPayload,
    where: str,
    in_body: tuple[str | None, str | None] = (None, None),
) -> Identity | Bot:
    """One event, on disk; or the bot that sent it. `where` stands before the names of its fields in a refusal."""
    properties = payload.properties or {}
    profile_id = profile_text(payload.profileId)
    told = inline_identify(properties.get("__identify"))
    # Whom `__identify` names counts for the event too (§3.4).
    profile_ids = (profile_id, told.profile_id if told is not None else "")
    has_revenue = properties.get("__revenue") is not None
    sender = await admit(door, call, in_body, profile_ids, has_revenue=has_revenue)
    intake = door.intake
    name = wire.check_known_name(payload.name)
    wire.check_revenue(name, properties)
    wire.check_profile(profile_id, f"{where}profileId", required=False)
    groups = wire.group_ids(payload.groups, f"{where}groups")
    key = _duplicate_key(call, sender)
    if key is not None:
        repeated = intake.duplicates.find(key)
        if repeated is not None:
            intake.drop(sender.project.id, DropReason.DUPLICATE)
            await repeated[1]
            found: Identity = repeated[0]
            return found
    bot = intake.bot(sender)
    if bot is not None:
        return bot
    identity, durable = intake.track(sender, Tracked(name, profile_id, properties, groups))
    if key is not None:
        intake.duplicates.remember(key, identity, durable)
    await durable
    return identity


async def _take_other(door: Door, call: Call, sender: Sender, request: wire.Request, profile_id: str) -> Identity:
    """Anything but an event; a repeat of it waits for the first one and shares its fate."""
    duplicates = door.intake.duplicates
    identity = door.intake.whereabouts(sender)
    key = _duplicate_key(call, sender)
    if key is None:
        await _store_other(door, sender, request, profile_id)
        return identity
    repeated = duplicates.find(key)
    if repeated is not None:
        door.intake.drop(sender.project.id, DropReason.DUPLICATE)
        await repeated[1]
        return identity
    durable = asyncio.ensure_future(_store_other(door, sender, request, profile_id))
    duplicates.remember(key, identity, durable)
    await durable
    return identity


def _duplicate_key(call: Call, sender: Sender) -> tuple[bytes, str, str, str, str] | None:
    """What makes two requests the same: only browsers send an Origin, and only they repeat (§3.6).

    The user agent is in it too: colleagues at one address may well see the same page at once.
    """
    origin = call.headers.get("origin")
    client_id = call.headers.get("openpanel-client-id")
    if not origin or not client_id or not sender.ip:
        return None
    body = call.body if len(call.body) <= _SMALL_BODY else blake2b(call.body).digest()
    return (body, sender.ip, sender.user_agent, origin, client_id)


def bot_answer(bot: Bot) -> Answer:
    """What crawlers get (§3.7)."""
    return json_answer(202, {"bot": {"name": bot.name, "type": bot.type}})


def _answer(found: Identity | Bot) -> Answer:
    if isinstance(found, Bot):
        return bot_answer(found)
    return json_answer(200, {"deviceId": found.device_id, "sessionId": found.session_id})


async def _store_other(door: Door, sender: Sender, request: wire.Request, profile_id: str) -> None:
    match request:
        case wire.Identify():
            wire.check_traits(request.payload)
            await identify(door, sender, request.payload, profile_id)
        case wire.Increment() | wire.Decrement():
            value = 1 if request.payload.value is None else request.payload.value
            sign = -1 if isinstance(request, wire.Decrement) else 1
            await increment(door, sender, profile_id, request.payload.property, sign * value)
        case wire.GroupRequest():
            await upsert_group(door, sender, request.payload)
        case wire.AssignGroup():
            await assign(door, sender, request.payload, profile_id)
        case wire.Alias():
            raise BadRequest("Alias is not supported")
        case wire.Replay():
            raise BadRequest("Session replay is not stored here; leave replay off in the SDK.", "type", REPLAY)


async def device_id(door: Door, call: Call) -> Answer:
    """Which device and session a browser is (§3.8; SDK 1.0.4 to 1.1)."""
    sender = await admit(door, call)
    bot = door.intake.bot(sender)
    if bot is not None:
        return _answer(bot)
    if not sender.ip and not call.peer:
        return Answer(400, b"Missing ip address", is_text=True)
    if not sender.user_agent:
        return Answer(400, b"Missing header: user-agent", is_text=True)
    found, message = door.intake.session_now(sender)
    return json_answer(200, {"deviceId": found.device_id, "sessionId": found.session_id, "message": message})
