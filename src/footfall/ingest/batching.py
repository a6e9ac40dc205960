"""From journal groups to one batch: every record becomes rows, in the order it was accepted."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct, field

from footfall.ingest.columns import Piece, SortingOut, by_project, must_be_rows
from footfall.ingest.dwells import dwell_between, rebuild_dwells
from footfall.ingest.enrichment import enrich
from footfall.ingest.event_ids import EVENT, START, EventIds
from footfall.ingest.groups import Groups
from footfall.ingest.history import Changed, History, Late
from footfall.ingest.journal import Group, ImportCount
from footfall.ingest.known import Known
from footfall.ingest.profiles import Profiles
from footfall.ingest.records import (
    AssignGroups,
    Dropped,
    Erase,
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
    OpenSessions,
    adopt,
    begin,
    credit,
    extend,
    inherit_referrer,
    see_page,
    stay_with,
)
from footfall.model.event import DropCount, Event, Session
from footfall.store.base import Batch, Past
from footfall.store.columns import EventColumns
from footfall.store.ready import Ready

Quarantine = Callable[[int, int, str, bytes], None]


class Built(Struct):
    """A batch to write, and what it means for the imports whose records it holds.

    With `erase`, a deletion that comes next, it is empty.
    """

    batch: Batch | Ready
    imports: dict[str, ImportCount] = field(default_factory=dict)
    erase: Erase | None = None


class BuilderLost(Exception):
    """A builder has ended, hangs, or can't go on; what it was to build must be built by another."""


class Builder(Protocol):
    """Builds batches from the journal's groups, and keeps the sessions that are open.

    What it does raises Overloaded, as the store does, or BuilderLost.
    """

    @property
    def open_sessions(self) -> int:
        """How many sessions may still grow."""

    def build(self, groups: Sequence[Group], quarantine: Quarantine) -> Built:
        """Turn groups into one batch that ends at the position of the last one taken.

        All are taken, or those before a deletion, or a deletion alone: it concerns what is stored by then.
        A record that can't be read or enriched goes to `quarantine`, so that it stops nothing.
        """

    def close_idle(self, now_ms: int, grace_ms: int, position: int) -> Batch | Ready | None:
        """A batch that only ends the sessions that no hit can extend any more (`OpenSessions.idle`), if any."""


class _Pass(Struct):
    """What one build gathers."""

    batch: Batch
    profiles: Profiles
    groups: Groups
    changed: Changed = field(default_factory=dict)
    closed: dict[tuple[str, str], Session] = field(default_factory=dict)
    disordered: dict[tuple[str, str], Session] = field(default_factory=dict)
    late: list[tuple[Late, str | None]] = field(default_factory=list)
    columns: list[Piece] = field(default_factory=list)
    drops: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))


