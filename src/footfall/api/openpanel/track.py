"""`POST /track` and `GET /track/device-id`. Source: openpanel contract §3."""

from collections.abc import Awaitable

from footfall.api.openpanel import payloads as wire
from footfall.api.openpanel.door import Answer, Call, Door, admit, decode, json_answer
from footfall.ingest.accept import Identity, Sender, Tracked
from footfall.ingest.ledger import DropReason
from footfall.ingest.records import AssignGroups, Identify, Increment, UpsertGroup
from footfall.model.errors import BadRequest, NotFound
from footfall.model.event import Profile


async def track(door: Door, call: Call) -> Answer:
    """One request of any type: authenticated, checked, on disk, answered with the visitor's ids."""
    try:
        request = decode(wire.decode_request, call.body)
    except BadRequest:
        # Who may not send learns nothing of what was wrong with it (§16.5).
        sender = await admit(door, call)
        door.intake.drop(sender.project.id, DropReason.INVALID)
        raise
    in_body = (request.clientId, request.clientSecret)
    if isinstance(request, wire.Track):
        return await _track(door, call, request.payload, in_body)
    profile_id = wire.profile_text(getattr(request.payload, "profileId", None))
    sender = await admit(door, call, in_body, profile_id)
    bot = _bot(door, sender)
    if bot is not None:
        return bot
    await _store_other(door, sender, request, profile_id)
    return _identity(door.intake.whereabouts(sender))


async def _track(
    door: Door, call: Call, payload: wire.TrackPayload, in_body: tuple[str | None, str | None]
) -> Answer:
    properties = payload.properties or {}
    profile_id = wire.profile_text(payload.profileId)
    has_revenue = properties.get("__revenue") is not None
    sender = await admit(door, call, in_body, profile_id, has_revenue=has_revenue)
    intake = door.intake
    try:
        name = wire.check_known_name(payload.name)
        wire.check_revenue(name, properties)
    except BadRequest:
        intake.drop(sender.project.id, DropReason.INVALID)
        raise
    key = _duplicate_key(call, sender)
    if key is not None:
        repeated = intake.duplicates.find(key)
        if repeated is not None:
            intake.drop(sender.project.id, DropReason.DUPLICATE)
            await repeated[1]
            return _identity(repeated[0])
    bot = _bot(door, sender)
    if bot is not None:
        return bot
    groups = tuple(payload.groups) if payload.groups else ()
    identity, durable = intake.track(sender, Tracked(name, profile_id, properties, groups))
    if key is not None:
        intake.duplicates.remember(key, identity, durable)
    await durable
    return _identity(identity)


def _identity(identity: Identity) -> Answer:
    return json_answer(200, {"deviceId": identity.device_id, "sessionId": identity.session_id})


def _duplicate_key(call: Call, sender: Sender) -> tuple[bytes, str, str, str] | None:
    """What makes two requests the same: only browsers send an Origin, and only they repeat (§3.6)."""
    origin = call.headers.get("origin")
    client_id = call.headers.get("openpanel-client-id")
    if not origin or not client_id or not sender.ip:
        return None
    return (call.body, sender.ip, origin, client_id)


def _bot(door: Door, sender: Sender) -> Answer | None:
    found = door.intake.bot(sender)
    return None if found is None else json_answer(202, {"bot": {"name": found.name, "type": found.type}})


async def _store_other(door: Door, sender: Sender, request: wire.Request, profile_id: str) -> None:
    match request:
        case wire.Identify():
            await identify(door, sender, request.payload, profile_id)
        case wire.Increment() | wire.Decrement():
            value = 1 if request.payload.value is None else request.payload.value
            sign = -1 if isinstance(request, wire.Decrement) else 1
            await increment(door, sender, profile_id, request.payload.property, sign * value)
        case wire.GroupRequest():
            await _group(door, sender, request.payload)
        case wire.AssignGroup():
            await _assign(door, sender, request.payload, profile_id)
        case wire.Alias():
            raise BadRequest("Alias is not supported")
        case wire.Replay():
            door.intake.drop(sender.project.id, DropReason.REPLAY)
            raise BadRequest("Session replay is not stored here; leave replay off in the SDK.", "type", "unsupported")


def identify(door: Door, sender: Sender, payload: wire.IdentifyPayload, profile_id: str) -> Awaitable[None]:
    """Store a person's traits (§3.10)."""
    wire.check_traits(payload)
    return door.intake.store(
        Identify(
            project_id=sender.project.id,
            profile_id=profile_id,
            at=door.intake.now(),
            first_name=payload.firstName or "",
            last_name=payload.lastName or "",
            email=payload.email or "",
            avatar=payload.avatar or "",
            properties=payload.properties or {},
            user_agent=sender.user_agent,
            place=door.intake.locate(sender.ip),
        )
    )


async def increment(door: Door, sender: Sender, profile_id: str, name: str, value: float) -> None:
    """Add to a numeric property of a profile that exists (§3.11).

    Raises NotFound without the profile, BadRequest when what stands there is no number.
    """
    profile = await find_profile(door, sender.project.id, profile_id)
    if profile is None:
        raise NotFound("Profile not found")
    current = profile.properties.get(name, "0").lstrip()
    if not current.lstrip("+-")[:1].isdigit():
        raise BadRequest("Property value is not a number", "payload.property")
    await door.intake.store(
        Increment(
            project_id=sender.project.id, profile_id=profile_id, at=door.intake.now(), property=name, value=value
        )
    )


async def find_profile(door: Door, project_id: str, profile_id: str) -> Profile | None:
    """A stored profile, also one that was acknowledged and is still on its way into the store."""
    found = await door.in_thread(door.store.profiles, project_id, [profile_id])
    if profile_id not in found:
        await door.drained()
        found = await door.in_thread(door.store.profiles, project_id, [profile_id])
    profile: Profile | None = found.get(profile_id)
    return profile


async def _group(door: Door, sender: Sender, payload: wire.GroupPayload) -> None:
    await door.intake.store(
        UpsertGroup(
            project_id=sender.project.id,
            id=payload.id,
            type=payload.type,
            name=payload.name,
            at=door.intake.now(),
            properties=payload.properties or {},
        )
    )


async def _assign(
    door: Door, sender: Sender, payload: wire.AssignGroupPayload, profile_id: str
) -> None:
    await door.intake.store(
        AssignGroups(
            project_id=sender.project.id,
            profile_id=profile_id or door.intake.whereabouts(sender).device_id,
            at=door.intake.now(),
            groups=tuple(payload.groupIds),
            is_external=bool(profile_id),
        )
    )


async def device_id(door: Door, call: Call) -> Answer:
    """Which device and session a browser is (§3.8; SDK 1.0.4 to 1.1)."""
    sender = await admit(door, call)
    bot = _bot(door, sender)
    if bot is not None:
        return bot
    if not sender.ip and not call.peer:
        return Answer(400, b"Missing ip address", is_text=True)
    if not sender.user_agent:
        return Answer(400, b"Missing header: user-agent", is_text=True)
    found, message = door.intake.session_now(sender)
    return json_answer(200, {"deviceId": found.device_id, "sessionId": found.session_id, "message": message})
