"""The embedded engine: one DuckDB file, one writing process, readers on their own cursors.

A batch is one transaction that also moves the journal position, so a crash repeats or loses nothing.
"""

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import duckdb
import structlog

from footfall.model.errors import Overloaded, SetupError
from footfall.store import duckdb_erasure
from footfall.store.answers import Answers
from footfall.store.base import Batch, Linked, Revision, StoreSize
from footfall.store.duckdb_bulk import insert_bulk
from footfall.store.duckdb_clusters import Clusters
from footfall.store.duckdb_file import GIVEN_UP, DuckDBFile
from footfall.store.duckdb_links import Links
from footfall.store.duckdb_migrations import migrate, stored_name, stored_values
from footfall.store.duckdb_reads import DuckDBReads
from footfall.store.ready import Keys, Ready, Rows, make_ready
from footfall.store.schema import GROUPS, OPEN_SESSIONS, PROFILES, SESSIONS, TABLES, Kind
from footfall.store.standstill import changing

log = structlog.get_logger(__name__)

MIN_FREE_BYTES = 64 * 1024 * 1024
"""Below this much free disk nothing is accepted, so that what was accepted can still be written."""

_LOG = "16MB"
"""The write-ahead log may grow so long until its rows go into the file, which holds up what comes meanwhile."""
_LOG_OF_IMPORTS = "64MB"
"""Part of a row group is written again each time: with this, imports are faster, and leave less free space."""


class DuckDBStore(DuckDBReads):
    """The store in `path`, which keeps at most `answer_bytes` of answers.

    Raises SetupError when another process has it open or it can't be read.
    """

    dialect = "duckdb"
    takes_bulk = True
    takes_ready = True

    def __init__(
        self,
        path: Path,
        *,
        memory_limit: str = "1GB",
        threads: int = 0,
        query_seconds: float = 30.0,
        answer_bytes: int = 0,
    ) -> None:
        super().__init__(DuckDBFile(lambda: _connect(path, memory_limit, threads), path.parent), query_seconds)
        self.answers = Answers(answer_bytes)
        self._path = path
        with self._file.cursor() as cursor:
            self._links = Links(cursor)
        self._clusters = Clusters()
        self._has_erased = False
        self._writer: duckdb.DuckDBPyConnection
        self._writing = threading.Lock()
        self._doubtful: Batch | Ready | None = None

    # -- writing

    def position(self) -> int:
        """The journal position up to which everything is stored."""
        return int(self._fetch("SELECT position FROM journal_position")[0][0])

    def write(self, batch: Batch | Ready) -> None:
        """Store the batch and its position in one transaction. Raises Overloaded as `Store.write` says."""
        self._check_disk()
        ready = make_ready(batch)
        with self._writing, changing(self._path.parent):
            if self._doubtful is batch and self._has(ready):
                return
            self._doubtful = None
            try:
                with self._file.cursor() as self._writer:
                    self._commit(ready)
            except GIVEN_UP as error:
                self._doubtful = batch
                raise Overloaded(f"the store had to be opened again: {error}", retry_after=5) from error
            finally:
                self.answers.forget(ready.changes)

    def _commit(self, ready: Ready) -> None:
        try:
            self._writer.execute(f"SET checkpoint_threshold = '{_LOG_OF_IMPORTS if ready.bulk else _LOG}'")
            self._writer.execute("BEGIN TRANSACTION")
            self._apply(ready)
            self._writer.execute("COMMIT")
        except _REFUSALS as error:
            self._roll_back()
            raise Overloaded(f"the store can't take events now: {error}", retry_after=5) from error
        except BaseException:
            self._roll_back()
            raise

    def _has(self, ready: Ready) -> bool:
        """Whether a batch whose write broke off was committed after all."""
        if self.position() != ready.position:
            return False
        # A batch that only ends sessions moves no position.
        sql = "SELECT count(*) FROM open_sessions WHERE id IN (SELECT unnest(?::VARCHAR[]))"
        return not ready.ended or self._fetch(sql, [ready.ended])[0][0] == 0

    def _apply(self, ready: Ready) -> None:
        self._links.undo(self._writer, ready)
        self._has_erased |= bool(ready.erasures)
        for erasure in ready.erasures:
            for sql, values in duckdb_erasure.deletes(erasure):
                self._writer.execute(sql, values)
        self._revise(ready.revisions)
        for keys in ready.deleted:
            self._delete(keys)
        for rows in ready.inserted:
            self._insert(rows)
        if ready.bulk:
            insert_bulk(self._writer, ready.bulk, _CASTS)
        self._writer.execute("UPDATE journal_position SET position = ?", [ready.position])

    def _insert(self, rows: Rows) -> None:
        self._writer.register("incoming", rows.columns)
        self._writer.execute(_INSERTS[rows.table])
        self._writer.unregister("incoming")

    def _delete(self, keys: Keys) -> None:
        self._writer.execute(_DELETES[keys.table], [keys.ids, keys.projects, keys.ids])

    def _revise(self, revisions: Sequence[Revision]) -> None:
        if not revisions:
            return
        ids = [revision.session_id for revision in revisions]
        self._writer.execute(
            "DELETE FROM dwells WHERE viewed_at BETWEEN make_timestamp_ms(?) AND make_timestamp_ms(?) "
            "AND session_id IN (SELECT unnest(?::VARCHAR[])) "
            "AND (project_id, session_id) IN (SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))",
            [
                min(revision.from_ms for revision in revisions),
                max(revision.to_ms for revision in revisions),
                ids,
                [revision.project_id for revision in revisions],
                ids,
            ],
        )

    def _roll_back(self) -> None:
        try:
            self._writer.execute("ROLLBACK")
        except duckdb.Error:
            # The failed statement has already ended the transaction.
            self._file.renew()

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self._path.parent).free
        if free < MIN_FREE_BYTES:
            text = f"only {free // 2**20} MiB free on the disk of {self._path.parent}"
            raise Overloaded(text, retry_after=10)

    # -- as a whole

    def linked(self, project_id: str) -> Linked:
        """Which of the project's sessions know their visitor's session before."""
        return self._links.of(project_id)

    def size(self) -> StoreSize:
        """Rows, and bytes of the file with its write-ahead log."""
        events, sessions = self._fetch(
            "SELECT (SELECT count(*) FROM events_data), "
            "(SELECT count(*) FROM sessions) + (SELECT count(*) FROM open_sessions)"
        )[0]
        files = (self._path, self._path.with_name(self._path.name + ".wal"))
        return StoreSize(
            events=events, sessions=sessions, bytes=sum(f.stat().st_size for f in files if f.exists())
        )

    def maintain(self) -> bool:
        """Link sessions, or put rows in order. When all is done, write the log into the file, so that the next
        start has nothing to replay; after a deletion at once, so that the log has nothing of what is deleted.
        """
        is_more = False
        with self._writing, changing(self._path.parent), self._file.cursor() as cursor:
            try:
                # One of both at a time, because the drain waits.
                is_more = self._links.link(cursor) or self._clusters.tidy(cursor)
            except _REFUSALS as error:
                log.warning("store.not_maintained", reason=str(error))
            if self._has_erased or not is_more:
                try:
                    cursor.execute("CHECKPOINT")
                    self._has_erased = False
                except duckdb.TransactionException as error:  # a question from before the last batch still runs
                    log.warning("store.not_maintained", reason=str(error))
                    is_more = True
        return is_more

    def close(self) -> None:
        """Checkpoint and let go of the file."""
        self._file.close(self._deadlines.close)


