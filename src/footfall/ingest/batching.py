"""From journal groups to one batch: every record becomes rows, in the order it was accepted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct, field

from footfall.ingest.dwells import dwell_between, rebuild_dwells
from footfall.ingest.enrich.ids import SESSION_BUCKET_MS
from footfall.ingest.enrichment import enrich
from footfall.ingest.event_ids import END, EVENT, START, EventIds
from footfall.ingest.history import Changed, History, Late, forget_marks
from footfall.ingest.journal import Group, ImportCount
from footfall.ingest.profiles import Profiles, group_row
from footfall.ingest.records import (
    AssignGroups,
    Dropped,
    Hit,
    Identify,
    Increment,
    Record,
    Row,
    UpsertGroup,
    decode_group,
    encode_record,
)
from footfall.ingest.sessions import (
    END_LAG_MS,
    OpenSessions,
    adopt,
    begin,
    credit,
    end_of,
    extend,
    inherit_referrer,
    start_of,
)
from footfall.model.event import SESSION_END, DropCount, Event, Session
from footfall.model.event import Group as GroupRow
from footfall.store.base import Batch, Revision, Store

Quarantine = Callable[[int, int, str, bytes], None]


class Built(Struct):
    """A batch ready to write, and what it means for the imports whose records it holds."""

    batch: Batch
    imports: dict[str, ImportCount] = field(default_factory=dict)


class _Pass(Struct):
    """What one build gathers."""

    batch: Batch
    profiles: Profiles
    changed: Changed = field(default_factory=dict)
    closed: dict[tuple[str, str], Session] = field(default_factory=dict)
    disordered: dict[tuple[str, str], Session] = field(default_factory=dict)
    late: list[tuple[Late, str | None]] = field(default_factory=list)
    groups: dict[tuple[str, str], GroupRow] = field(default_factory=dict)
    drops: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))


class Batching:
    """Builds batches. Holds no state of its own but the open sessions."""

    def __init__(self, store: Store, opened: OpenSessions, ids: EventIds) -> None:
        self._store = store
        self._opened = opened
        self._ids = ids
        self._history = History(store, opened)

    def build(self, groups: Sequence[Group], quarantine: Quarantine) -> Built:
        """Turn groups into one batch that ends at the last group's position.

        A record that can't be read or enriched goes to `quarantine`, so that it stops nothing.
        """
        work = _Pass(Batch(position=groups[-1].seq), Profiles(self._store.profiles))
        decoded = [(group, self._decode(group, quarantine)) for group in groups]
        work.profiles.prefetch(_profiles_in(record for _, records in decoded for record in records))
        work.closed = self._closed_sessions(record for _, records in decoded for record in records)
        for group, records in decoded:
            for place, record in enumerate(records):
                try:
                    self._take(record, group, place, work)
                except Exception as error:
                    quarantine(group.seq, place, repr(error), encode_record(record))
        imports = self._place_late(work)
        self._finish(work)
        return Built(work.batch, imports)

    def close(self, sessions: Iterable[Session], position: int, now_ms: int) -> Batch:
        """A batch that only ends these sessions."""
        batch = Batch(position=position)
        for session in sessions:
            self._opened.remove(session)
            batch.events.append(end_of(session, self._ids.reaped(now_ms)))
            batch.sessions.append(session)
        return batch

    @staticmethod
    def _decode(group: Group, quarantine: Quarantine) -> list[Record]:
        try:
            return decode_group(group.payload)
        except Exception as error:
            quarantine(group.seq, -1, repr(error), group.payload)
            return []

    # -- one record

    def _take(self, record: Record, group: Group, place: int, work: _Pass) -> None:
        match record:
            case Hit():
                self._take_hit(record, group, place, work)
            case Row():
                work.late.append((self._late(record.event, group, place), group.import_id))
            case Identify():
                work.profiles.identify(record)
            case Increment():
                work.profiles.increment(record)
            case AssignGroups():
                work.profiles.assign(record)
            case UpsertGroup():
                work.groups[record.project_id, record.id] = group_row(record)
            case Dropped():
                for drop in record.drops:
                    work.drops[drop.project_id, drop.day, drop.reason] += drop.count

    def _take_hit(self, hit: Hit, group: Group, place: int, work: _Pass) -> None:
        event = enrich(hit, self._ids.of(group.seq, place, EVENT))
        if hit.is_server:
            self._take_server(event, hit, work)
            return
        if hit.is_late:
            event.session_id = ""
            late = self._late(event, group, place)
            late.received_at = hit.received_at
            work.late.append((late, group.import_id))
            return
        session = self._opened.get(event.project_id, event.session_id) or self._reopen(event, group, place, work)
        if session is None:
            session = self._begin(event, hit, group, place, work)
        else:
            was_anonymous = session.profile_id == session.device_id
            extend(session, event, hit.received_at)
            if was_anonymous and event.profile_id != event.device_id:
                work.profiles.saw(event)
            self._note_dwell(session, event, work)
        inherit_referrer(event, session)
        work.changed[session.project_id, session.id] = session
        work.batch.events.append(event)

    def _begin(self, event: Event, hit: Hit, group: Group, place: int, work: _Pass) -> Session:
        session = begin(event, hit.received_at)
        self._open(session, group, place, work)
        work.batch.events.append(start_of(event, self._ids.of(group.seq, place, START)))
        if event.profile_id != event.device_id:
            work.profiles.saw(event)
        self._note_dwell(session, event, work)
        return session

    def _reopen(self, event: Event, group: Group, place: int, work: _Pass) -> Session | None:
        """The session of an event's id if it is over, open again: the clock went back, or events from the
        past made that session before this visitor came online.
        """
        key = (event.project_id, event.session_id)
        session = work.changed.get(key) or work.closed.get(key)
        if session is None:
            return None
        session.is_open = True
        self._open(session, group, place, work)
        forget_marks(work.batch, {key}, SESSION_END)
        work.batch.revisions.append(
            Revision(
                project_id=session.project_id,
                session_id=session.id,
                from_ms=session.created_at,
                to_ms=session.ended_at + END_LAG_MS,
                dwells=False,
                end=True,
            )
        )
        # A session that is over has forgotten its last view.
        work.disordered[key] = session
        return session

    def _open(self, session: Session, group: Group, place: int, work: _Pass) -> None:
        previous = self._opened.add(session)
        if previous is not None:
            self._opened.remove(previous)
            work.changed[previous.project_id, previous.id] = previous
            work.batch.events.append(end_of(previous, self._ids.of(group.seq, place, END)))

    def _closed_sessions(self, records: Iterable[Record]) -> dict[tuple[str, str], Session]:
        """The stored sessions that are over and that hits of this batch name nevertheless."""
        times: dict[tuple[str, str], int] = {}
        for record in records:
            if isinstance(record, Hit) and record.session_id and not (record.is_late or record.is_server):
                key = (record.project_id, record.session_id)
                if key not in times and self._opened.get(*key) is None:
                    times[key] = record.at
        by_project: dict[str, list[str]] = defaultdict(list)
        for project_id, session_id in times:
            by_project[project_id].append(session_id)
        window = 2 * max(self._opened.timeout_ms, SESSION_BUCKET_MS)
        span = (min(times.values()) - window, max(times.values()) + window) if times else (0, 0)
        return {
            (project_id, session.id): session
            for project_id, ids in by_project.items()
            for session in self._store.sessions_by_id(project_id, ids, *span)
        }

    def _note_dwell(self, session: Session, event: Event, work: _Pass) -> None:
        if not event.is_view:
            return
        if event.created_at < session.last_view_at:
            work.disordered[session.project_id, session.id] = session
        dwell = dwell_between(session, event)
        if dwell is not None:
            work.batch.dwells.append(dwell)

    def _take_server(self, event: Event, hit: Hit, work: _Pass) -> None:
        """A program's event: it may belong to a session that is open, and never makes or extends one."""
        session = self._opened.get(event.project_id, event.session_id) if event.session_id else None
        if session is not None and not hit.is_late:
            adopt(event, session)
            credit(session, event)
            work.changed[session.project_id, session.id] = session
        else:
            event.session_id = ""
        work.batch.events.append(event)

    def _late(self, event: Event, group: Group, place: int) -> Late:
        if not event.id:
            event.id = self._ids.of(group.seq, place, EVENT)
        return Late(
            event=event,
            received_at=event.imported_at or event.created_at,
            start_id=self._ids.of(group.seq, place, START),
            end_id=self._ids.of(group.seq, place, END),
        )

    # -- the whole batch

    def _place_late(self, work: _Pass) -> dict[str, ImportCount]:
        """Leave out what is stored already, place the rest, and count both per import."""
        if not work.late:
            return {}
        known = self._known_ids([late.event for late, _ in work.late])
        fresh: list[Late] = []
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for late, import_id in work.late:
            is_known = late.event.id in known
            if not is_known:
                known.add(late.event.id)
                fresh.append(late)
            if import_id is not None:
                counts[import_id][is_known] += 1
        self._history.place(fresh, work.batch, work.changed)
        return {key: ImportCount(added=added, known=seen, dropped=0) for key, (added, seen) in counts.items()}

    def _known_ids(self, events: Sequence[Event]) -> set[str]:
        by_project: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            by_project[event.project_id].append(event)
        known: set[str] = set()
        for project_id, of_project in by_project.items():
            times = [event.created_at for event in of_project]
            ids = [event.id for event in of_project]
            known |= self._store.event_ids_known(project_id, ids, min(times), max(times))
        return known

    def _finish(self, work: _Pass) -> None:
        batch = work.batch
        rebuild_dwells(self._store, list(work.disordered.values()), batch)
        batch.sessions = list(work.changed.values())
        batch.profiles = work.profiles.changed()
        batch.groups = list(work.groups.values())
        batch.drops = [
            DropCount(project_id=project_id, day=day, reason=reason, count=count)
            for (project_id, day, reason), count in work.drops.items()
        ]


def _profiles_in(records: Iterable[Record]) -> Iterable[tuple[str, str]]:
    for record in records:
        if isinstance(record, Identify | Increment | AssignGroups) or (
            isinstance(record, Hit) and record.opens and record.profile_id
        ):
            yield record.project_id, record.profile_id
