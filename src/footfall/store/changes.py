"""What a batch changes: in each project, whatever lies between the first and the last row that it writes."""

from collections import defaultdict
from collections.abc import Iterator

from footfall.model.times import DAY_MS
from footfall.store.base import Batch
from footfall.store.reach import ALL, Reach
from footfall.store.schema import DROPS, GROUPS, PROFILES

_AROUND_MS = 2_000
"""The marks of a session stand that near before its first and after its last event (marks.py)."""
MOVED_MS = DAY_MS
"""So far a stored session that is written anew may have begun from where it begins now (history.py)."""


def changed_by(batch: Batch) -> dict[str, Reach]:
    """What a batch changes, by project. A deletion and columns at once may concern any row."""
    found: dict[str, Reach] = {}
    for project_id, reach in _changes(batch):
        found[project_id] = found.get(project_id, reach).joined(reach)
    return found


def _changes(batch: Batch) -> Iterator[tuple[str, Reach]]:
    for erasure in batch.erasures:
        yield erasure.project_id, ALL
    for part in batch.bulk:
        yield part.columns.project_id, ALL
    times: dict[str, list[int]] = defaultdict(list)
    for project_id, since, until in _spans(batch):
        times[project_id] += since, until
    for project_id, all_times in times.items():
        yield project_id, Reach(min(all_times), max(all_times))
    for table, rows in ((PROFILES, batch.profiles), (GROUPS, batch.groups), (DROPS, batch.drops)):
        only = Reach(tables=frozenset((table.name,)))
        yield from ((project_id, only) for project_id in {row.project_id for row in rows})


def _spans(batch: Batch) -> Iterator[tuple[str, int, int]]:
    """Project, first and last time of what has times."""
    for event in batch.events:
        yield event.project_id, event.created_at, event.created_at
    for dwell in batch.dwells:
        yield dwell.project_id, dwell.viewed_at, dwell.viewed_at
    for revision in batch.revisions:
        yield revision.project_id, revision.from_ms, revision.to_ms
    for session in batch.sessions:
        around = MOVED_MS if session.is_stored else _AROUND_MS
        yield session.project_id, session.created_at - around, session.ended_at + around