# A commit that the disk refuses is a TransactionException.
_REFUSALS = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException)
_CASTS = {
    Kind.ID: "{0}::UUID",
    Kind.TEXTS: "CASE WHEN {0} = '[]' THEN []::VARCHAR[] ELSE from_json({0}, '[\"VARCHAR\"]') END",
    Kind.MAP: "{0}::JSON::VARIANT",
}

_INSERTS = {
    table.name: f"INSERT INTO {stored_name(table)} SELECT {stored_values(table, _CASTS)} FROM incoming"
    for table in TABLES
}
_DELETES = {
    table.name: f"DELETE FROM {stored_name(table)} WHERE id IN (SELECT unnest(?::VARCHAR[])) "
    "AND (project_id, id) IN (SELECT (unnest(?::VARCHAR[]), unnest(?::VARCHAR[])))"
    for table in (SESSIONS, OPEN_SESSIONS, PROFILES, GROUPS)
}


def _connect(path: Path, memory_limit: str, threads: int) -> duckdb.DuckDBPyConnection:
    spill = path.parent / "tmp"
    spill.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill),
        "preserve_insertion_order": "false",
        "allowed_configs": ["checkpoint_threshold"],  # when all else is locked
    }
    if threads:
        config["threads"] = threads
    try:
        connection = duckdb.connect(str(path), config=config)
        migrate(connection)
        # Last, because neither lets anything be set after it.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            hint = "stop that one or choose another --data"
            raise SetupError(f"{path} is in use by another process; {hint}") from error
        raise SetupError(f"{path} can't be opened: {error}") from error
    except (duckdb.OutOfMemoryException, duckdb.ParserException) as error:
        raise SetupError(f"the event store can't work with a memory_limit of {memory_limit}") from error
    except duckdb.Error as error:  # such as a damaged log
        raise SetupError(f"{path} can't be opened: {error}") from error
    return connection
