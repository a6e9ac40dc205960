"""A batch made ready for DuckDB: all that needs no database is done, and only the writing is left.

To turn rows into columns holds up every other thread of a process. What is ready can be packed (packing.py), so a
process that helps the drain may have made it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from arro3.core import Table as ArrowTable
from msgspec import Struct

from footfall.model.erasure import Erasure
from footfall.store.arrow import arrow_table
from footfall.store.base import NEVER, Batch, Bulk, Revision
from footfall.store.changes import MOVED_MS, changed_by
from footfall.store.reach import Reach
from footfall.store.schema import (
    DROPS,
    DWELLS,
    EVENTS,
    GROUPS,
    OPEN_SESSIONS,
    PROFILES,
    SESSIONS,
    Table,
)


class Keys(Struct, frozen=True):
    """Rows of a table by their keys."""

    table: str
    projects: list[str]
    ids: list[str]


class Rows(Struct, frozen=True):
    """New rows of a table, as `arrow_table` makes them."""

    table: str
    columns: ArrowTable


class Ready(Struct, kw_only=True):
    """What a batch (`Batch`) deletes, then what it inserts, in order, and what becomes of it.

    By project, `changes` is what it changes, and `starts` since when it may change sessions, ms UTC. `ended` are
    the ids of the sessions that end with it, but for those of `bulk`, which were never open.
    """

    position: int
    event_count: int
    erasures: list[Erasure]
    revisions: list[Revision]
    deleted: list[Keys]
    inserted: list[Rows]
    bulk: list[Bulk]
    changes: dict[str, Reach]
    starts: dict[str, int]
    ended: list[str]


def make_ready(batch: Batch | Ready) -> Ready:
    """Do what can be done for a batch without a database, if that is not done yet."""
    if isinstance(batch, Ready):
        return batch
    closed = [session for session in batch.sessions if not session.is_open]
    deleted = (
        (OPEN_SESSIONS, batch.sessions),
        (SESSIONS, [session for session in batch.sessions if session.is_stored]),
        (PROFILES, batch.profiles),
        (GROUPS, batch.groups),
    )
    inserted = (
        (EVENTS, sorted(batch.events, key=_clustered)),
        (DWELLS, batch.dwells),
        (SESSIONS, sorted(closed, key=_clustered)),
        (OPEN_SESSIONS, [session for session in batch.sessions if session.is_open]),
        (PROFILES, batch.profiles),
        (GROUPS, batch.groups),
        (DROPS, batch.drops),
    )
    return Ready(
        position=batch.position,
        event_count=batch.event_count,
        erasures=batch.erasures,
        revisions=batch.revisions,
        deleted=[_keys(table, items) for table, items in deleted if items],
        inserted=[Rows(table.name, arrow_table(table, items)) for table, items in inserted if items],
        bulk=batch.bulk,
        changes=changed_by(batch),
        starts=_starts(batch),
        ended=[session.id for session in closed],
    )


def _clustered(row: Any) -> tuple[str, int]:
    return row.project_id, row.created_at


def _keys(table: Table, items: Sequence[Any]) -> Keys:
    return Keys(table.name, [item.project_id for item in items], [item.id for item in items])


def _starts(batch: Batch) -> dict[str, int]:
    starts: dict[str, int] = defaultdict(lambda: NEVER)
    for project_id, start_ms in _changed_sessions(batch):
        starts[project_id] = min(starts[project_id], start_ms)
    return dict(starts)


def _changed_sessions(batch: Batch) -> Iterator[tuple[str, int]]:
    for part in batch.bulk:
        yield part.columns.project_id, min(part.columns.times)
    for session in batch.sessions:
        yield session.project_id, session.created_at - (MOVED_MS if session.is_stored else 0)
