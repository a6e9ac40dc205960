"""Imported columns sorted out: which rows the store can take at once, and which must be placed one by one.

At once go new rows that name a session which nobody knows yet, or have neither session nor visitor. One by one
(history.py) go those of sessions that are open, stored or in this batch already. Where no row names a session, as
in logs, sessions are made of the times of each visitor's rows (visits.py), and one by one go those of visitors who
have a session near. Where some rows name one and some a visitor only, or others of the project came late, all go
one by one, because those look at all sessions around.
"""

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from footfall.ingest.event_ids import START, EventIds
from footfall.ingest.history import NAMED_WINDOW_MS, Changed
from footfall.ingest.journal import Group
from footfall.ingest.sessions import OpenSessions
from footfall.ingest.visits import Visits
from footfall.model.event import NOT_DONE
from footfall.store.base import Bulk, Past
from footfall.store.columns import EventColumns

Piece = tuple[EventColumns, Group]

_UNLIKE_OTHERS = frozenset(NOT_DONE)


class SortedOut(Struct):
    """What becomes of some columns: `one_by_one` are places in a piece; `known` counts rows of it."""

    bulk: list[Bulk]
    one_by_one: list[tuple[Piece, list[int]]]
    known: list[tuple[Piece, int]]


def must_be_rows(pieces: Sequence[Piece]) -> bool:
    """Whether these of one project must all go one by one."""
    return _have_visitors_alone(pieces) and (
        any(any(columns.values("session_id")) for columns, _ in pieces)
        # Marks never make a session, and asides are in none.
        or any(not _UNLIKE_OTHERS.isdisjoint(columns.values("name")) for columns, _ in pieces)
    )


def _have_visitors_alone(pieces: Sequence[Piece]) -> bool:
    """Whether a row names a visitor and no session."""
    return any(
        device_id and not session_id
        for columns, _ in pieces
        for session_id, device_id in zip(columns.values("session_id"), columns.values("device_id"), strict=True)
    )


class SortingOut:
    """Sorts out the columns of one batch."""

    def __init__(self, store: Past, opened: OpenSessions, ids: EventIds, changed: Changed) -> None:
        self._store = store
        self._opened = opened
        self._ids = ids
        self._changed = changed

    def of_project(self, project_id: str, pieces: Sequence[Piece]) -> SortedOut:
        """Sort out all pieces of one project."""
        lo = min(min(columns.times) for columns, _ in pieces)
        hi = max(max(columns.times) for columns, _ in pieces)
        ids = [id_ for columns, _ in pieces for id_ in columns.ids]
        known = self._store.event_ids_known(project_id, ids, lo, hi)
        fresh = [_fresh(columns.ids, known) for columns, _ in pieces]
        by_visitor = _have_visitors_alone(pieces)
        if by_visitor:
            touched = self._touched_visitors(project_id, pieces, fresh, lo, hi)
        else:
            touched = self._touched(project_id, pieces, lo, hi)
        found = SortedOut([], [], [])
        visits = Visits(project_id, self._opened.timeout_ms)
        for piece, places in zip(pieces, fresh, strict=True):
            columns, group = piece
            at_once, one_by_one = _parted(columns, places, touched, "device_id" if by_visitor else "session_id")
            if at_once:
                kept = at_once if len(at_once) < len(columns) else None
                bulk = Bulk(columns=columns, first_start_id=self._ids.of(group.seq, 0, START), kept=kept)
                found.bulk.append(bulk)
                if by_visitor:
                    visits.add(bulk)
            if one_by_one:
                found.one_by_one.append((piece, one_by_one))
            found.known.append((piece, len(columns) - len(places)))
        visits.name_sessions()
        return found

    def _touched_visitors(
        self, project_id: str, pieces: Sequence[Piece], fresh: Sequence[Sequence[int]], lo: int, hi: int
    ) -> set[str]:
        """The visitors of these rows who have a session that is open, in this batch, or about that time."""
        devices: set[str] = set()
        for (columns, _), places in zip(pieces, fresh, strict=True):
            values, numbers = columns.values("device_id"), columns.numbers("device_id")
            devices.update(values[number] for number in {numbers[place] for place in places})
        devices.discard("")
        window = self._opened.timeout_ms
        stored = self._store.sessions_near(project_id, devices, lo - window, hi + window) if devices else []
        changed = {session.device_id for session in self._changed.values() if session.project_id == project_id}
        here = {device for device in devices if device in changed or self._opened.of_device(project_id, device)}
        return here.union(session.device_id for session in stored)

    def _touched(self, project_id: str, pieces: Sequence[Piece], lo: int, hi: int) -> set[str]:
        """The ids among these sessions' that belong to one which is there."""
        names = {name for columns, _ in pieces for name in columns.values("session_id")} - {""}
        window = max(self._opened.timeout_ms, NAMED_WINDOW_MS)
        stored = self._store.sessions_by_id(project_id, names, lo - window, hi + window) if names else []
        here = {
            name for name in names if self._opened.get(project_id, name) or (project_id, name) in self._changed
        }
        return here.union(session.id for session in stored)


def by_project(pieces: Sequence[Piece]) -> dict[str, list[Piece]]:
    """The pieces of each project."""
    found: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        found[piece[0].project_id].append(piece)
    return found


def _fresh(ids: Sequence[str], known: set[str]) -> list[int]:
    """The places of ids that are not known yet; they are from now on."""
    distinct = set(ids)
    if len(distinct) == len(ids) and known.isdisjoint(distinct):
        known |= distinct
        return list(range(len(ids)))
    fresh = []
    for place, id_ in enumerate(ids):
        if id_ not in known:
            known.add(id_)
            fresh.append(place)
    return fresh


def _parted(columns: EventColumns, places: list[int], touched: set[str], by: str) -> tuple[list[int], list[int]]:
    """Of these places: those of other sessions or visitors, those of touched ones."""
    is_touched = [name in touched for name in columns.values(by)]
    if not any(is_touched):
        return places, []
    numbers = columns.numbers(by)
    return (
        [place for place in places if not is_touched[numbers[place]]],
        [place for place in places if is_touched[numbers[place]]],
    )
