"""The journal: what was acknowledged and is not yet in the store, in one SQLite file.

One row is a group of records; one commit with `synchronous=FULL` makes the whole group durable, so a
2xx costs a share of a disk sync. Several processes may append (`footfall import` beside a server).
"""

import sqlite3
import threading
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from footfall.model.erasure import Erased, Removed, Scope

_SCHEMA = """
CREATE TABLE IF NOT EXISTS groups (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, records INTEGER NOT NULL, import_id TEXT, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS imports (
  id TEXT PRIMARY KEY, added INTEGER NOT NULL DEFAULT 0, known INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS quarantine (
  seq INTEGER NOT NULL, place INTEGER NOT NULL, reason TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS erasures (
  id TEXT PRIMARY KEY, seq INTEGER NOT NULL, project_id TEXT NOT NULL, scope TEXT NOT NULL, at INTEGER NOT NULL,
  removed TEXT NOT NULL, done INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS node (only INTEGER PRIMARY KEY CHECK (only = 1), id INTEGER NOT NULL);
"""

_PATIENCE_MS = 30_000
_SCRUB_PATIENCE_MS = 100


class Group(Struct, frozen=True):
    """One durable group: its place in the journal, its size, the import it belongs to, its msgpack."""

    seq: int
    records: int
    import_id: str | None
    payload: bytes


class ImportCount(Struct, frozen=True):
    """What became of an import's records: new, already there, not counted (each is a number of rows)."""

    added: int
    known: int
    dropped: int