class Batching:
    """The `Builder` at work. Holds no state of its own but the open sessions."""

    def __init__(self, store: Past, opened: OpenSessions, ids: EventIds) -> None:
        self._store = store
        self._opened = opened
        self._ids = ids
        self._history = History(store, opened)
        self._known = Known(store, opened)

    @property
    def open_sessions(self) -> int:
        """See `Builder`."""
        return len(self._opened)

    def build(self, groups: Sequence[Group], quarantine: Quarantine) -> Built:
        """See `Builder`."""
        decoded: list[tuple[Group, list[Record]]] = []
        for group in groups:
            records = self._decode(group, quarantine)
            if records and isinstance(records[0], Erase):
                if not decoded:
                    return Built(Batch(position=group.seq), erase=records[0])
                break
            decoded.append((group, records))
        store = self._store
        work = _Pass(Batch(position=decoded[-1][0].seq), Profiles(store.profiles), Groups(store.groups_created))
        work.profiles.prefetch(self._known.profiles_in(record for _, records in decoded for record in records))
        work.closed = self._known.closed_sessions(record for _, records in decoded for record in records)
        for group, records in decoded:
            for place, record in enumerate(records):
                try:
                    self._take(record, group, place, work)
                except Exception as error:
                    quarantine(group.seq, place, repr(error), encode_record(record))
        imports = self._place_late(work)
        self._finish(work)
        return Built(work.batch, imports)

    def close_idle(self, now_ms: int, grace_ms: int, position: int) -> Batch | None:
        """See `Builder`."""
        idle = self._opened.idle(now_ms, grace_ms)
        for session in idle:
            self._opened.remove(session)
        return Batch(position=position, sessions=idle) if idle else None

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
            case EventColumns():
                work.columns.append((record, group))
            case Identify():
                work.profiles.identify(record)
            case Increment():
                work.profiles.increment(record)
            case AssignGroups():
                work.profiles.assign(record)
            case UpsertGroup():
                work.groups.upsert(record)
            case Dropped():
                for drop in record.drops:
                    work.drops[drop.project_id, drop.day, drop.reason] += drop.count

    def _take_hit(self, hit: Hit, group: Group, place: int, work: _Pass) -> None:
        event = enrich(hit, self._ids.of(group.seq, place, EVENT))
        if hit.is_server:
            self._take_server(event, hit, work)
            return
        if hit.is_aside:
            self._take_aside(event, work)
            return
        if hit.is_late:
            if hit.given is None:
                event.session_id = ""
            late = self._late(event, group, place)
            late.received_at, late.is_carried = hit.received_at, hit.is_carried
            if event.profile_id != event.device_id:
                work.profiles.saw(event, is_late=True)
            work.late.append((late, group.import_id))
            return
        session = self._opened.get(event.project_id, event.session_id) or self._reopen(event, work)
        if session is None:
            session = self._begin(event, hit, group, place, work)
        else:
            if hit.given is not None:
                stay_with(event, session)
            known = session.profile_id
            extend(session, event, hit.received_at)
            if event.profile_id not in (event.device_id, known):
                work.profiles.saw(event)
            self._note_dwell(session, event, work)
        inherit_referrer(event, session)
        work.changed[session.project_id, session.id] = session
        work.batch.events.append(event)

    def _begin(self, event: Event, hit: Hit, group: Group, place: int, work: _Pass) -> Session:
        session = begin(event, hit.received_at, self._ids.of(group.seq, place, START))
        self._open(session, work)
        if event.profile_id != event.device_id:
            work.profiles.saw(event)
        self._note_dwell(session, event, work)
        return session

    def _reopen(self, event: Event, work: _Pass) -> Session | None:
        """The session of an event's id if it is over, open again: the clock went back, or events from the
        past made that session before this visitor came online.
        """
        key = (event.project_id, event.session_id)
        session = work.changed.get(key) or work.closed.get(key)
        if session is None:
            return None
        session.is_open = True
        self._open(session, work)
        # A session that is over has forgotten its last view.
        work.disordered[key] = session
        return session

    def _open(self, session: Session, work: _Pass) -> None:
        previous = self._opened.add(session)
        if previous is not None:
            self._opened.remove(previous)
            work.changed[previous.project_id, previous.id] = previous

    def _note_dwell(self, session: Session, event: Event, work: _Pass) -> None:
        if not event.is_view:
            return
        if event.created_at < session.last_view_at:
            work.disordered[session.project_id, session.id] = session
        dwell = dwell_between(session, event)
        if dwell is not None:
            work.batch.dwells.append(dwell)

    def _take_server(self, event: Event, hit: Hit, work: _Pass) -> None:
        """A program's event: it may belong to a session that is open, and never makes or extends one.

        A page that it says was viewed is one of that session's pages all the same.
        """
        session = self._opened.get(event.project_id, event.session_id) if event.session_id else None
        if session is not None and not hit.is_late:
            adopt(event, session)
            credit(session, event)
            see_page(session, event)
            self._note_dwell(session, event, work)
            work.changed[session.project_id, session.id] = session
        else:
            event.session_id = ""
        work.batch.events.append(event)

    def _take_aside(self, event: Event, work: _Pass) -> None:
        """What a page measured of itself: of its visit, but nothing that happened in it."""
        session = self._opened.get(event.project_id, event.session_id)
        if session is not None:
            stay_with(event, session)
            inherit_referrer(event, session)
        work.batch.events.append(event)

    def _late(self, event: Event, group: Group, place: int) -> Late:
        if not event.id:
            event.id = self._ids.of(group.seq, place, EVENT)
        return Late(
            event=event,
            received_at=event.imported_at or event.created_at,
            start_id=self._ids.of(group.seq, place, START),
        )

    # -- the whole batch

    def _place_late(self, work: _Pass) -> dict[str, ImportCount]:
        """Leave out what is stored already, place the rest, and count both per import."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        fresh = self._place_columns(work, counts)
        known = self._known.ids([late.event for late, _ in work.late])
        for late, import_id in work.late:
            key = (late.event.project_id, late.event.id)
            is_known = key in known
            if not is_known:
                known.add(key)
                fresh.append(late)
            if import_id is not None:
                counts[import_id][is_known] += 1
        self._history.place(fresh, work.batch, work.changed)
        return {key: ImportCount(added=added, known=seen, dropped=0) for key, (added, seen) in counts.items()}

    def _place_columns(self, work: _Pass, counts: dict[str, list[int]]) -> list[Late]:
        """What the store takes at once goes to the batch, all else to `work.late`, or is returned if it is new."""
        fresh: list[Late] = []
        sorting = SortingOut(self._store, self._opened, self._ids, work.changed)
        with_late = {late.event.project_id for late, _ in work.late}
        for project_id, pieces in by_project(work.columns).items():
            if not self._store.takes_bulk or project_id in with_late or must_be_rows(pieces):
                for piece in pieces:
                    rows = self._rows(piece, range(len(piece[0])))
                    work.late.extend((late, piece[1].import_id) for late in rows)
                continue
            found = sorting.of_project(project_id, pieces)
            work.batch.bulk += found.bulk
            for piece, places in found.one_by_one:
                fresh += self._rows(piece, places)
            for (columns, group), known in found.known:
                if group.import_id is not None:
                    counts[group.import_id][0] += len(columns) - known
                    counts[group.import_id][1] += known
        return fresh

    def _rows(self, piece: Piece, places: Sequence[int]) -> Iterator[Late]:
        columns, group = piece
        for place, event in zip(places, columns.events(places), strict=True):
            yield self._late(event, group, place)

    def _finish(self, work: _Pass) -> None:
        batch = work.batch
        rebuild_dwells(self._store, list(work.disordered.values()), batch)
        batch.sessions = list(work.changed.values())
        batch.profiles = work.profiles.changed()
        batch.groups = work.groups.changed()
        batch.drops = [
            DropCount(project_id=project_id, day=day, reason=reason, count=count)
            for (project_id, day, reason), count in work.drops.items()
        ]
