"""One hit of this dialect: checked, given its ids, and handed to the journal (umami contract §1.2 to §1.6).

The order of refusals is the contract's: the body, the website, the bot, the blocked address.
"""

from collections.abc import Awaitable, Mapping
from functools import lru_cache

from msgspec import Struct

from footfall.api.umami.cache_token import CachedVisit, CacheTokens
from footfall.api.umami.payloads import Payload, SentType, take_sent
from footfall.api.umami.sent_event import device, given
from footfall.catalog.catalog import Catalog
from footfall.catalog.snapshot import Snapshot
from footfall.ingest.accept import Intake, time_of
from footfall.ingest.enrich import provider_geo
from footfall.ingest.enrich.bots import is_automated
from footfall.ingest.enrich.client_ip import TrustedProxies, client_address
from footfall.ingest.enrich.event_data import flatten_data
from footfall.ingest.enrich.properties import clean_text
from footfall.ingest.enrich.umami_ids import Identities
from footfall.ingest.ledger import DropReason
from footfall.ingest.records import Hit, Identify, Place
from footfall.model.errors import BadRequest, Forbidden
from footfall.model.event import ENGAGEMENT, ERROR, PERFORMANCE, SCREEN_VIEW
from footfall.model.event_data import UMAMI
from footfall.model.project import Project, ProjectKind

VISIT_SECONDS = 1_800
"""So long after its first hit a visit that a cache token carries ends."""

_LONGEST_CARRIED = 86_400
_MAX_ADDRESS = 64
_MAX_ID = 512
_LONGEST_ID = 4 * _MAX_ID  # characters of it that are looked at
_MAX_AGENT = 1_024
_NO_WEBSITE = "Website not found."
_NAMES: dict[SentType, str] = {"performance": PERFORMANCE, "engagement": ENGAGEMENT, "error": ERROR}
_website_id = lru_cache(4_096)(str)  # a UUID takes long to print

HEADERS_READ = ("user-agent", "referer", "host", "x-umami-cache", *provider_geo.HEADERS_READ)


class Collector(Struct, frozen=True):
    """What collecting needs.

    `ignored` are the addresses whose hits are refused (setting `ignore_ip`); `counts_bots` is the setting
    `disable_bot_check`.
    """

    intake: Intake
    catalog: Catalog
    identities: Identities
    tokens: CacheTokens
    trusted: TrustedProxies
    ip_headers: tuple[str, ...]
    ignored: TrustedProxies
    counts_bots: bool = False

    def source(self, payload: Payload, known: Snapshot) -> Project:
        """The project that a hit is for; where `known` has none a newer one may. Raises BadRequest."""
        for ref, kind in (
            (payload.website, ProjectKind.WEBSITE),
            (payload.link, ProjectKind.LINK),
            (payload.pixel, ProjectKind.PIXEL),
        ):
            if ref is None:
                continue
            project = known.projects.get(ref) or self.catalog.look_again().projects.get(ref)
            if project is not None and project.kind is kind:
                return project
        raise BadRequest(_NO_WEBSITE)


class Browser(Struct, frozen=True):
    """Who sends: the address ('' if unknown), the headers that are read, and whether a trusted proxy sent them."""

    ip: str
    headers: Mapping[str, str]
    is_proxied: bool

    @classmethod
    def of(cls, collector: Collector, peer: str, headers: Mapping[str, str]) -> "Browser":
        """From the socket's peer and lower-case headers."""
        ip = client_address(peer, headers, collector.trusted, collector.ip_headers)
        return cls(ip, headers, peer in collector.trusted)


class Collected(Struct, frozen=True):
    """What the answer says of a hit that counts."""

    cache: str
    session_id: str
    visit_id: str

    def body(self) -> dict[str, str]:
        """The JSON of the answer."""
        return {"cache": self.cache, "sessionId": self.session_id, "visitId": self.visit_id}


class Boop(Struct, frozen=True):
    """The answer to a bot."""

    def body(self) -> dict[str, str]:
        """The JSON of the answer."""
        return {"beep": "boop"}


class _Visitor(Struct, frozen=True):
    """Who did it, where and when. Times in ms. `is_carried`: the visit is the one that a token brought."""

    project: Project
    ip: str
    user_agent: str
    place: Place
    distinct_id: str
    session_id: str
    visit_id: str
    iat: int
    at: int
    now: int
    is_late: bool
    is_carried: bool


