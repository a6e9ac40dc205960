"""Events from the past: late hits, imported rows, access logs. They get the sessions they belong to.

The rules are those of sessions.py, applied by event time: an event joins its visitor's session that
covers its time (within the idle window on either side) or makes one; rows that name their session are
taken at their word (contracts/README.md, decisions). A stored session that changes is revised: the
rows derived from it are deleted and written anew in the same batch.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct, field

from footfall.ingest.enrich.ids import session_id
from footfall.ingest.sessions import (
    END_LAG_MS,
    START_LEAD_MS,
    OpenSessions,
    begin,
    end_of,
    extend,
    inherit_referrer,
    start_of,
)
from footfall.model.event import SESSION_END, SESSION_START, Dwell, Event, Session
from footfall.store.base import Batch, Revision, Store


Changed = dict[tuple[str, str], Session]
"""The sessions that a batch must write, by project and session id."""


class Late(Struct):
    """One event from the past, when it came in, and ids for the marks it may bring."""

    event: Event
    received_at: int
    start_id: str
    end_id: str


class _Touched(Struct):
    """A session that this batch made or changed, with what came to it."""

    session: Session
    known: bool  # it stood in the store, or was open, before
    was_from: int = 0
    was_to: int = 0
    late: list[Late] = field(default_factory=list)
    brings_start: bool = False
    brings_end: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.session.project_id, self.session.id

    @property
    def new_start(self) -> bool:
        return self.session.created_at < self.was_from and not self.brings_start and bool(self.late)

    @property
    def new_end(self) -> bool:
        return not self.session.is_open and not self.brings_end and bool(self.late)


class History:
    """Places events by their own time. One instance serves one drain."""

    def __init__(self, store: Store, opened: OpenSessions) -> None:
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
            items.sort(key=lambda item: item.event.created_at)
            named = [item for item in items if item.event.session_id]
            unnamed = [item for item in items if not item.event.session_id and item.event.device_id]
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
        known = {
            session.id: session
            for session in self._store.sessions_by_id(project_id, ids, *self._span(items))
        }
        for item in items:
            event = item.event
            key = (project_id, event.session_id)
            entry = touched.get(key)
            if entry is None:
                session = self._opened.get(*key) or changed.get(key) or known.get(event.session_id)
                entry = touched[key] = self._touch(session, item)
                if session is None and event.name not in (SESSION_START, SESSION_END):
                    entry.late.append(item)
                    continue
            if event.name == SESSION_START:
                entry.brings_start = True
            elif event.name == SESSION_END:
                entry.brings_end = True
            else:
                self._join(entry, item)

    def _place_by_time(
        self, project_id: str, items: list[Late], touched: dict[tuple[str, str], _Touched], changed: Changed
    ) -> None:
        if not items:
            return
        by_device: dict[str, list[Late]] = defaultdict(list)
        for item in items:
            by_device[item.event.device_id].append(item)
        candidates: dict[str, list[_Touched]] = defaultdict(list)
        # What this batch changed, the store doesn't know yet: sessions that end in it, or go on after all.
        stored = self._store.sessions_near(project_id, by_device, *self._span(items))
        near = [session for session in stored if (project_id, session.id) not in changed]
        near += [
            session
            for session in changed.values()
            if not session.is_open and session.project_id == project_id and session.device_id in by_device
        ]
        for session in near:
            candidates[session.device_id].append(self._known(session, touched))
        for device_id, hits in by_device.items():
            opened = self._opened.of_device(project_id, device_id)
            if opened is not None:
                candidates[device_id].append(self._known(opened, touched))
            self._sweep(hits, candidates[device_id], touched)

    def _sweep(
        self, hits: list[Late], sessions: list[_Touched], touched: dict[tuple[str, str], _Touched]
    ) -> None:
        """Walk one device's hits in time order, each into the newest session that covers it."""
        window = self._opened.timeout_ms
        for item in hits:
            at = item.event.created_at
            entry = next(
                (
                    one
                    for one in reversed(sessions)
                    if one.session.created_at - window <= at <= one.session.ended_at + window
                ),
                None,
            )
            if entry is None:
                event = item.event
                event.session_id = session_id(event.project_id, event.device_id, at)
                entry = self._touch(None, item)
                entry.late.append(item)
                sessions.append(entry)
            else:
                item.event.session_id = entry.session.id
                if not entry.late and entry.known:
                    self._note(entry)
                self._join(entry, item)
            touched[item.event.project_id, entry.session.id] = entry

    def _known(self, session: Session, touched: dict[tuple[str, str], _Touched]) -> _Touched:
        entry = touched.get((session.project_id, session.id))
        return entry or self._touch(session, None)

    def _touch(self, session: Session | None, first: Late | None) -> _Touched:
        if session is not None:
            entry = _Touched(session, known=True)
            self._note(entry)
            return entry
        assert first is not None
        session = begin(first.event, first.received_at)
        session.is_open = False
        if first.event.name in (SESSION_START, SESSION_END):
            session.event_count = 0
        return _Touched(session, known=False)

    @staticmethod
    def _note(entry: _Touched) -> None:
        entry.was_from = entry.session.created_at
        entry.was_to = entry.session.ended_at

    @staticmethod
    def _join(entry: _Touched, item: Late) -> None:
        session = entry.session
        if not session.screen_view_count and not session.event_count:
            _restart(session, item)
        else:
            extend(session, item.event, item.received_at)
        entry.late.append(item)

    def _span(self, items: Sequence[Late]) -> tuple[int, int]:
        times = [item.event.created_at for item in items]
        return min(times) - self._opened.timeout_ms, max(times) + self._opened.timeout_ms

    # -- what follows from it

    def _finish(self, touched: list[_Touched], batch: Batch, changed: Changed) -> None:
        known = [entry for entry in touched if entry.known]
        for entry in touched:
            if not entry.known:
                self._make(entry, batch, changed)
        self._revise(
            [entry for entry in known if entry.late or entry.brings_start or entry.brings_end], batch, changed
        )

    def _make(self, entry: _Touched, batch: Batch, changed: Changed) -> None:
        """A session that did not exist: all its rows come from this batch."""
        session, late = entry.session, entry.late
        if late:
            if not entry.brings_start:
                batch.events.append(start_of(late[0].event, late[0].start_id))
            for item in late:
                inherit_referrer(item.event, session)
            if not entry.brings_end:
                batch.events.append(end_of(session, late[-1].end_id))
        batch.dwells.extend(dwells_of(session, [item.event for item in late if item.event.is_view]))
        changed[session.project_id, session.id] = session

    def _revise(self, entries: list[_Touched], batch: Batch, changed: Changed) -> None:
        """Sessions that existed: replace what was derived from them."""
        forget_marks(batch, {entry.key for entry in entries if entry.new_start}, SESSION_START)
        forget_marks(batch, {entry.key for entry in entries if entry.new_end}, SESSION_END)
        for entry in entries:
            session, late = entry.session, entry.late
            for item in late:
                inherit_referrer(item.event, session)
            new_start, new_end = entry.new_start, entry.new_end
            batch.revisions.append(
                Revision(
                    project_id=session.project_id,
                    session_id=session.id,
                    from_ms=min(session.created_at, entry.was_from) - START_LEAD_MS,
                    to_ms=max(session.ended_at, entry.was_to) + END_LAG_MS,
                    dwells=False,
                    start=new_start or entry.brings_start,
                    end=new_end or entry.brings_end,
                )
            )
            if new_start:
                batch.events.append(start_of(late[0].event, late[0].start_id))
            if new_end:
                batch.events.append(end_of(session, late[-1].end_id))
            changed[session.project_id, session.id] = session
        viewed = [entry.session for entry in entries if any(item.event.is_view for item in entry.late)]
        rebuild_dwells(self._store, viewed, batch)


