"""Imported columns sorted out: which rows the store can take at once, and which must be placed one by one.

At once go new rows that name a session which nobody knows yet, or have neither session nor visitor. One by one
(history.py) go those of sessions that are open, stored or in this batch already. Where rows name a visitor
and no session, or others of the project came late, all go one by one, because those look at all sessions around.
"""

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from footfall.ingest.event_ids import START, EventIds
from footfall.ingest.history import NAMED_WINDOW_MS, Changed
from footfall.ingest.journal import Group
from footfall.ingest.sessions import OpenSessions
from footfall.store.base import Bulk, Store
from footfall.store.columns import EventColumns

Piece = tuple[EventColumns, Group]


class SortedOut(Struct):
    """What becomes of some columns: `one_by_one` are places in a piece; `known` counts rows of it."""

    bulk: list[Bulk]
    one_by_one: list[tuple[Piece, list[int]]]
    known: list[tuple[Piece, int]]


def must_be_rows(pieces: Sequence[Piece]) -> bool:
    """Whether a row among these of one project names a visitor and no session."""
    return any(
        device_id and not session_id
        for columns, _ in pieces
        for session_id, device_id in zip(columns.values("session_id"), columns.values("device_id"), strict=True)
    )


class SortingOut:
    """Sorts out the columns of one batch."""

    def __init__(self, store: Store, opened: OpenSessions, ids: EventIds, changed: Changed) -> None:
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
        touched = self._touched(project_id, pieces, lo, hi)
        found = SortedOut([], [], [])
        for piece in pieces:
            columns, group = piece
            fresh = _fresh(columns.ids, known)
            at_once, one_by_one = _parted(columns, fresh, touched)
            if at_once:
                kept = at_once if len(at_once) < len(columns) else None
                found.bulk.append(
                    Bulk(columns=columns, first_start_id=self._ids.of(group.seq, 0, START), kept=kept)
                )
            if one_by_one:
                found.one_by_one.append((piece, one_by_one))
            found.known.append((piece, len(columns) - len(fresh)))
        return found

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


def _parted(columns: EventColumns, places: list[int], touched: set[str]) -> tuple[list[int], list[int]]:
    """Of these places: those of other sessions, those of touched ones."""
    is_touched = [name in touched for name in columns.values("session_id")]
    if not any(is_touched):
        return places, []
    numbers = columns.numbers("session_id")
    return (
        [place for place in places if not is_touched[numbers[place]]],
        [place for place in places if is_touched[numbers[place]]],
    )
