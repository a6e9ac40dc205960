"""The one interface of the store. DuckDB and ClickHouse implement it; everyone else only knows this."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field

from footfall.model.erasure import Erasure
from footfall.model.event import DropCount, Dwell, Event, Group, Profile, Session
from footfall.store.answers import Answers
from footfall.store.columns import EventColumns

if TYPE_CHECKING:
    from sqlglot import exp

    from footfall.store.ready import Ready

Row = tuple[Any, ...]

NEVER = 2**62
"""A time, in ms, that comes after all others."""


class Revision(Struct, frozen=True, kw_only=True):
    """A stored session whose dwells the batch writes anew, because a view came late.

    Those of views between `from_ms` and `to_ms` (event time, inclusive) are deleted.
    """

    project_id: str
    session_id: str
    from_ms: int
    to_ms: int


class Bulk(Struct, kw_only=True):
    """Imported events as columns, and none of their sessions is in the store or in the batch otherwise.

    Of them come the events at the places `kept`, in order (None: all), and what follows from these: sessions,
    which are over, and dwells. `first_start_id` is the id of the `session_start` that the first row would bring;
    each further row's is 4 more. Rows without a session id stay without a session.
    """

    columns: EventColumns
    first_start_id: str
    kept: list[int] | None = None

    @property
    def places(self) -> Sequence[int]:
        """The places in the columns of the events it holds."""
        return range(len(self.columns)) if self.kept is None else self.kept

    @property
    def event_count(self) -> int:
        """How many events it holds."""
        return len(self.places)


class Batch(Struct, kw_only=True):
    """What one drain writes, all of it or none, with the journal position it reaches.

    `erasures` and then `revisions` are deleted first. `sessions` are whole states: open ones replace their
    open row, closed ones move to `sessions`. `drops` are added to the ledger's counts. `bulk` is for
    stores that take it.
    """

    position: int
    erasures: list[Erasure] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    dwells: list[Dwell] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    drops: list[DropCount] = field(default_factory=list)
    bulk: list[Bulk] = field(default_factory=list)

    @property
    def event_count(self) -> int:
        """How many events it holds."""
        return len(self.events) + sum(part.event_count for part in self.bulk)


class StoreSize(Struct, frozen=True, kw_only=True):
    """How much the store holds: rows (of events those that are stored, without the marks) and bytes on disk."""

    events: int
    sessions: int
    bytes: int


class Linked(Struct, frozen=True, kw_only=True):
    """Which of a project's sessions know when their visitor's session before began (`visitor_before`).

    Of those that begin in a range, which is from `since_ms` on and ends at `until_ms` at most (half-open, ms UTC),
    a visitor's first one is the one whose session before is NULL, for none, or before the range.
    `change` is another number whenever that may have become untrue.
    """

    since_ms: int = NEVER
    until_ms: int = -NEVER
    change: int = 0

    def covers(self, start_ms: int, end_ms: int) -> bool:
        """Whether it says so of this range."""
        return self.since_ms <= start_ms and end_ms <= self.until_ms


TOO_LONG = "the question took longer than the time limit; ask for less"
"""Said of a question that is given up."""


class Past(Protocol):
    """What of the past decides what becomes of a record: who builds batches asks for no more of a store."""

    takes_bulk: bool
    """Whether `Batch.bulk` is written; a store that can't is given rows instead."""

    def sessions_near(self, project_id: str, device_ids: Iterable[str], from_ms: int, to_ms: int) -> list[Session]:
        """Closed sessions of these devices that touch the span, with the pages they saw (`pages`)."""

    def sessions_by_id(self, project_id: str, ids: Iterable[str], from_ms: int, to_ms: int) -> list[Session]:
        """Closed sessions with these ids that touch the span, with the pages they saw (`pages`)."""

    def views_of(self, project_id: str, session_ids: Iterable[str], from_ms: int, to_ms: int) -> list[Event]:
        """The screen views (id, time, origin, path, session) of these sessions, oldest first."""

    def event_ids_known(self, project_id: str, ids: Sequence[str], from_ms: int, to_ms: int) -> set[str]:
        """Which of these event ids are already stored within the span (inclusive)."""

    def profiles(self, project_id: str, ids: Iterable[str]) -> dict[str, Profile]:
        """The stored profiles among these ids."""

    def groups_created(self, project_id: str, ids: Iterable[str]) -> dict[str, int]:
        """When the stored groups among these ids were created, ms UTC."""


class Store(Past, Protocol):
    """Durable, columnar, transactional enough that a batch is counted exactly once."""

    dialect: str
    """The sqlglot dialect that `query` takes: `duckdb` or `clickhouse`."""

    query_seconds: float
    """How long a question may take."""

    takes_ready: bool
    """Whether `write` takes batches that were made ready elsewhere."""

    answers: Answers
    """What it was asked and still holds; `write` forgets what a batch changes."""

    def position(self) -> int:
        """The journal position up to which everything is stored; 0 at first."""

    def write(self, batch: "Batch | Ready") -> None:
        """Store the batch and its position atomically.

        Raises Overloaded when the disk is full or the engine can't be reached. Then write this very batch
        again, or go on from `position()` and `open_sessions()`: the store may have taken it after all.
        """

    def open_sessions(self) -> list[Session]:
        """The sessions that were open at the last write, with the pages they saw."""

    def query(
        self, select: "exp.Query", params: Mapping[str, object] | None = None, *, is_patient: bool = False
    ) -> list[Row]:
        """Run a read with bound parameters (`exp.Placeholder(this=name)`), within the limits of settings.

        Takes the expression over. Raises Overloaded when the time or memory limit is reached; who `is_patient`
        has no limit of time, and is the thread that writes.
        """

    def linked(self, project_id: str) -> Linked:
        """Which of the project's sessions know their visitor's session before."""

    def size(self) -> StoreSize:
        """Rows and bytes held."""

    def maintain(self) -> bool:
        """Give back space, and work out ahead what questions need, while idle; whether there is more to do."""

    def close(self) -> None:
        """Write what is buffered and let go of the files."""
