"""What a batch does to ClickHouse, as a list of steps that may each be repeated.

Inserts name themselves by a token, deletes spare the rows of the batch's own version; see clickhouse.py.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from clickhouse_connect.driver.client import Client
from msgspec import Struct

from footfall.model.erasure import Erasure, Scope
from footfall.model.event import Session
from footfall.store.base import Batch, Revision
from footfall.store.clickhouse_rows import EXTRA_TYPES, Columns, clamp_ms, columns, stored_name
from footfall.store.pending import Pending
from footfall.store.schema import DROPS, DWELLS, EVENTS, GROUPS, OPEN_SESSIONS, PROFILES, SESSIONS, TABLES, Table

ROWS_PER_INSERT = 50_000
"""One block, so one part per month and one token; a repeated batch is cut into the same pieces."""

_FIELD_BYTES = 100_000
"""A question's parameters are form fields, which hold 128 KiB (`http_max_field_value_size`)."""

_URL_BYTES = 30_000
"""A delete's parameters stand in the URL, three times as long, within 1 MiB (`http_max_uri_size`)."""


# A small part that marks rows, as quick as an insert. As a mutation a delete would wait for running merges.
_BY_PATCH = "lightweight_delete_mode = 'lightweight_update'"


class Insert(Struct, frozen=True):
    """Rows for one table; `token` makes the server drop them when they come a second time."""

    table: str
    columns: Columns
    token: str

    def run(self, client: Client) -> None:
        """Insert."""
        client.insert(
            self.table,
            self.columns.values,
            column_names=self.columns.names,
            column_type_names=self.columns.types,
            column_oriented=True,
            settings={"insert_deduplication_token": self.token},
        )


class Delete(Struct, frozen=True):
    """Rows of one table to be marked as deleted, at once."""

    table: str
    where: str
    params: dict[str, Any]
    how: str = _BY_PATCH

    def run(self, client: Client) -> None:
        """Delete."""
        client.command(
            f"DELETE FROM {self.table} WHERE {self.where} SETTINGS {self.how}",
            parameters=self.params,
        )


Step = Insert | Delete


def steps_of(pending: Pending) -> list[Step]:
    """Everything the batch does, the position last. Raises ValueError or OverflowError for bad values."""
    return list(_steps(pending, pending.batch))


def _steps(pending: Pending, batch: Batch) -> Iterator[Step]:
    version = pending.version
    for erasure in batch.erasures:
        yield from _erasure(erasure, version)
    yield from _of_sessions(DWELLS, "viewed_at", batch.revisions, version)
    yield from _deletes(SESSIONS, [session for session in batch.sessions if session.is_stored], version)
    events = sorted(batch.events, key=lambda event: (event.project_id, event.created_at))
    closed = [session for session in batch.sessions if not session.is_open]
    opened = [session for session in batch.sessions if session.is_open]
    yield from _inserts(pending, EVENTS, events)
    yield from _inserts(pending, DWELLS, batch.dwells)
    yield from _inserts(pending, SESSIONS, closed)
    yield from _replacements(pending, OPEN_SESSIONS, opened, node=pending.node)
    yield from _tombstones(pending, closed)
    yield from _replacements(pending, PROFILES, batch.profiles)
    yield from _replacements(pending, GROUPS, batch.groups)
    if batch.drops:
        yield Insert(DROPS.name, columns(DROPS, batch.drops), _token(pending, 0))
    yield _position(pending)


def _token(pending: Pending, piece: object) -> str:
    return f"{pending.node}-{pending.version}-{piece}"


def _inserts(pending: Pending, table: Table, rows: Sequence[object]) -> Iterator[Step]:
    if not rows:
        return
    data = columns(table, rows).plus(version=pending.version)
    for piece, part in enumerate(data.slices(ROWS_PER_INSERT)):
        yield Insert(stored_name(table), part, _token(pending, piece))


def _replacements(pending: Pending, table: Table, rows: Sequence[object], **extra: int) -> Iterator[Step]:
    if rows:
        data = columns(table, rows).plus(version=pending.version, is_deleted=0, **extra)
        yield Insert(stored_name(table), data, _token(pending, "rows"))


def _tombstones(pending: Pending, closed: Sequence[Session]) -> Iterator[Step]:
    """A closed session leaves the open ones. Whether it was among them is not worth asking."""
    if closed:
        keys = Columns(
            ["project_id", "id"],
            ["LowCardinality(String)", "String"],
            [[session.project_id for session in closed], [session.id for session in closed]],
        )
        data = keys.plus(version=pending.version, is_deleted=1, node=pending.node)
        yield Insert(stored_name(OPEN_SESSIONS), data, _token(pending, "closed"))


def _position(pending: Pending) -> Step:
    names = ("node", "position", "version")
    values = (pending.node, pending.batch.position, pending.version)
    row = Columns(list(names), [EXTRA_TYPES[name] for name in names], [[value] for value in values])
    return Insert("journal_position", row, _token(pending, "position"))


