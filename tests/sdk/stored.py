"""What a stopped server's store holds, in the words of these tests."""

import json
from pathlib import Path
from typing import Any

import duckdb


class Stored:
    """Events (without marks), sessions, profiles and groups, as dicts."""

    def __init__(self, data: Path) -> None:
        with duckdb.connect(str(data / "events.duckdb"), read_only=True) as database:
            events = _rows(database, "SELECT * EXCLUDE properties, properties::JSON AS properties FROM events")
            self._sessions = _rows(
                database, "SELECT * FROM sessions UNION ALL BY NAME SELECT * FROM open_sessions"
            )
            profiles = _rows(database, "SELECT * EXCLUDE properties, properties::JSON AS properties FROM profiles")
            groups = _rows(database, "SELECT * EXCLUDE properties, properties::JSON AS properties FROM groups")
        self.events = sorted(
            (event for event in events if event["name"] not in ("session_start", "session_end")),
            key=lambda event: event["created_at"],
        )
        self.profiles = {profile["id"]: profile for profile in profiles}
        self.groups = {group["id"]: group for group in groups}

    @property
    def names(self) -> list[str]:
        """The names of the events in order."""
        return [event["name"] for event in self.events]

    def one(self, name: str) -> dict[str, Any]:
        """The only event of this name."""
        found = [event for event in self.events if event["name"] == name]
        assert len(found) == 1, self.names
        return found[0]

    def session_of(self, event: dict[str, Any]) -> dict[str, Any]:
        """The session that an event is in."""
        found = [session for session in self._sessions if session["id"] == event["session_id"]]
        assert len(found) == 1
        return found[0]

    @property
    def sessions(self) -> list[dict[str, Any]]:
        """All of them."""
        return self._sessions


def _rows(database: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = database.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        if "properties" in row:
            row["properties"] = json.loads(row["properties"])
    return rows
