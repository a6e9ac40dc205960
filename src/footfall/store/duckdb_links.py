"""Links: each stored session of the DuckDB file learns when its visitor's session before began.

With it a session can be told to be its visitor's first in a range by itself, so that distinct visitors are a sum,
which takes a third of the time of counting them (docs/decisions/016-sessions-know-the-one-before.md).

Sessions are linked while the store is idle, those of a project up to a time before which none is open. A batch
that changes an older one sets that time back, in the same transaction; from there on they are linked anew.
"""

from itertools import count
from typing import Any

import duckdb
from msgspec import Struct

from footfall.model.erasure import Erasure, Scope
from footfall.store.base import NEVER, Linked
from footfall.store.duckdb_file import transaction
from footfall.store.duckdb_migrations import stored_name
from footfall.store.ready import Ready
from footfall.store.schema import SESSIONS

_WORTH_IT = 10_000
"""So many sessions that are not linked are counted fast enough."""
_AT_ONCE = 250_000
"""At most so many are linked in one go, because the drain waits: it takes half a second."""
_SETTLED_MS = 60 * 60_000
"""Sessions that began this long before the project's last one are all over, but for those that are open."""

_SESSIONS = stored_name(SESSIONS)
_SINCE, _UNTIL = "make_timestamp_ms($since)::TIMESTAMP_MS", "make_timestamp_ms($until)::TIMESTAMP_MS"
_DUE = f"""
SELECT project_id, any_value(coalesce(linked.since_ms, {-NEVER})), epoch_ms(min(created_at)),
  epoch_ms(max(created_at)),
  (SELECT epoch_ms(min(o.created_at)) FROM open_sessions AS o WHERE o.project_id = s.project_id)
FROM {_SESSIONS} AS s LEFT JOIN linked USING (project_id)
WHERE linked.until_ms IS NULL OR created_at >= make_timestamp_ms(linked.until_ms)
GROUP BY project_id HAVING count(*) >= ?
"""
_LAST_OF_MANY = f"""
SELECT epoch_ms(created_at) FROM {_SESSIONS} WHERE project_id = $project AND created_at >= {_SINCE}
ORDER BY created_at LIMIT 1 OFFSET {_AT_ONCE}
"""
_OF_NEW = f"FROM {_SESSIONS} WHERE project_id = $project AND created_at >= {_SINCE} AND created_at < {_UNTIL}"
_LINK = f"""
UPDATE {_SESSIONS} SET visitor_before = found.before FROM (
  SELECT place, coalesce(lag(created_at) OVER (PARTITION BY visitor ORDER BY created_at, place), earlier) AS before
  FROM (SELECT rowid AS place, visitor, created_at {_OF_NEW}) LEFT JOIN (
    SELECT visitor, max(created_at) AS earlier FROM {_SESSIONS}
    WHERE project_id = $project AND created_at < {_SINCE} AND visitor IN (SELECT visitor {_OF_NEW})
    GROUP BY visitor
  ) USING (visitor)
) AS found WHERE {_SESSIONS}.rowid = found.place AND visitor_before IS DISTINCT FROM found.before
"""
_FIRST_OF = (
    f"SELECT epoch_ms(min(created_at)) FROM {_SESSIONS} "
    "WHERE project_id = $project AND id IN (SELECT unnest($ids::VARCHAR[]))"
)


class _Known(Struct, frozen=True):
    """What readers are told of a project, and up to when the table may say that it is linked."""

    linked: Linked
    stored_until_ms: int


