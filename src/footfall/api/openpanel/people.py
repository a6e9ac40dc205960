"""What callers say of persons and groups: identify, increment, group, assign. Source: contract §3.10, §3.11."""

from collections.abc import Awaitable

from footfall.api.openpanel import payloads as wire
from footfall.api.openpanel.door import Door
from footfall.ingest.accept import Sender
from footfall.ingest.enrich.properties import clean_text
from footfall.ingest.profiles import can_step
from footfall.ingest.records import AssignGroups, Identify, Increment, UpsertGroup
from footfall.model.errors import BadRequest, NotFound
from footfall.model.event import Profile

_MAX_NAME = 255


def identify(
    door: Door, sender: Sender, payload: wire.IdentifyPayload, profile_id: str, field: str = "payload.profileId"
) -> Awaitable[None]:
    """Store a person's traits. Raises BadRequest."""
    wire.check_profile(profile_id, field)
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
    """Add to a numeric property of a profile that exists.

    Raises NotFound without the profile, BadRequest when what stands there is no number.
    """
    name = wire.id_text(name, "payload.property")
    profile = await _find(door, sender.project.id, profile_id, name)
    if profile is None:
        raise NotFound("Profile not found")
    if not can_step(profile, name):
        raise BadRequest("Property value is not a number", "payload.property")
    await door.intake.store(
        Increment(
            project_id=sender.project.id, profile_id=profile_id, at=door.intake.now(), property=name, value=value
        )
    )


async def _find(door: Door, project_id: str, profile_id: str, name: str) -> Profile | None:
    """A stored profile; if it can't take a step, as it is once all is stored that was acknowledged."""
    found = await door.in_thread(door.store.profiles, project_id, [profile_id])
    if profile_id not in found or not can_step(found[profile_id], name):
        await door.drained()
        found = await door.in_thread(door.store.profiles, project_id, [profile_id])
    profile: Profile | None = found.get(profile_id)
    return profile


async def upsert_group(door: Door, sender: Sender, payload: wire.GroupPayload) -> None:
    """Store what a group is."""
    await door.intake.store(
        UpsertGroup(
            project_id=sender.project.id,
            id=wire.id_text(payload.id, "payload.id"),
            type=wire.id_text(payload.type, "payload.type"),
            name=clean_text(payload.name)[:_MAX_NAME],
            at=door.intake.now(),
            properties=payload.properties or {},
        )
    )


async def assign(door: Door, sender: Sender, payload: wire.AssignGroupPayload, profile_id: str) -> None:
    """Add groups to a profile, or to the sender's device when none is named."""
    wire.check_profile(profile_id, "payload.profileId", required=False)
    await door.intake.store(
        AssignGroups(
            project_id=sender.project.id,
            profile_id=profile_id or door.intake.whereabouts(sender).device_id,
            at=door.intake.now(),
            groups=wire.group_ids(payload.groupIds, "payload.groupIds"),
            is_external=bool(profile_id),
        )
    )