def forget_marks(batch: Batch, keys: set[tuple[str, str]], name: str) -> None:
    """Leave out the marks of these sessions that this very batch was to write: they get others, or none."""
    if keys:
        batch.events = [
            event
            for event in batch.events
            if event.name != name or (event.project_id, event.session_id) not in keys
        ]


def rebuild_dwells(store: Store, sessions: Sequence[Session], batch: Batch) -> None:
    """Make the dwells of these sessions anew, because a view came out of order.

    Their views are those in the store and those in the batch; both stores and batch lose the old dwells.
    """
    if not sessions:
        return
    views = _views(store, sessions, batch)
    keys = {(session.project_id, session.id) for session in sessions}
    batch.dwells = [dwell for dwell in batch.dwells if (dwell.project_id, dwell.session_id) not in keys]
    for session in sessions:
        seen = views[session.project_id, session.id]
        seen.sort(key=lambda view: view.created_at)
        batch.revisions.append(
            Revision(
                project_id=session.project_id,
                session_id=session.id,
                from_ms=session.created_at,
                to_ms=session.ended_at,
            )
        )
        batch.dwells.extend(dwells_of(session, seen))
        if seen:
            last = seen[-1]
            session.last_view_id, session.last_view_at = last.id, last.created_at
            session.last_view_origin, session.last_view_path = last.origin, last.path


def _views(store: Store, sessions: Sequence[Session], batch: Batch) -> dict[tuple[str, str], list[Event]]:
    found: dict[tuple[str, str], list[Event]] = {
        (session.project_id, session.id): [] for session in sessions
    }
    by_project: dict[str, list[Session]] = defaultdict(list)
    for session in sessions:
        by_project[session.project_id].append(session)
    for project_id, of_project in by_project.items():
        lo = min(session.created_at for session in of_project)
        hi = max(session.ended_at for session in of_project)
        for view in store.views_of(project_id, [session.id for session in of_project], lo, hi):
            found[project_id, view.session_id].append(view)
    for event in batch.events:
        if event.is_view and (event.project_id, event.session_id) in found:
            found[event.project_id, event.session_id].append(event)
    return found


def _restart(session: Session, item: Late) -> None:
    """Begin a session anew that so far only had marks, keeping its id."""
    fresh = begin(item.event, item.received_at)
    for name in fresh.__struct_fields__:
        if name not in ("id", "is_open", "is_stored"):
            setattr(session, name, getattr(fresh, name))


def dwells_of(session: Session, views: Iterable[Event]) -> list[Dwell]:
    """The dwell of each view that has a next one; `views` in time order."""
    return [
        Dwell(
            view_id=view.id,
            project_id=session.project_id,
            viewed_at=view.created_at,
            session_id=session.id,
            origin=view.origin,
            path=view.path,
            duration=following.created_at - view.created_at,
        )
        for view, following in pairwise(views)
    ]