class Journal:
    """The journal in `path`; one instance per thread of use, as SQLite connections are."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(
            path, timeout=_PATIENCE_MS / 1000, isolation_level=None, check_same_thread=False
        )
        self._lock = threading.Lock()
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        # Acknowledged hits hold what people did; deleted ones must not stay readable in free pages.
        self._db.execute("PRAGMA secure_delete = FAST")
        self._db.executescript(_SCHEMA)
        self._db.execute("INSERT OR IGNORE INTO node VALUES (1, ?)", [uuid.uuid4().int & (2**48 - 1)])

    @property
    def node(self) -> int:
        """This journal's random 48-bit number, the prefix of the event ids made from its positions."""
        return int(self._db.execute("SELECT id FROM node").fetchone()[0])

    def append(self, payload: bytes, records: int, import_id: str | None = None) -> int:
        """Make one group durable and return its position. Raises sqlite3.Error; then it is not stored."""
        return self.append_all([(payload, records)], import_id)

    def append_all(self, groups: Sequence[tuple[bytes, int]], import_id: str | None = None) -> int:
        """Make these groups (payload, records) durable, all or none; returns the position of the last one."""
        position = 0
        with self._lock, self._db:
            if len(groups) > 1:
                self._db.execute("BEGIN IMMEDIATE")
            for payload, records in groups:
                cursor = self._db.execute(
                    "INSERT INTO groups (records, import_id, payload) VALUES (?, ?, ?)",
                    (records, import_id, payload),
                )
                position = int(cursor.lastrowid or 0)
        return position

    def read(self, after: int, max_records: int) -> list[Group]:
        """The groups after a position in order, until `max_records` are reached (at least one group)."""
        found: list[Group] = []
        total = 0
        with self._lock:
            rows = self._db.execute(
                "SELECT seq, records, import_id, payload FROM groups WHERE seq > ? ORDER BY seq", (after,)
            )
            for row in rows:
                found.append(Group(*row))
                total += row[1]
                if total >= max_records:
                    break
            rows.close()
        return found

    def backlog(self, after: int) -> int:
        """How many records wait behind a position."""
        with self._lock:
            row = self._db.execute(
                "SELECT coalesce(sum(records), 0) FROM groups WHERE seq > ?", (after,)
            ).fetchone()
        return int(row[0])

    def last(self) -> int:
        """The position of the newest group ever appended."""
        with self._lock:
            row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'groups'").fetchone()
        return int(row[0]) if row else 0

    def skip_to(self, position: int) -> None:
        """Give out no position up to this one: a store is ahead of a journal that was lost or replaced."""
        if position > self.last():
            with self._lock:
                self._db.execute("DELETE FROM sqlite_sequence WHERE name = 'groups'")
                self._db.execute("INSERT INTO sqlite_sequence VALUES ('groups', ?)", (position,))

    def trim(self, upto: int) -> None:
        """Forget the groups that are in the store."""
        with self._lock:
            self._db.execute("DELETE FROM groups WHERE seq <= ?", (upto,))

    def scrub(self) -> bool:
        """Leave nothing of forgotten groups in the files, which keep what they held until that is written over.

        Rewrites what is left, so let it be little. False where the disk or another process was in the way.
        """
        with self._lock:
            # Hits wait meanwhile.
            self._db.execute(f"PRAGMA busy_timeout = {_SCRUB_PATIENCE_MS}")
            try:
                self._db.execute("VACUUM")
                is_busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:
                return False
            finally:
                self._db.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        return not is_busy

    def count_import(self, import_id: str, added: int, known: int, dropped: int) -> None:
        """Add to what became of an import's records."""
        with self._lock:
            self._db.execute(
                "INSERT INTO imports VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                "added = added + excluded.added, known = known + excluded.known, "
                "dropped = dropped + excluded.dropped",
                (import_id, added, known, dropped),
            )

    def import_count(self, import_id: str) -> ImportCount:
        """What became of an import's records so far."""
        with self._lock:
            row = self._db.execute(
                "SELECT added, known, dropped FROM imports WHERE id = ?", (import_id,)
            ).fetchone()
        return ImportCount(*row) if row else ImportCount(0, 0, 0)

    def quarantine(self, seq: int, place: int, reason: str, payload: bytes) -> None:
        """Keep a record that can't be drained, for a person to look at, instead of losing it."""
        with self._lock:
            self._db.execute("DELETE FROM quarantine WHERE seq = ? AND place = ?", (seq, place))
            self._db.execute("INSERT INTO quarantine VALUES (?, ?, ?, ?)", (seq, place, reason, payload))

    def quarantined(self) -> int:
        """How many records are kept aside."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM quarantine").fetchone()[0])

    def forget_quarantined(self, concerned: Callable[[bytes], bool]) -> None:
        """Delete what is kept aside and concerns a deletion."""
        with self._lock:
            kept = self._db.execute("SELECT rowid, payload FROM quarantine").fetchall()
            for row, payload in kept:
                if concerned(payload):
                    self._db.execute("DELETE FROM quarantine WHERE rowid = ?", (row,))

    def note_erasure(self, seq: int, erased: Erased) -> None:
        """Keep the report of a deletion that is about to be made at this position."""
        removed = msgspec.json.encode(erased.removed).decode()
        row = (erased.id, seq, erased.project_id, erased.scope.value, erased.at, removed)
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO erasures VALUES (?, ?, ?, ?, ?, ?, 0)", row)

    def settle_erasures(self, position: int) -> None:
        """The deletions up to this position are made."""
        with self._lock:
            self._db.execute("UPDATE erasures SET done = 1 WHERE seq <= ? AND done = 0", (position,))

    def erasure(self, id_: str) -> Erased | None:
        """The report of a deletion; None before the drain came to it."""
        found = self._erasures("id = ?", id_)
        return found[0] if found else None

    def erasures(self, project_id: str) -> list[Erased]:
        """The reports of a project's last hundred deletions that found something, newest first."""
        return [erased for erased in self._erasures("project_id = ?", project_id) if erased.removed]

    def _erasures(self, condition: str, value: str) -> list[Erased]:
        with self._lock:
            rows = self._db.execute(
                f"SELECT id, project_id, scope, at, removed, done FROM erasures WHERE {condition} "  # noqa: S608
                "ORDER BY seq DESC LIMIT 100",
                (value,),
            ).fetchall()
        return [
            Erased(
                id=row[0],
                project_id=row[1],
                scope=Scope(row[2]),
                at=row[3],
                removed=msgspec.json.decode(row[4], type=Removed),
                is_done=bool(row[5]),
            )
            for row in rows
        ]

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with self._lock:
            self._db.close()


def payload_of(encoded: Sequence[bytes]) -> bytes:
    """Join encoded records into one group's payload: a msgpack array."""
    count = len(encoded)
    head = bytes([0x90 | count]) if count < 16 else b"\xdd" + count.to_bytes(4, "big")
    return head + b"".join(encoded)
