"""Accept: from a validated request to a durable record and an answer. Source: openpanel contract §3.

The dialects parse and authenticate; what a hit means (time, visitor, session, bot, duplicate) is decided here.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from footfall.catalog.salts import Salts
from footfall.ingest.commit import GroupCommit
from footfall.ingest.duplicates import Duplicates
from footfall.ingest.enrich import bots, ua
from footfall.ingest.enrich.geo import GeoReader
from footfall.ingest.enrich.ids import device_id
from footfall.ingest.enrich.properties import clean_text
from footfall.ingest.inline import inline_identify
from footfall.ingest.ledger import DropReason, Ledger
from footfall.ingest.records import Hit, Identify, Record
from footfall.ingest.times import parse_instant
from footfall.ingest.visitors import Visitors
from footfall.model.project import Project
from footfall.model.times import DAY_MS

MAX_AHEAD_MS = 60_000
LATE_AFTER_MS = 15 * 60_000
_MAX_DEVICE_ID = 64
_MAX_ADDRESS = 64
_MAX_SDK = 64
_NOT_KEPT = frozenset({"__bot", "__bot_reasons", "__ip"})
_UNKNOWN_AGENT = "unknown/1.0"
_SDK_NAME, _SDK_VERSION = "openpanel-sdk-name", "openpanel-sdk-version"
HEADERS_READ = (*bots.HEADERS_READ, _SDK_NAME, _SDK_VERSION)
"""The headers of a sender that matter here, lower-case."""


class Sender(Struct, frozen=True):
    """Who speaks: project, address (never stored), user agent, headers (those of HEADERS_READ that came), and
    whether a secret proved it.
    """

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
        self._find_salts = salts
        self._salts: Salts | None = None
        self._salts_second = 0
        self.visitors = visitors
        self.ledger = Ledger()
        self._flushing = asyncio.Lock()
        self.duplicates = Duplicates()
        self.now = clock
        self.locate = lru_cache(50_000)(geo.lookup)

    # -- who is it

    def bot(self, sender: Sender) -> bots.Bot | None:
        """The crawler behind a user agent; a proven sender is never one (§3.7). Counted in the ledger."""
        if sender.is_proven or not sender.user_agent:
            return None
        found = bots.bot(sender.user_agent)
        if found is not None:
            self.drop(sender.project.id, DropReason.BOT)
        return found

    def devices(self, sender: Sender, ip: str) -> Iterator[str]:
        """The device ids a visitor may have: today's and yesterday's hash (§4.1), each made when asked for."""
        agent = sender.user_agent or _UNKNOWN_AGENT
        salts = self._salts_now()
        project = sender.project.id
        yield device_id(agent, ip, project, salts.current)
        if salts.previous != salts.current:
            yield device_id(agent, ip, project, salts.previous)

    def _salts_now(self) -> Salts:
        """The day's salts, looked up once a second."""
        second = self.now() // 1_000
        if self._salts is None or second != self._salts_second:
            self._salts, self._salts_second = self._find_salts(), second
        return self._salts

    def whereabouts(self, sender: Sender) -> Identity:
        """The device and session a sender is in, or would be in with an event now; changes nothing."""
        candidates = tuple(self.devices(sender, sender.ip))
        return Identity(*self.visitors.peek(sender.project.id, candidates, self.now()))

    def session_now(self, sender: Sender) -> tuple[Identity, str]:
        """The session a browser is in, and in which words `/track/device-id` says so (§3.8)."""
        words = ("current session exists for this device id", "previous session exists for this device id")
        candidates = tuple(self.devices(sender, sender.ip))
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
        given_ip = properties.get("__ip")
        ip = given_ip if isinstance(given_ip, str) and 0 < len(given_ip) <= _MAX_ADDRESS else sender.ip
        identify = None
        profile_id = tracked.profile_id
        if "__identify" in properties:
            profile_id, identify = self._identify(sender, tracked, ip, now)
        named = _named_device(properties)
        candidates = iter((named,)) if named else self.devices(sender, ip)
        hit = self._hit(sender, tracked, profile_id, ip, now)
        if tracked.name in sender.project.blocked_events:
            self.drop(hit.project_id, DropReason.BLOCKED_EVENT)
            answer = Identity(*self.visitors.peek(hit.project_id, tuple(candidates), hit.at))
            return answer, self.store(*([identify] if identify else []))
        if hit.is_server:
            answer = self._place_server(hit, tuple(candidates), named)
        elif hit.is_late:
            answer = self._place_late(hit, tuple(candidates))
        else:
            visit, hit.opens = self.visitors.enter(hit.project_id, candidates, profile_id, hit.at)
            hit.device_id, hit.session_id = visit.device_id, visit.session_id
            answer = Identity(visit.device_id, visit.session_id)
        return answer, self.store(*([identify, hit] if identify else [hit]))

    def _hit(self, sender: Sender, tracked: Tracked, profile_id: str, ip: str, now: int) -> Hit:
        """The record of an event, not yet of any visitor."""
        at, is_late = _time_of(tracked.properties, now)
        agent = ua.parse(sender.user_agent)
        headers = sender.headers
        return Hit(
            project_id=sender.project.id,
            name=tracked.name,
            at=at,
            received_at=now,
            profile_id=profile_id,
            is_late=is_late,
            is_server=agent.is_server,
            user_agent=sender.user_agent,
            place=self.locate(ip),
            properties=_marked(sender, agent, tracked.properties),
            groups=tracked.groups,
            sdk_name=headers.get(_SDK_NAME, "")[:_MAX_SDK],
            sdk_version=headers.get(_SDK_VERSION, "")[:_MAX_SDK],
        )

    def _place_server(self, hit: Hit, candidates: tuple[str, ...], named: str) -> Identity:
        """A program's event belongs to the open session of its person or named device, if there is one.

        The answer names a device and session even where the event gets none (§3.4).
        """
        visit = None
        if not hit.is_late:
            if named:
                visit = self.visitors.find(hit.project_id, named, hit.at)
            if visit is None and hit.profile_id:
                visit = self.visitors.of_profile(hit.project_id, hit.profile_id, hit.at)
        if visit is not None:
            hit.device_id, hit.session_id = visit.device_id, visit.session_id
            return Identity(visit.device_id, visit.session_id)
        hit.device_id = named
        return Identity(candidates[0], self.visitors.new_id(hit.project_id, candidates[0], hit.at))

    def _place_late(self, hit: Hit, candidates: tuple[str, ...]) -> Identity:
        """An event from the past is of the device that its visitor had then; the drain finds its session."""
        visit = self.visitors.join_late(hit.project_id, candidates, hit.at)
        if visit is not None:
            hit.device_id = visit.device_id
            return Identity(visit.device_id, visit.session_id)
        is_of_today = hit.at // DAY_MS == hit.received_at // DAY_MS
        hit.device_id = candidates[0] if is_of_today else candidates[-1]
        return Identity(hit.device_id, self.visitors.new_id(hit.project_id, hit.device_id, hit.at))

    def _identify(self, sender: Sender, tracked: Tracked, ip: str, now: int) -> tuple[str, Identify | None]:
        """Who an event says its visitor is, and what that tells of the person (§3.4)."""
        told = inline_identify(tracked.properties["__identify"])
        if told is None:
            return tracked.profile_id, None
        profile_id = told.profile_id or tracked.profile_id
        if not profile_id or not told.has_traits:
            return profile_id, None
        return profile_id, Identify(
            project_id=sender.project.id,
            profile_id=profile_id,
            at=now,
            first_name=told.first_name,
            last_name=told.last_name,
            email=told.email,
            avatar=told.avatar,
            properties=told.properties,
            user_agent=sender.user_agent,
            place=self.locate(ip),
        )

    def keep(self, project: Project, hit: Hit) -> Awaitable[None]:
        """Accept an event whose dialect names its visitor and session; done when on disk. Raises Overloaded."""
        if hit.name in project.blocked_events:
            self.drop(project.id, DropReason.BLOCKED_EVENT)
            return self.store()
        if not (hit.is_late or hit.is_aside):
            self.visitors.note(hit.project_id, hit.device_id, hit.session_id, hit.profile_id, hit.at)
        return self.store(hit)

    # -- store it

    def store(self, *records: Record) -> Awaitable[None]:
        """Hand records to the journal, with what the ledger has gathered; done when on disk."""
        return self._commit.add(*records, *self.ledger.take(self.now()))

    def drop(self, project_id: str, reason: DropReason) -> None:
        """Count a hit that is not stored, for the project's owner to see."""
        day = datetime.fromtimestamp(self.now() / 1000, UTC).date().isoformat()
        self.ledger.count(project_id, day, reason)

    async def flush(self) -> None:
        """Write what the ledger holds now; done when it is on disk, also where another flush had taken it."""
        async with self._flushing:
            records = self.ledger.take(None)
            if records:
                await self._commit.add(*records)


