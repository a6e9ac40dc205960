"""The catalog's connection: one engine over SQLite or PostgreSQL, one way to read, one to write."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Integer,
    Text,
    cast,
    create_engine,
    event,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, OperationalError

from footfall.catalog.migrations import HEAD, revision, upgrade
from footfall.catalog.tables import meta
from footfall.model.errors import BadRequest, FootfallError, Overloaded, SetupError

BUSY_MS = 10_000
WRITE = "footfall_write"

_PUT_ONCE = text("INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT DO NOTHING")


class Database:
    """An open catalog database with its schema brought up to date.

    `url_or_path` is a PostgreSQL URL, a `sqlite:///` URL or a path to a SQLite file (its folder is made).
    Raises SetupError when it can't be opened.
    """

    def __init__(self, url_or_path: str | Path) -> None:
        # For messages: without a password, which may stand in the query too.
        self.name = str(url_or_path).rpartition("@")[2].partition("?")[0]
        try:
            self.engine = _engine(_url(url_or_path))
            with self.read() as connection:
                ready = revision(connection) == HEAD
            if not ready:
                with self.write(announce=False) as connection:
                    upgrade(connection)
        except ModuleNotFoundError as error:
            raise SetupError(
                f"The catalog needs the Python package {error.name}; install footfall[postgres]."
            ) from error
        except (ArgumentError, ValueError) as error:
            raise SetupError(
                f"The catalog URL '{self.name}' is not one that Footfall knows; "
                "give postgresql://user:password@host/database or a path to a SQLite file."
            ) from error
        except (DBAPIError, OSError, Overloaded) as error:
            raise SetupError(f"The catalog {self.name} can't be opened: {_reason(error)}.") from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look at the tables. Raises Overloaded when the database does not answer."""
        with _refusals(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, announce: bool = True) -> Iterator[Connection]:
        """One transaction that is on disk when the block ends; other processes notice it.

        Writers take turns (SQLite: `BEGIN IMMEDIATE`; PostgreSQL: the generation row), so what a
        block reads first is still true when it writes. Raises Overloaded when nothing could be stored.
        """
        with (
            _refusals(),
            self.engine.connect().execution_options(**{WRITE: True}) as connection,
            connection.begin(),
        ):
            if announce:
                bump(connection)
            yield connection

    def forget(self) -> None:
        """Leave nothing of what was deleted on the disk: SQLite's log is written into the file, and emptied.

        Until then both have it still, on a quiet server for months. PostgreSQL vacuums by itself.
        """
        if self.engine.dialect.name != "sqlite":
            return
        with closing(self.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def bump(connection: Connection) -> None:
    """Count one more change; on PostgreSQL this also holds other writers off until the commit."""
    one_more = cast(cast(meta.c.value, Integer) + 1, Text)
    connection.execute(update(meta).where(meta.c.key == "generation").values(value=one_more))


def generation(connection: Connection) -> int:
    """How many changes the catalog has seen; equal numbers mean equal contents."""
    return int(connection.execute(select(meta.c.value).where(meta.c.key == "generation")).scalar_one())


def put_once(connection: Connection, key: str, value: str) -> str:
    """Store a meta value unless one is there; returns the one that is there now."""
    # SQLAlchemy has a word for it per dialect, and PostgreSQL's costs 2 MB to import; both databases read this.
    connection.execute(_PUT_ONCE, {"key": key, "value": value})
    stored: str = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one()
    return stored


def _url(url_or_path: str | Path) -> URL:
    text = str(url_or_path)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    url = make_url(text)
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database:
        return url
    raise ArgumentError(url.drivername)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, pool_size=4, connect_args={"connect_timeout": 10})
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Salts and secret hashes are for the owner's eyes; SQLite gives its WAL the same permissions.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    _use_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # a salt that is deleted is gone from the file


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switching to WAL ignores the busy timeout, so two first starts have to be patient by hand."""
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def _refusals() -> Iterator[None]:
    """A database that is locked, full or away is worth a later try, and what it can't hold is the asker's to mend.

    PostgreSQL takes no NUL in a text, not even in one that is looked for.
    """
    try:
        yield
    except OperationalError as error:
        raise Overloaded(f"The catalog can't be used at the moment: {_reason(error)}.") from error
    except DataError as error:
        raise BadRequest(f"The catalog can't hold this: {_reason(error)}.") from error


def _reason(error: BaseException) -> str:
    """The database's own words, first line, without SQLAlchemy's frame around them and without where it is."""
    if isinstance(error, FootfallError):
        return _reason(error.__cause__ or error)
    if isinstance(error, OSError):
        return error.strerror or str(error)
    origin = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(origin).strip().partition("\n")[0].rpartition(" failed: ")[2].rstrip(".")
