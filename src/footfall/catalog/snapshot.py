"""What the hot path looks things up in: the whole catalog as dicts, read again when it changes.

A look costs a monotonic clock and a comparison. Every half second one look (or, in a server, a background
thread) asks the database for its generation; a change by any process is seen within a second.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import Struct
from sqlalchemy import Connection, select

from footfall.catalog import rows, tables
from footfall.catalog.database import Database, generation
from footfall.catalog.patience import Patience
from footfall.catalog.salts import SaltsOfDay
from footfall.catalog.salts import stored as stored_salts
from footfall.model.access import Link, Share, Team, TeamMember
from footfall.model.errors import FootfallError
from footfall.model.project import ApiKey, Client, Project, User

T = TypeVar("T")

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 1.0  # how long a look of a server waits for the database
WATCHED_SECONDS = 10.0  # how long a look trusts the watching thread before it asks for itself
_AGAIN_SECONDS = 0.1  # how long what is missing is missing, before a look for it asks again


class Snapshot(Struct, frozen=True, kw_only=True):
    """The catalog at one generation. `projects` is keyed by slug and by UUID text.

    A project that is to be deleted is in `deleted` alone, so that nobody finds it elsewhere.
    """

    generation: int
    projects: dict[str, Project]
    deleted: tuple[Project, ...]
    clients: dict[str, Client]
    users: dict[str, User]
    users_by_name: dict[str, User]
    keys: dict[str, ApiKey]  # by SHA-256, hex
    teams: dict[str, Team]
    members: dict[tuple[str, str], TeamMember]  # by team and user id
    shares: dict[str, Share]  # by slug; of a project, oldest first
    links: dict[str, Link]  # by slug
    salts: SaltsOfDay | None


def named(known: Mapping[str, T], ref: str) -> T | None:
    """By slug, UUID or id in any case (openpanel contract §16.3)."""
    return known.get(ref) or known.get(ref.lower())


def load(connection: Connection) -> Snapshot:
    """Read the whole catalog. The generation first: a change in between only costs another read."""
    count = generation(connection)
    projects: dict[str, Project] = {}
    deleted: list[Project] = []
    for row in connection.execute(select(tables.projects).order_by(tables.projects.c.key)):
        project = rows.project(row)
        if project.delete_at is None:
            projects[row.id] = projects[row.uuid] = project
        else:
            deleted.append(project)
    clients = connection.execute(select(tables.clients).order_by(tables.clients.c.created_at))
    users = [rows.user(row) for row in connection.execute(select(tables.users))]
    keys = connection.execute(select(tables.api_keys).order_by(tables.api_keys.c.created_at))
    teams = connection.execute(select(tables.teams).order_by(tables.teams.c.created_at))
    members = connection.execute(select(tables.team_users).order_by(tables.team_users.c.created_at))
    shares = connection.execute(select(tables.shares).order_by(tables.shares.c.created_at))
    links = connection.execute(select(tables.links))
    return Snapshot(
        generation=count,
        projects=projects,
        deleted=tuple(deleted),
        clients={row.id: rows.client(row) for row in clients},
        users={user.id: user for user in users},
        users_by_name={user.username: user for user in users},
        keys={row.sha256: rows.api_key(row) for row in keys},
        teams={row.id: rows.team(row) for row in teams},
        members={(row.team_id, row.user_id): rows.team_member(row) for row in members},
        shares={row.slug: rows.share(row) for row in shares},
        links={row.slug: rows.link(row) for row in links},
        salts=stored_salts(connection),
    )


class SnapshotCache:
    """Holds the newest snapshot and keeps it so.

    Of a server nobody waits long for a database that hangs: the old snapshot serves on.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()  # of whoever refreshes
        self._trust = threading.Lock()
        self._change = object()  # another one with each change of this process's
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self._patience: Patience | None = None
        with database.read() as connection:
            self._snapshot = load(connection)
        self._missed_at = float("-inf")
        self._trusted_until = clock() + POLL_SECONDS

    def current(self) -> Snapshot:
        """The catalog as it was at most a second ago, and never older than this process's own changes."""
        if self._clock() >= self._trusted_until:
            self.patiently(self._refresh_when_due)
        return self._snapshot

    def look_again(self, seen: Snapshot | None = None) -> Snapshot:
        """The catalog as it is now, for someone who misses a name in what they have `seen`.

        However fresh a poll is: the name may be younger. Looks in vain happen ten times a second at the most.
        """
        seen = self._snapshot if seen is None else seen
        self.patiently(lambda: self._refresh_when_missed(seen))
        return self._snapshot

    def invalidate(self) -> None:
        """Make the next look read again: this process has just changed something."""
        with self._trust:  # a refresh that is under way may have read before the change
            self._change = object()
            self._trusted_until = float("-inf")

    def patiently(self, work: Callable[[], object]) -> None:
        """Do what needs the database; in a server, don't wait long for it. Raises what it raises."""
        if self._patience is None:
            work()
        else:
            self._patience.do(work)

    def watch(self, each_time: Callable[[], object] = lambda: None) -> None:
        """Poll in a background thread from now on, so that no request ever waits for it.

        `each_time` runs after every poll, for other work that must not wait for a request.
        """
        if self._watcher is None:
            self._patience = Patience(PATIENCE_SECONDS, "catalog-look")
            self._watcher = threading.Thread(
                target=self._watch, args=(each_time,), name="catalog-watch", daemon=True
            )
            self._watcher.start()

    def close(self) -> None:
        """Stop the background thread."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(timeout=5)
        patience, self._patience = self._patience, None
        if patience is not None:
            patience.close()

    def _watch(self, each_time: Callable[[], object]) -> None:
        while not self._stop.wait(POLL_SECONDS):
            self.patiently(self._refresh_now)
            try:
                each_time()
            except FootfallError as error:
                _warn("catalog.watch_failed", error)

    def _refresh_now(self) -> None:
        with self._lock:
            self._refresh()

    def _refresh_when_due(self) -> None:
        with self._lock:
            if self._clock() >= self._trusted_until:
                self._refresh()

    def _refresh_when_missed(self, seen: Snapshot) -> None:
        with self._lock:
            if self._clock() - self._missed_at < _AGAIN_SECONDS:
                return
            # Whoever waited for another's refresh has not looked in vain, though nothing moved since.
            if not self._refresh() and self._snapshot is seen:
                self._missed_at = self._clock()

    def _refresh(self) -> bool:
        """Ask for the generation, read all if it moved, and say so. With no answer the old snapshot serves on."""
        moved, change = False, self._change
        try:
            with self._database.read() as connection:
                moved = generation(connection) != self._snapshot.generation
                if moved:
                    self._snapshot = load(connection)
        except FootfallError as error:
            _warn("catalog.refresh_failed", error)
        patience = WATCHED_SECONDS if self._watcher is not None else POLL_SECONDS
        with self._trust:
            if change is self._change:
                self._trusted_until = self._clock() + patience
        return moved


def _warn(event: str, error: FootfallError) -> None:
    import structlog  # a server has it; `footfall project list` would wait a tenth of a second for it

    structlog.get_logger(__name__).warning(event, reason=error.message)