def _named_device(properties: Mapping[str, Any]) -> str:
    """The device that a caller names itself (§3.5), '' if none."""
    given = properties.get("__deviceId")
    if not isinstance(given, str):
        return ""
    given = clean_text(given)
    return given if len(given) <= _MAX_DEVICE_ID else ""


def _time_of(properties: Mapping[str, Any], now: int) -> tuple[int, bool]:
    """The event's time and whether it is from the past (§3.4): unreadable or future ones are ignored."""
    given = properties.get("__timestamp")
    if given is None:
        return now, False
    return time_of(parse_instant(given), now)


def time_of(at: int | None, now: int) -> tuple[int, bool]:
    """The time of an event that says when it was, in ms, and whether that is in the past.

    None and what is more than a minute ahead is now.
    """
    if at is None or at > now + MAX_AHEAD_MS:
        return now, False
    return at, at < now - LATE_AFTER_MS


def _marked(sender: Sender, agent: ua.UserAgent, properties: dict[str, Any]) -> dict[str, Any]:
    """Only the server says what looks like a bot (§3.5, §4.6); and no address is written down."""
    if not _NOT_KEPT.isdisjoint(properties):
        properties = {key: value for key, value in properties.items() if key not in _NOT_KEPT}
    if sender.is_proven or agent.is_server:
        return properties
    reasons = bots.suspicion(sender.headers, agent, sender.user_agent)
    return {**properties, **bots.mark(reasons)} if reasons else properties
