"""The session state machine, and the sessions that are open now. Source: openpanel contract §5.

A session ends when its device is silent for longer than the idle window. `begin` and `extend` are the
rules; `OpenSessions` applies them to hits as they arrive, `history.py` to those that come late.
"""

from collections.abc import Iterable
from functools import lru_cache

from footfall.ingest.enrich.ids import SESSION_BUCKET_MS, session_id
from footfall.model.event import NO_MARKS, SCREEN_VIEW, Event, Session

_MAX_REVENUE = 2**63 - 1
_PAGES = 20_000

# What a session and an event both say of the visitor and where he came from.
_SHARED = (
    *("country", "region", "city", "longitude", "latitude"),
    *("os", "os_version", "browser", "browser_version", "device", "brand", "model"),
    *("referrer", "referrer_name", "referrer_type"),
)
_UTM = tuple(
    (f"utm_{name}", f"__query.utm_{name}") for name in ("source", "medium", "campaign", "term", "content")
)


def new_session_id(project_id: str, device_id: str, at: int, timeout_ms: int) -> str:
    """The id of a session that begins at that time (§4.2).

    An id names half an hour; where sessions may be closer together, it names one idle window.
    """
    if timeout_ms < SESSION_BUCKET_MS:
        at = at * SESSION_BUCKET_MS // timeout_ms
    return session_id(project_id, device_id, at)


def begin(event: Event, received_at: int, start_id: str) -> Session:
    """A new session from its first event; `start_id` is the id of its `session_start`."""
    session = Session(
        id=event.session_id,
        project_id=event.project_id,
        device_id=event.device_id,
        profile_id=event.profile_id,
        created_at=event.created_at,
        ended_at=event.created_at,
        entry_origin=event.origin,
        entry_path=event.path,
        exit_origin=event.origin,
        exit_path=event.path,
        screen_view_count=1 if event.name == SCREEN_VIEW else 0,
        event_count=0 if event.name == SCREEN_VIEW else 1,
        revenue=event.revenue,
        groups=event.groups,
        start_id=start_id,
        received_at=received_at,
        **{name: getattr(event, name) for name in _SHARED},
    )
    properties = event.properties
    if properties:
        for column, key in _UTM:
            if key in properties:
                setattr(session, column, properties[key])
    _tell_start(session, event)
    see_page(session, event)
    return session


def extend(session: Session, event: Event, received_at: int) -> None:
    """Take one more event into a session."""
    at = event.created_at
    if at >= session.ended_at:
        session.ended_at = at
        if event.path:
            session.exit_path, session.exit_origin = event.path, event.origin
    elif not session.exit_path and event.path:
        session.exit_path, session.exit_origin = event.path, event.origin
    if at < session.created_at:
        session.created_at = at
        if event.path:
            session.entry_path, session.entry_origin = event.path, event.origin
        _tell_start(session, event)
    elif not session.entry_path and event.path:
        session.entry_path, session.entry_origin = event.path, event.origin
    session.duration = session.ended_at - session.created_at
    session.marks &= ~NO_MARKS
    if event.is_view:
        session.screen_view_count += 1
    else:
        session.event_count += 1
    if session.screen_view_count > 1:
        session.is_bounce = False
    credit(session, event)
    session.received_at = max(session.received_at, received_at)
    see_page(session, event)


def credit(session: Session, event: Event) -> None:
    """What an event adds to a session without being a part of it: money, groups, who it was."""
    if event.profile_id and event.profile_id != event.device_id:
        session.profile_id = event.profile_id
    if event.groups:
        session.groups = tuple(dict.fromkeys((*session.groups, *event.groups)))
    session.revenue = min(session.revenue + event.revenue, _MAX_REVENUE)


def adopt(event: Event, session: Session) -> None:
    """A program's event takes over who and where the visitor of the session is (§3.4)."""
    event.device_id = session.device_id
    event.path = event.path or session.exit_path
    event.origin = event.origin or session.exit_origin
    for name in _SHARED:
        setattr(event, name, getattr(session, name))


def stay_with(event: Event, session: Session) -> None:
    """A visit is of one device, also when its visitor's address, and so the device's id, changed on the way."""
    if event.profile_id == event.device_id:
        event.profile_id = session.device_id
    event.device_id = session.device_id


def _tell_start(session: Session, event: Event) -> None:
    """What `session_start` says of the first event and the session does not (§5)."""
    session.start_title, session.start_properties = event.title, event.properties
    session.start_sdk_name, session.start_sdk_version = event.sdk_name, event.sdk_version


def see_page(session: Session, event: Event) -> None:
    """Mark a view that is the session's first of its page."""
    if event.is_view:
        page = _page(event.origin, event.path)
        if page not in session.pages:
            session.pages.add(page)
            event.first_view = True


@lru_cache(_PAGES)
def _page(origin: str, path: str) -> tuple[str, str]:
    """One and the same for all sessions: each would keep two texts of its own for every page that it saw."""
    return origin, path


def inherit_referrer(event: Event, session: Session) -> None:
    """Every event of a session tells the session's source (§3.4)."""
    if session.referrer or session.referrer_name:
        event.referrer = session.referrer
        event.referrer_name = session.referrer_name
        event.referrer_type = session.referrer_type


class OpenSessions:
    """The sessions that may still grow, found by id, by device and by profile."""

    def __init__(self, sessions: Iterable[Session], timeout_ms: int) -> None:
        self.timeout_ms = timeout_ms
        self._by_id: dict[tuple[str, str], Session] = {}
        self._by_device: dict[tuple[str, str], Session] = {}
        for session in sorted(sessions, key=lambda session: session.ended_at):
            self.add(session)

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, session: Session) -> Session | None:
        """Open a session; returns the one of the same device that it ends, if any."""
        device = (session.project_id, session.device_id)
        previous = self._by_device.get(device)
        self._by_id[session.project_id, session.id] = session
        self._by_device[device] = session
        return previous if previous is not None and previous.id != session.id else None

    def get(self, project_id: str, session_id: str) -> Session | None:
        """The open session with this id."""
        return self._by_id.get((project_id, session_id))

    def of_device(self, project_id: str, device_id: str) -> Session | None:
        """The open session of this device."""
        return self._by_device.get((project_id, device_id))

    def remove(self, session: Session) -> None:
        """Close a session; its row moves to the closed ones with the next batch."""
        session.is_open = False
        self._by_id.pop((session.project_id, session.id), None)
        device = (session.project_id, session.device_id)
        if self._by_device.get(device) is session:
            del self._by_device[device]

    def idle(self, now_ms: int, grace_ms: int) -> list[Session]:
        """The sessions that no hit can extend any more.

        A hit may be as old as `grace_ms` and still count as if it had just arrived, so a session stays
        for the idle window and that long.
        """
        latest = now_ms - self.timeout_ms - grace_ms
        return [session for session in self._by_id.values() if session.received_at < latest]

    def all(self) -> list[Session]:
        """Every open session."""
        return list(self._by_id.values())