def collect(collector: Collector, browser: Browser, body: object) -> tuple[Collected | Boop, Awaitable[None]]:
    """Take one body of `/api/send`; the awaitable is done when it is on disk.

    Raises BadRequest, Forbidden, Overloaded.
    """
    known = collector.catalog.snapshot()
    sent = take_sent(body, known.projects.__contains__)
    payload = sent.payload
    project = collector.source(payload, known)
    user_agent = payload.user_agent or browser.headers.get("user-agent", "")
    intake = collector.intake
    if not collector.counts_bots and is_automated(user_agent):
        intake.drop(project.id, DropReason.BOT)
        return Boop(), intake.store()
    ip = (payload.ip or "")[:_MAX_ADDRESS] or browser.ip
    if ip in collector.ignored or ip in project.blocked_ips:
        intake.drop(project.id, DropReason.BLOCKED_IP)
        raise Forbidden("Forbidden")
    distinct_id = clean_text((payload.id or "")[:_LONGEST_ID])[:_MAX_ID]
    if distinct_id in project.blocked_profiles:
        intake.drop(project.id, DropReason.BLOCKED_PROFILE)
        raise Forbidden("Forbidden")
    visitor = _visitor(collector, browser, project, payload, ip, user_agent, distinct_id)
    if sent.type == "identify":
        durable = _identify(intake, visitor, payload)
    else:
        durable = intake.keep(project, _hit(visitor, sent.type, payload))
    website = _website_id(project.uuid)
    cache = collector.tokens.make(website, visitor.session_id, visitor.visit_id, visitor.iat)
    return Collected(cache, visitor.session_id, visitor.visit_id), durable


def _visitor(
    collector: Collector,
    browser: Browser,
    project: Project,
    payload: Payload,
    ip: str,
    user_agent: str,
    distinct_id: str,
) -> _Visitor:
    """Who it is (§1.3)."""
    now = collector.intake.now()
    at, is_late = time_of(payload.timestamp * 1000 if payload.timestamp else None, now)
    website = _website_id(project.uuid)
    session_id = collector.identities.session(website, ip, user_agent, at, distinct_id)
    carried = collector.tokens.read(browser.headers.get("x-umami-cache", ""))
    if carried is not None and carried.website_id != website:
        carried = None
    visit_id, iat, is_old = _visit(carried, at, now, has_time=bool(payload.timestamp))
    place = collector.intake.locate(ip)
    if browser.is_proxied and not payload.ip:
        place = provider_geo.provided_place(browser.headers, place)
    return _Visitor(
        project=project,
        ip=ip,
        user_agent=user_agent[:_MAX_AGENT],
        place=place,
        distinct_id=distinct_id,
        session_id=session_id,
        visit_id=visit_id or collector.identities.visit(session_id, at),
        iat=iat,
        at=at,
        now=now,
        is_late=is_late or is_old,
        is_carried=visit_id != "",
    )


def _visit(carried: CachedVisit | None, at: int, now: int, *, has_time: bool) -> tuple[str, int, bool]:
    """The visit that is carried along ('' for a new one), since when, and whether it may be over.

    A hit that names its time keeps its visit (§9), as long as that is of one day: who sends such hits with one
    token for weeks makes visits of a day, not one without an end.
    """
    if carried is None:
        return "", now // 1000, False
    iat = int(carried.iat or now // 1000)
    age = abs(at // 1000 - iat) if has_time else now // 1000 - iat
    if age <= VISIT_SECONDS:
        return carried.visit_id, iat, False
    if has_time and age <= _LONGEST_CARRIED:
        return carried.visit_id, iat, True
    return "", now // 1000, False


def _identify(intake: Intake, visitor: _Visitor, payload: Payload) -> Awaitable[None]:
    """Session data is what is known of the person, or of the visitor who has not said who they are (§1.4)."""
    if not payload.data and not visitor.distinct_id:
        return intake.store()
    record = Identify(
        project_id=visitor.project.id,
        profile_id=visitor.distinct_id or visitor.session_id,
        at=visitor.at,
        user_agent=visitor.user_agent,
        place=visitor.place,
        data=flatten_data(payload.data or {}),
        is_external=visitor.distinct_id != "",
    )
    return intake.store(record)


def _hit(visitor: _Visitor, kind: SentType, payload: Payload) -> Hit:
    """The record of an event."""
    name = clean_text(payload.name or "") or SCREEN_VIEW
    is_aside = kind != "event"
    return Hit(
        project_id=visitor.project.id,
        name=_NAMES.get(kind, name),
        at=visitor.at,
        received_at=visitor.now,
        device_id=visitor.session_id,
        session_id=visitor.visit_id,
        profile_id=visitor.distinct_id,
        is_late=visitor.is_late,
        user_agent=visitor.user_agent,
        place=visitor.place,
        properties=device(payload, visitor.user_agent),
        sdk_name=UMAMI,
        given=given(payload, is_aside=is_aside),
        is_aside=is_aside,
        is_carried=visitor.is_carried,
    )