def _deletes(table: Table, sessions: Sequence[Session], version: int) -> Iterator[Step]:
    for params in _keys((session.project_id, session.id) for session in sessions):
        where = f"{_IS_ONE_OF.format('id')} AND version < {{version:UInt64}}"
        yield Delete(table.name, where, {**params, "version": version})


def _of_sessions(table: Table, time: str, revisions: Sequence[Revision], version: int) -> Iterator[Step]:
    if not revisions:
        return
    params: dict[str, Any] = {
        "version": version,
        "from": clamp_ms(min(revision.from_ms for revision in revisions)),
        "to": clamp_ms(max(revision.to_ms for revision in revisions)),
    }
    where = (
        f"{_IS_ONE_OF.format('session_id')} AND version < {{version:UInt64}} "
        f"AND {time} >= fromUnixTimestamp64Milli({{from:Int64}}, 'UTC') "
        f"AND {time} <= fromUnixTimestamp64Milli({{to:Int64}}, 'UTC')"
    )
    for keys in _keys((revision.project_id, revision.session_id) for revision in revisions):
        yield Delete(table.name, where, {**keys, **params})


# Any number of rows of any table; waits for merges and is done when the statement returns.
_BY_MUTATION = "lightweight_delete_mode = 'alter_update', lightweight_deletes_sync = 2"

_SUBJECT_COLUMN = {Scope.PROFILE: "profile_id", Scope.VISITOR: "device_id"}


def _erasure(erasure: Erasure, version: int) -> Iterator[Step]:
    """What a deletion takes (model/erasure.py). Rows of later batches stay when a step is repeated."""
    match erasure.scope:
        case Scope.PROJECT:
            for table in TABLES:
                yield _erase(table, erasure, version, "1")
        case Scope.AGE:
            old = {"before": clamp_ms(erasure.before_ms)}
            for table, time in ((EVENTS, "created_at"), (DWELLS, "viewed_at"), (SESSIONS, "ended_at")):
                before = f"{time} < fromUnixTimestamp64Milli({{before:Int64}}, 'UTC')"
                yield _erase(table, erasure, version, before, **old)
        case Scope.PROFILE | Scope.VISITOR:
            mine = f"{_SUBJECT_COLUMN[erasure.scope]} = {{subject:String}}"
            yield _erase(EVENTS, erasure, version, mine, subject=erasure.subject)
            for ids in _pieces(erasure.session_ids, _size, _URL_BYTES):
                for table, session in (
                    (EVENTS, "session_id"),
                    (DWELLS, "session_id"),
                    (SESSIONS, "id"),
                    (OPEN_SESSIONS, "id"),
                ):
                    yield _erase(table, erasure, version, f"{session} IN {{ids:Array(String)}}", ids=ids)
            yield _erase(PROFILES, erasure, version, "id = {subject:String}", subject=erasure.subject)


def _erase(table: Table, erasure: Erasure, version: int, condition: str, **params: object) -> Delete:
    where = f"project_id = {{project:String}} AND {condition}"
    values = {"project": erasure.project_id, **params}
    # The ledger's rows have no version; a batch that deletes adds none.
    if table is not DROPS:
        where += " AND version < {version:UInt64}"
        values["version"] = version
    is_small = erasure.scope in _SUBJECT_COLUMN and table in (EVENTS, SESSIONS, DWELLS)
    return Delete(stored_name(table), where, values, _BY_PATCH if is_small else _BY_MUTATION)


# The first two find the granules, the last the rows.
_IS_ONE_OF = (
    "project_id IN {{projects:Array(String)}} AND {0} IN {{ids:Array(String)}} "
    "AND (project_id, {0}) IN arrayZip({{projects:Array(String)}}, {{ids:Array(String)}})"
)


def _keys(keys: Iterable[tuple[str, str]]) -> Iterator[dict[str, list[str]]]:
    """Parameters for `_IS_ONE_OF`, so that few statements delete many sessions."""
    for piece in _pieces(dict.fromkeys(keys), lambda key: sum(map(_size, key)), _URL_BYTES):
        yield {"projects": [project_id for project_id, _ in piece], "ids": [id_ for _, id_ in piece]}


def id_pieces(ids: Iterable[str]) -> Iterator[list[str]]:
    """Lists of different ids that each fit into one parameter of a question."""
    return _pieces(dict.fromkeys(ids), _size, _FIELD_BYTES)


def _size(text: str) -> int:
    # Quotes and a comma, and room to escape what needs it.
    return 2 * len(text.encode()) + 4


_Key = TypeVar("_Key")


def _pieces(keys: Iterable[_Key], size: Callable[[_Key], int], room: int) -> Iterator[list[_Key]]:
    """Lists of keys that each fit into so many bytes."""
    piece: list[_Key] = []
    left = room
    for key in keys:
        left -= size(key)
        if left < 0 and piece:
            yield piece
            piece, left = [], room - size(key)
        piece.append(key)
    if piece:
        yield piece
