"""What a deletion does to the DuckDB file; model/erasure.py says what goes."""

from collections.abc import Iterator
from typing import Any

from footfall.model.erasure import Erasure, Scope
from footfall.store.duckdb_migrations import stored_name
from footfall.store.schema import DWELLS, EVENTS, OPEN_SESSIONS, PROFILES, SESSIONS, TABLES, Table

Statement = tuple[str, dict[str, Any]]

# Events are stored with '' for the profile id of an anonymous visitor, which is his device id.
_MINE = {
    Scope.PROFILE: "(profile_id = $subject OR (profile_id = '' AND device_id = $subject))",
    Scope.VISITOR: "device_id = $subject",
}
_OF_SESSIONS = "{0} IN (SELECT unnest($sessions::VARCHAR[]))"


def deletes(erasure: Erasure) -> Iterator[Statement]:
    """The statements with their values; for one transaction."""
    old = {"before": erasure.before_ms}
    subject = {"subject": erasure.subject}
    sessions = {"sessions": list(erasure.session_ids)}
    match erasure.scope:
        case Scope.PROJECT:
            for table in TABLES:
                yield _delete(table, erasure, "true", {})
        case Scope.AGE:
            for table, time in ((EVENTS, "created_at"), (DWELLS, "viewed_at"), (SESSIONS, "ended_at")):
                yield _delete(table, erasure, f"{time} < make_timestamp_ms($before)", old)
        case Scope.PROFILE | Scope.VISITOR:
            in_session = f"{_MINE[erasure.scope]} OR {_OF_SESSIONS.format('session_id')}"
            yield _delete(EVENTS, erasure, in_session, {**subject, **sessions})
            for table, session in ((DWELLS, "session_id"), (SESSIONS, "id"), (OPEN_SESSIONS, "id")):
                yield _delete(table, erasure, _OF_SESSIONS.format(session), sessions)
            yield _delete(PROFILES, erasure, "id = $subject", subject)


def _delete(table: Table, erasure: Erasure, condition: str, values: dict[str, Any]) -> Statement:
    return (
        f"DELETE FROM {stored_name(table)} WHERE project_id = $project AND ({condition})",
        {"project": erasure.project_id, **values},
    )
