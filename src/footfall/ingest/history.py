"""Events from the past: late hits, imported rows, access logs. They get the sessions they belong to.

The rules are those of sessions.py, applied by event time: an event joins its visitor's session that
covers its time (within the idle window on either side) or makes one; rows that name their session are
taken at their word (contracts/README.md, decisions). Asides stay out of sessions here too. A stored session that
changes is written anew, and so are its dwells.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from itertools import takewhile

from msgspec import Struct, field

from footfall.ingest.dwells import dwells_of, rebuild_dwells
from footfall.ingest.sessions import OpenSessions, begin, extend, inherit_referrer, new_session_id, stay_with
from footfall.model.event import (
    ASIDES,
    BROUGHT_END,
    BROUGHT_START,
    MARKS,
    NO_MARKS,
    SESSION_END,
    SESSION_START,
    Event,
    Session,
)
from footfall.model.times import DAY_MS
from footfall.store.base import Batch, Past

_BROUGHT = {SESSION_START: BROUGHT_START, SESSION_END: BROUGHT_END}
NAMED_WINDOW_MS = DAY_MS

Changed = dict[tuple[str, str], Session]
"""The sessions that a batch must write, by project and session id."""


class Late(Struct, gc=False):
    """One event from the past, when it came in, and the id of the start of a session that it may make.

    `is_carried`: it goes on with a session that its visitor brought along, and so is of that one's device.
    """

    event: Event
    received_at: int
    start_id: str
    is_carried: bool = False


class _Touched(Struct, gc=False):
    """A session that this batch made or changed, with what came to it."""

    session: Session
    known: bool  # it stood in the store, or was open, before
    late: list[Late] = field(default_factory=list)
    has_news: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.session.project_id, self.session.id


def _time(item: Late) -> int:
    return item.event.created_at


def _order(session: Session) -> tuple[int, str]:
    """By their beginning; of those that began at once, in the same order whatever the store's is."""
    return session.created_at, session.id


def _distance(session: Session, at: int) -> tuple[int, int]:
    """How well a time suits a session; less is better."""
    if session.created_at <= at <= session.ended_at:
        return (0, 0)
    return (1, at - session.ended_at) if at > session.ended_at else (2, session.created_at - at)


