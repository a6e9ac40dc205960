"""Accept: from a validated request to a durable record and an answer. Source: openpanel contract §3.

The dialects parse and authenticate; what a hit means (time, visitor, session, bot, duplicate) is decided here.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from footfall.ingest.commit import GroupCommit
from footfall.ingest.duplicates import Duplicates
from footfall.ingest.enrich import bots, ua
from footfall.ingest.enrich.geo import GeoReader
from footfall.ingest.enrich.ids import device_id, session_id
from footfall.ingest.ledger import DropReason, Ledger
from footfall.ingest.records import Hit, Identify, Place, Record
from footfall.ingest.times import parse_instant
from footfall.ingest.visitors import Visitors
from footfall.catalog.salts import Salts
from footfall.model.project import Project

MAX_AHEAD_MS = 60_000
LATE_AFTER_MS = 15 * 60_000
_MAX_DEVICE_ID = 64
_UNKNOWN_AGENT = "unknown/1.0"


class Sender(Struct, frozen=True):
    """Who speaks: project, address (never stored), user agent, SDK, and whether a secret proved it."""

    project: Project
    ip: str
    user_agent: str
    headers: Mapping[str, str]
    is_proven: bool = False


class Tracked(Struct, frozen=True):
    """A `track` payload, validated (contract §3.3)."""

    name: str
    profile_id: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


class Identity(Struct, frozen=True):
    """What the answer says of the visitor."""

    device_id: str
    session_id: str


class Intake:
    """The door. One per process, used from its event loop."""

    def __init__(
        self,
        commit: GroupCommit,
        visitors: Visitors,
        geo: GeoReader,
        salts: Callable[[], Salts],
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._commit = commit
        self._salts = salts
        self.visitors = visitors
        self.ledger = Ledger()
        self.duplicates = Duplicates()
        self.now = clock
        self.locate = lru_cache(50_000)(lambda ip: _place(geo, ip))

    # -- who is it

    def bot(self, sender: Sender) -> bots.Bot | None:
        """The crawler behind a user agent; a proven sender is never one (§3.7). Counted in the ledger."""
        if sender.is_proven or not sender.user_agent:
            return None
        found = bots.bot(sender.user_agent)
        if found is not None:
            self.drop(sender.project.id, DropReason.BOT)
        return found

    def devices(self, sender: Sender, ip: str, given: object = None) -> tuple[str, ...]:
        """The device ids a visitor may have: the given one, else today's and yesterday's hash (§4.1)."""
        if isinstance(given, str) and 0 < len(given.strip()) <= _MAX_DEVICE_ID:
            return (given.strip(),)
        agent = sender.user_agent or _UNKNOWN_AGENT
        salts = self._salts()
        project = sender.project.id
        today = device_id(agent, ip, project, salts.current)
        if salts.previous == salts.current:
            return (today,)
        return (today, device_id(agent, ip, project, salts.previous))

    def whereabouts(self, sender: Sender) -> Identity:
        """The device and session a sender is in, or would be in with an event now; changes nothing."""
        candidates = self.devices(sender, sender.ip)
        now = self.now()
        for device in candidates:
            visit = self.visitors.find(sender.project.id, device, now)
            if visit is not None:
                return Identity(visit.device_id, visit.session_id)
        return Identity(candidates[0], session_id(sender.project.id, candidates[0], now))

    def session_now(self, sender: Sender) -> tuple[Identity, str]:
        """The session a browser is in, and in which words `/track/device-id` says so (§3.8)."""
        words = ("current session exists for this device id", "previous session exists for this device id")
        candidates = self.devices(sender, sender.ip)
        for device, message in zip(candidates, words, strict=False):
            visit = self.visitors.find(sender.project.id, device, self.now())
            if visit is not None:
                return Identity(visit.device_id, visit.session_id), message
        return Identity(candidates[0], ""), "No session exists for this device id"

    # -- what did they do

    def track(self, sender: Sender, tracked: Tracked) -> tuple[Identity, Awaitable[None]]:
        """Accept one event; the awaitable is done when it is on disk. Raises Overloaded."""
        now = self.now()
        properties = tracked.properties
        at, is_late = self._time_of(properties, now)
        ip = _text(properties.get("__ip")) or sender.ip
        profile_id, identify = self._identity_of(sender, tracked, ip, now)
        project_id = sender.project.id
        is_server = ua.parse(sender.user_agent).is_server
        candidates = self.devices(sender, ip, properties.get("__deviceId"))
        hit = Hit(
            project_id=project_id,
            name=tracked.name,
            at=at,
            received_at=now,
            profile_id=profile_id,
            is_late=is_late,
            is_server=is_server,
            user_agent=sender.user_agent,
            place=self.locate(ip),
            properties=self._marked(sender, properties),
            groups=tracked.groups,
            sdk_name=sender.headers.get("openpanel-sdk-name", "")[:64],
            sdk_version=sender.headers.get("openpanel-sdk-version", "")[:64],
        )
        if is_server:
            answer = self._place_server(hit, candidates, given="__deviceId" in properties)
        elif is_late:
            hit.device_id = candidates[0]
            answer = Identity(hit.device_id, session_id(project_id, hit.device_id, at))
        else:
            visit, hit.opens = self.visitors.enter(project_id, candidates, profile_id, at)
            hit.device_id, hit.session_id = visit.device_id, visit.session_id
            answer = Identity(visit.device_id, visit.session_id)
        if tracked.name in sender.project.blocked_events:
            self.drop(project_id, DropReason.BLOCKED_EVENT)
            return answer, self.store(*([identify] if identify else []))
        return answer, self.store(*([identify, hit] if identify else [hit]))

    def _place_server(self, hit: Hit, candidates: tuple[str, ...], *, given: bool) -> Identity:
        """A program's event belongs to the open session of its person or named device, if there is one.

        The answer names a device and session even where the event gets none (§3.4).
        """
        visit = None
        if not hit.is_late:
            if given:
                visit = self.visitors.find(hit.project_id, candidates[0], hit.at)
            if visit is None and hit.profile_id:
                visit = self.visitors.of_profile(hit.project_id, hit.profile_id, hit.at)
        if visit is not None:
            hit.device_id, hit.session_id = visit.device_id, visit.session_id
            return Identity(visit.device_id, visit.session_id)
        if given:
            hit.device_id = candidates[0]
        return Identity(candidates[0], session_id(hit.project_id, candidates[0], hit.at))

    def _time_of(self, properties: Mapping[str, Any], now: int) -> tuple[int, bool]:
        """The event's time and whether it is from the past (§3.4): unreadable or future ones are ignored."""
        given = properties.get("__timestamp")
        if given is None:
            return now, False
        at = parse_instant(given)
        if at is None or at > now + MAX_AHEAD_MS:
            return now, False
        return at, at < now - LATE_AFTER_MS

    def _identity_of(
        self, sender: Sender, tracked: Tracked, ip: str, now: int
    ) -> tuple[str, Identify | None]:
        inline = tracked.properties.get("__identify")
        if not isinstance(inline, dict):
            return tracked.profile_id, None
        profile_id = _id_text(inline.get("profileId")) or tracked.profile_id
        if not profile_id or len(inline) < 2:
            return profile_id, None
        properties = inline.get("properties")
        return profile_id, Identify(
            project_id=sender.project.id,
            profile_id=profile_id,
            at=now,
            first_name=_text(inline.get("firstName")),
            last_name=_text(inline.get("lastName")),
            email=_text(inline.get("email")),
            avatar=_text(inline.get("avatar")),
            properties=properties if isinstance(properties, dict) else {},
            user_agent=sender.user_agent,
            place=self.locate(ip),
        )

    @staticmethod
    def _marked(sender: Sender, properties: dict[str, Any]) -> dict[str, Any]:
        """Only the server says what looks like a bot (§3.5, §4.6)."""
        if "__bot" in properties or "__bot_reasons" in properties:
            properties = {key: value for key, value in properties.items() if key not in ("__bot", "__bot_reasons")}
        if sender.is_proven:
            return properties
        agent = ua.parse(sender.user_agent)
        if agent.is_server:
            return properties
        reasons = bots.suspicion(sender.headers, agent, sender.user_agent)
        return {**properties, **bots.mark(reasons)} if reasons else properties

    # -- store it

    def store(self, *records: Record) -> Awaitable[None]:
        """Hand records to the journal, with what the ledger has gathered; done when on disk."""
        return self._commit.add(*records, *self.ledger.take(self.now()))

    def drop(self, project_id: str, reason: DropReason) -> None:
        """Count a hit that is not stored, for the project's owner to see."""
        day = datetime.fromtimestamp(self.now() / 1000, UTC).date().isoformat()
        self.ledger.count(project_id, day, reason)

    async def flush(self) -> None:
        """Write what the ledger holds now."""
        records = self.ledger.take(None)
        if records:
            await self._commit.add(*records)


def _place(geo: GeoReader, ip: str) -> Place:
    found = geo.lookup(ip)
    return Place(found.country, found.region, found.city, found.longitude, found.latitude)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _id_text(value: object) -> str:
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int) else ""