class Links:
    """What is linked. `undo` and `link` are called by one thread at a time; `of` by any."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._changes = count(1)
        self._known: dict[str, _Known] = {}
        for project_id, since_ms, until_ms in connection.execute("SELECT * FROM linked").fetchall():
            self._tell(project_id, since_ms, until_ms, until_ms)

    def of(self, project_id: str) -> Linked:
        """Which sessions of the project are linked."""
        known = self._known.get(project_id)
        return known.linked if known else Linked()

    def undo(self, writer: duckdb.DuckDBPyConnection, batch: Ready) -> None:
        """Before the batch is applied, in its transaction: take back what it makes untrue.

        Readers are told at once. Should the batch be refused, they only know less than they could.
        """
        for erasure in batch.erasures:
            if erasure.project_id in self._known:
                self._undo_erased(writer, erasure)
        for project_id, start_ms in batch.starts.items():
            self._set_back(writer, project_id, start_ms)

    def _undo_erased(self, writer: duckdb.DuckDBPyConnection, erasure: Erasure) -> None:
        project_id, known = erasure.project_id, self._known[erasure.project_id]
        match erasure.scope:
            case Scope.PROJECT:
                writer.execute("DELETE FROM linked WHERE project_id = ?", [project_id])
                self._tell(project_id, NEVER, -NEVER, known.stored_until_ms)
            case Scope.AGE:
                # A session before that is gone does not matter to a range of what is left.
                since_ms = max(known.linked.since_ms, erasure.before_ms)
                sql = "UPDATE linked SET since_ms = greatest(since_ms, ?) WHERE project_id = ?"
                writer.execute(sql, [erasure.before_ms, project_id])
                self._tell(project_id, since_ms, known.linked.until_ms, known.stored_until_ms)
            case Scope.PROFILE | Scope.VISITOR:
                found = writer.execute(
                    _FIRST_OF, {"project": project_id, "ids": list(erasure.session_ids)}
                ).fetchone()
                if found and found[0] is not None:
                    self._set_back(writer, project_id, found[0])

    def _set_back(self, writer: duckdb.DuckDBPyConnection, project_id: str, start_ms: int) -> None:
        """Sessions that began then or later are not linked any more."""
        known = self._known.get(project_id)
        if known is None or start_ms >= known.stored_until_ms:
            return
        writer.execute(
            "UPDATE linked SET until_ms = least(until_ms, ?) WHERE project_id = ?", [start_ms, project_id]
        )
        until_ms = min(known.linked.until_ms, start_ms)
        self._tell(project_id, known.linked.since_ms, until_ms, known.stored_until_ms)

    def link(self, writer: duckdb.DuckDBPyConnection) -> bool:
        """Link sessions of projects where many are not, a project in each transaction; whether more are left."""
        is_more = False
        for project_id, since_ms, first_ms, last_ms, open_ms in writer.execute(_DUE, [_WORTH_IT]).fetchall():
            values = {"project": project_id, "since": first_ms}
            many = writer.execute(_LAST_OF_MANY, values).fetchone()
            ends = [end for end in (last_ms - _SETTLED_MS, open_ms) if end is not None]
            values["until"] = min(*ends, many[0]) if many else min(ends)
            if values["until"] > first_ms:
                self._link(writer, values, since_ms)
                is_more |= values["until"] < min(ends)
        return is_more

    def _link(self, writer: duckdb.DuckDBPyConnection, values: dict[str, Any], since_ms: int) -> None:
        project_id, until_ms = values["project"], values["until"]
        before = self.of(project_id)
        with transaction(writer):
            writer.execute(_LINK, values)
            writer.execute("DELETE FROM linked WHERE project_id = ?", [project_id])
            writer.execute("INSERT INTO linked VALUES (?, ?, ?)", [project_id, since_ms, until_ms])
            # A commit may break off and have been made nevertheless.
            self._tell(project_id, before.since_ms, before.until_ms, until_ms)
        self._tell(project_id, since_ms, until_ms, until_ms)

    def _tell(self, project_id: str, since_ms: int, until_ms: int, stored_until_ms: int) -> None:
        linked = Linked(since_ms=since_ms, until_ms=until_ms, change=next(self._changes))
        self._known[project_id] = _Known(linked, stored_until_ms)