class History:
    """Places events by their own time. One instance serves one drain."""

    def __init__(self, store: Past, opened: OpenSessions) -> None:
        self._store = store
        self._opened = opened

    def place(self, late: Sequence[Late], batch: Batch, changed: Changed) -> None:
        """Give each event its session and add everything that follows from it to the batch.

        `late` holds no event that is already stored. Sessions made or revised go to `changed`.
        """
        touched: dict[tuple[str, str], _Touched] = {}
        by_project: dict[str, list[Late]] = defaultdict(list)
        for item in late:
            by_project[item.event.project_id].append(item)
        for project_id, items in by_project.items():
            items.sort(key=_time)
            happened = [item for item in items if item.event.name not in ASIDES]
            named = [item for item in happened if item.event.session_id]
            unnamed = [item for item in happened if not item.event.session_id and item.event.device_id]
            self._place_named(project_id, named, touched, changed)
            self._place_by_time(project_id, unnamed, touched, changed)
            batch.events.extend(item.event for item in items)
        self._finish(list(touched.values()), batch, changed)

    # -- which session

    def _place_named(
        self, project_id: str, items: list[Late], touched: dict[tuple[str, str], _Touched], changed: Changed
    ) -> None:
        if not items:
            return
        ids = {item.event.session_id for item in items}
        # A caller's session may have longer silences than ours.
        span = self._span(items, max(self._opened.timeout_ms, NAMED_WINDOW_MS))
        known = {session.id: session for session in self._store.sessions_by_id(project_id, ids, *span)}
        for item in items:
            event = item.event
            key = (project_id, event.session_id)
            entry = touched.get(key)
            if entry is None:
                session = self._opened.get(*key) or changed.get(key) or known.get(event.session_id)
                entry = touched[key] = self._touch(session, item)
                if session is None and event.name not in MARKS:
                    entry.late.append(item)
                    continue
            self._take(entry, item)

    def _place_by_time(
        self, project_id: str, items: list[Late], touched: dict[tuple[str, str], _Touched], changed: Changed
    ) -> None:
        if not items:
            return
        by_device: dict[str, list[Late]] = defaultdict(list)
        for item in items:
            by_device[item.event.device_id].append(item)
        near: dict[str, Session] = {}
        for session in self._store.sessions_near(
            project_id, by_device, *self._span(items, self._opened.timeout_ms)
        ):
            near[session.id] = session
        # What this batch made or changed, the store doesn't know yet.
        for session in (*changed.values(), *(entry.session for entry in touched.values())):
            if session.project_id == project_id and session.device_id in by_device:
                near[session.id] = session
        for device_id in by_device:
            opened = self._opened.of_device(project_id, device_id)
            if opened is not None:
                near[opened.id] = opened
        candidates: dict[str, list[_Touched]] = defaultdict(list)
        for session in sorted(near.values(), key=_order):
            candidates[session.device_id].append(self._known(session, touched))
        for device_id, hits in by_device.items():
            self._sweep(hits, candidates[device_id], touched)

    def _sweep(self, hits: list[Late], sessions: list[_Touched], touched: dict[tuple[str, str], _Touched]) -> None:
        """Walk one device's hits in time order, each into the session that covers it or one of its own.

        Marks go last, when all sessions are known, and never make one.
        """
        running = deque(sessions)
        for item in hits:
            if item.event.name in MARKS:
                continue
            at = item.event.created_at
            entry = self._covering(running, at)
            if entry is None:
                event = item.event
                event.session_id = new_session_id(event.project_id, event.device_id, at, self._opened.timeout_ms)
                entry = self._touch(None, item)
                entry.late.append(item)
                running.appendleft(entry)
                sessions.append(entry)
            else:
                self._take(entry, item)
            touched[entry.key] = entry
        marks = [item for item in hits if item.event.name in MARKS]
        running = deque(sorted(sessions, key=lambda entry: _order(entry.session))) if marks else running
        for item in marks:
            entry = self._covering(running, item.event.created_at)
            if entry is not None:
                self._take(entry, item)
                touched[entry.key] = entry

    def _covering(self, running: deque[_Touched], at: int) -> _Touched | None:
        """Of sessions in order: the one that was on at that time, else the one before, else the one after.

        Forgets those that are over by then, so times must not go back from call to call.
        """
        window = self._opened.timeout_ms
        while running and running[0].session.ended_at + window < at:
            running.popleft()
        begun = takewhile(lambda entry: entry.session.created_at - window <= at, running)
        near = [entry for entry in begun if at <= entry.session.ended_at + window]
        return min(near, key=lambda entry: _distance(entry.session, at), default=None)

    def _known(self, session: Session, touched: dict[tuple[str, str], _Touched]) -> _Touched:
        entry = touched.get((session.project_id, session.id))
        return entry or self._touch(session, None)

    def _touch(self, session: Session | None, first: Late | None) -> _Touched:
        if session is not None:
            return _Touched(session, known=True)
        assert first is not None
        session = begin(first.event, first.received_at, first.start_id)
        session.is_open = False
        if first.event.name in MARKS:
            session.event_count = 0
            session.marks = NO_MARKS
        return _Touched(session, known=False)

    @staticmethod
    def _take(entry: _Touched, item: Late) -> None:
        """One more event of a session that is there."""
        session, event = entry.session, item.event
        event.session_id = session.id
        if item.is_carried:
            stay_with(event, session)
        entry.has_news = True
        if event.name in MARKS:
            session.marks |= _BROUGHT[event.name]
            return
        if session.marks & NO_MARKS:
            _restart(session, item)
        else:
            extend(session, event, item.received_at)
        entry.late.append(item)

    @staticmethod
    def _span(items: Sequence[Late], window: int) -> tuple[int, int]:
        """The time that these events, which are in order, and sessions around them take."""
        return items[0].event.created_at - window, items[-1].event.created_at + window

    # -- what follows from it

    def _finish(self, touched: list[_Touched], batch: Batch, changed: Changed) -> None:
        known = [entry for entry in touched if entry.known]
        for entry in touched:
            entry.late.sort(key=_time)
            if not entry.known:
                self._make(entry, batch, changed)
        self._revise([entry for entry in known if entry.has_news], batch, changed)

    def _make(self, entry: _Touched, batch: Batch, changed: Changed) -> None:
        """A session that did not exist: all its rows come from this batch."""
        session, late = entry.session, entry.late
        for item in late:
            inherit_referrer(item.event, session)
        batch.dwells.extend(dwells_of(session, [item.event for item in late if item.event.is_view]))
        changed[session.project_id, session.id] = session

    def _revise(self, entries: list[_Touched], batch: Batch, changed: Changed) -> None:
        """Sessions that existed: they are written anew."""
        for entry in entries:
            session = entry.session
            for item in entry.late:
                inherit_referrer(item.event, session)
            changed[session.project_id, session.id] = session
        viewed = [entry.session for entry in entries if any(item.event.is_view for item in entry.late)]
        rebuild_dwells(self._store, viewed, batch)


def _restart(session: Session, item: Late) -> None:
    """Begin a session anew that so far only had marks, keeping its id."""
    fresh = begin(item.event, item.received_at, session.start_id)
    for name in fresh.__struct_fields__:
        if name not in ("id", "marks", "is_open", "is_stored"):
            setattr(session, name, getattr(fresh, name))
    session.marks &= ~NO_MARKS
