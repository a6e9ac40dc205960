"""What a stopped server's files hold, and whether it adds up."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

_COLUMNS = "id, project_id, device_id, screen_view_count, event_count, created_at, ended_at"
_SESSIONS = (
    f"SELECT {_COLUMNS}, false AS is_open FROM sessions UNION ALL SELECT {_COLUMNS}, true FROM open_sessions"
)


class Stored:
    """The contents of a data folder that no process has open."""

    def __init__(self, data: Path) -> None:
        with duckdb.connect(str(data / "events.duckdb"), read_only=True) as database:
            self._events = _rows(
                database,
                "SELECT id::VARCHAR AS id, name, device_id, profile_id, session_id, device, "
                "TRY_CAST(properties.n AS BIGINT) AS n, created_at FROM events",
            )
            self._sessions = _rows(database, _SESSIONS)
            self._dwells = _rows(database, "SELECT view_id::VARCHAR AS view_id, session_id, duration FROM dwells")
            self.clicks = {
                row["id"]: int(row["clicks"])
                for row in _rows(
                    database, "SELECT id, TRY_CAST(properties.clicks AS BIGINT) AS clicks FROM profiles"
                )
                if row["clicks"] is not None
            }
        journal = sqlite3.connect(data / "journal.sqlite3")
        self.waiting = journal.execute("SELECT count(*) FROM groups").fetchone()[0]
        self.quarantined = journal.execute("SELECT count(*) FROM quarantine").fetchone()[0]
        journal.close()

    @property
    def numbers(self) -> Counter[int]:
        """How often each hit is stored, by its number."""
        return Counter(row["n"] for row in self._events if row["n"] is not None and row["name"] not in MARKS)

    @property
    def sessions(self) -> int:
        """How many there are."""
        return len(self._sessions)

    def complaints(self) -> list[str]:
        """Everything that does not add up, in words; empty is good."""
        found = []
        ids = Counter(row["id"] for row in self._events)
        found += [f"event {key} is stored {times} times" for key, times in ids.items() if times > 1]
        sessions = Counter(row["id"] for row in self._sessions)
        found += [f"session {key} has {times} rows" for key, times in sessions.items() if times > 1]
        by_session: dict[str, Counter[str]] = {row["id"]: Counter() for row in self._sessions}
        for row in self._events:
            session = row["session_id"]
            if row["device"] == "server" or not session:
                continue
            if session not in by_session:
                found.append(f"{row['name']} {row['n']} is in session {session}, which there is not")
                continue
            by_session[session][row["name"] if row["name"] in (*MARKS, "screen_view") else "other"] += 1
        for row in self._sessions:
            found += _session_complaints(row, by_session[row["id"]])
        found += self._dwell_complaints(by_session)
        if self.waiting:
            found.append(f"{self.waiting} groups wait in the journal")
        if self.quarantined:
            found.append(f"{self.quarantined} records are in quarantine")
        return found

    def _dwell_complaints(self, by_session: dict[str, Counter[str]]) -> list[str]:
        views = Counter(row["view_id"] for row in self._dwells)
        found = [f"view {key} has {times} dwells" for key, times in views.items() if times > 1]
        of_session = Counter(row["session_id"] for row in self._dwells)
        for session, counts in by_session.items():
            if of_session[session] != max(counts["screen_view"] - 1, 0):
                found.append(
                    f"session {session} has {counts['screen_view']} views and {of_session[session]} dwells"
                )
        found += [
            f"view {row['view_id']} has a dwell of {row['duration']} ms"
            for row in self._dwells
            if row["duration"] < 0
        ]
        return found


MARKS = ("session_start", "session_end")


def _session_complaints(row: dict[str, Any], counts: Counter[str]) -> list[str]:
    where = f"session {row['id']} ({'open' if row['is_open'] else 'closed'})"
    found = []
    if counts["session_start"] != 1:
        found.append(f"{where} has {counts['session_start']} starts")
    if counts["session_end"] != (0 if row["is_open"] else 1):
        found.append(f"{where} has {counts['session_end']} ends")
    if row["screen_view_count"] != counts["screen_view"] or row["event_count"] != counts["other"]:
        says = f"{row['screen_view_count']} views and {row['event_count']} events"
        found.append(f"{where} says {says}, has {counts['screen_view']} and {counts['other']}")
    return found


def _rows(database: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = database.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
