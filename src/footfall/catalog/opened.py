"""An open catalog: what is known of it in this process, and how it is changed.

Lookups come from an in-process snapshot that follows changes by other processes within a second; changes go to the
database and are on disk when the call returns.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection

from footfall.catalog.database import Database, generation, put_once
from footfall.catalog.salts import Salts, rotate
from footfall.catalog.snapshot import Snapshot, SnapshotCache
from footfall.model.errors import Overloaded

T = TypeVar("T")


class OpenCatalog:
    """The half of the catalog that is not about anybody. Raises SetupError when it can't be opened."""

    def __init__(self, url_or_path: str | Path) -> None:
        self._database = Database(url_or_path)
        self._cache = SnapshotCache(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop watching and close the connections."""
        self._cache.close()
        self._database.close()

    def watch(self) -> None:
        """For a server: follow other processes' changes and turn the salts in a background thread."""
        self._cache.watch(lambda: self.salts(datetime.now(UTC)))

    def check(self) -> None:
        """Ask the database itself. Raises Overloaded if it does not answer; lookups go on without it."""
        with self._database.read() as connection:
            generation(connection)

    def snapshot(self) -> Snapshot:
        """Everything at once, as dicts; don't change them."""
        return self._cache.current()

    def look_again(self) -> Snapshot:
        """The same, but read anew: what another process made a moment ago is there already."""
        return self._cache.look_again()

    def find(self, look: Callable[[Snapshot], T | None]) -> T | None:
        """What is looked up, or None; where it is missed another process may just have made it."""
        seen = self._cache.current()
        found = look(seen)
        return look(self._cache.look_again(seen)) if found is None else found

    def _change(self, work: Callable[[Connection], T]) -> T:
        with self._database.write() as connection:
            result = work(connection)
        self._cache.invalidate()
        return result

    # Salts and the installation's secret

    def salts(self, now: datetime) -> Salts:
        """Today's and yesterday's salt (openpanel contract §4.1). Hot: two comparisons.

        Whoever asks first after 00:00 UTC turns them. Raises Overloaded when that can't be stored.
        """
        known = self._cache.current().salts
        if known is None or not known.serve(now):
            self._cache.patiently(lambda: self._turn_salts(now))
            known = self._cache.current().salts
            if known is None or not known.serve(now):
                raise Overloaded("The catalog does not answer, and today's salt is not made yet.")
        return known.salts

    def _turn_salts(self, now: datetime) -> None:
        self._change(lambda connection: rotate(connection, now))
        self._database.forget()

    def installation_secret(self) -> str:
        """The random secret of this installation, made on first use; tokens are signed with it."""
        with self._database.write(announce=False) as connection:
            return put_once(connection, "secret", secrets.token_hex(32))
