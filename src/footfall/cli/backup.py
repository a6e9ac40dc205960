"""`footfall backup`: a copy of the data folder, beside a running server or without one.

While the store's file is copied, a server takes hits into its journal and answers questions; what came in is seen
afterwards. The journal is copied after the store and before anything more is stored, so that all that was
acknowledged is in one of both: a server that is started on the copy stores what was still in the journal.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict, replace

from footfall.cli.output import say, say_json
from footfall.cli.progress import Tell, progress
from footfall.model.errors import BadRequest, SetupError
from footfall.server.logs import configure_logs
from footfall.server.runtime import open_journal, open_store
from footfall.server.settings import CATALOG_FILE, FILE_NAME, JOURNAL_FILE, STORE_FILE, Settings
from footfall.store.standstill import standing_still

_STORE_FILES = (STORE_FILE, f"{STORE_FILE}.wal")
_PIECE_BYTES = 16 * 1024 * 1024
_ROOM_BYTES = 64 * 1024 * 1024  # for the journal and the catalog


class _Copied(Struct, frozen=True):
    """What is in a backup: rows of the store, records that a server will store, bytes of all files."""

    events: int
    sessions: int
    waiting: int
    bytes: int


def backup(settings: Settings, folder: Path, *, as_json: bool) -> None:
    """Copy the data folder to `folder`, which is made.

    Raises BadRequest if that is there, or the data folder is not; SetupError if something can't be copied.
    """
    configure_logs(settings.log_format, "warning")
    data = settings.data_path
    if settings.store != "duckdb":
        raise SetupError("the events are in ClickHouse; docs/operations.md says how to back up both")
    if not (data / JOURNAL_FILE).is_file():
        raise BadRequest(f"{data} is no data folder: there is no {JOURNAL_FILE} in it", "data")
    if folder.exists():
        raise BadRequest(f"{folder} is there already; a backup makes a new folder", "folder")
    began = time.monotonic()
    draft = _begun(folder)
    try:
        _copy_all(settings, draft)
        copied = _looked_at(settings, draft)
        _settle(draft)
        draft.rename(folder)
    except OSError as error:
        raise _unwritten(draft, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _tell(settings, folder, copied, time.monotonic() - began, as_json=as_json)


def _begun(folder: Path) -> Path:
    """The folder in which a backup is made before it gets its name. Nobody else's is touched."""
    draft = folder.with_name(f"{folder.name}.part")
    try:
        draft.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        text = f"{draft} is there: another backup is making it, or one was killed, which left it to be deleted"
        raise SetupError(text) from error
    except OSError as error:
        raise _unwritten(draft, error) from error
    return draft


def _unwritten(draft: Path, error: OSError) -> SetupError:
    return SetupError(f"{draft} can't be written: {error.strerror or error}")


def _copy_all(settings: Settings, draft: Path) -> None:
    data = settings.data_path
    with standing_still(data):
        _copy_files([data / name for name in _STORE_FILES if (data / name).is_file()], draft)
        _copy_sqlite(data / JOURNAL_FILE, draft)
    if (data / CATALOG_FILE).is_file() and not settings.catalog:
        _copy_sqlite(data / CATALOG_FILE, draft)
    if (data / FILE_NAME).is_file():
        shutil.copyfile(data / FILE_NAME, draft / FILE_NAME)


def _copy_files(files: Sequence[Path], draft: Path) -> None:
    """Copy what stands still. Raises SetupError when there is no room."""
    total = sum(file.stat().st_size for file in files)
    free = shutil.disk_usage(draft).free
    if free < total + _ROOM_BYTES:
        sizes = f"{total / 1e6:,.0f} MB are to be copied, {free / 1e6:,.0f} MB are free"
        raise SetupError(f"there is no room at {draft.parent}: {sizes}")
    done = 0
    with progress(total) as tell:
        for file in files:
            done = _copy_file(file, draft / file.name, done, tell)


def _copy_file(file: Path, copy: Path, done: int, tell: Tell) -> int:
    with file.open("rb") as read, copy.open("xb") as write:
        while piece := read.read(_PIECE_BYTES):
            write.write(piece)
            done += len(piece)
            tell(done, f"copied {done / 1e6:,.0f} MB of events")
    return done


def _copy_sqlite(file: Path, draft: Path) -> None:
    """A copy as of one moment, whoever writes to the file meanwhile."""
    try:
        with (
            closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as source,
            closing(sqlite3.connect(draft / file.name)) as copy,
        ):
            source.backup(copy)
    except sqlite3.Error as error:
        raise SetupError(f"{file} can't be copied: {error}") from error


def _looked_at(settings: Settings, draft: Path) -> _Copied:
    """What is in the copy, which thereby is known to open; the store's log is written into its file."""
    store = open_store(replace(settings, data=str(draft)), node=0)
    try:
        size, position = store.size(), store.position()
    finally:
        store.close()
    shutil.rmtree(draft / "tmp", ignore_errors=True)
    journal = open_journal(draft)
    try:
        waiting = journal.backlog(position)
    finally:
        journal.close()
    return _Copied(size.events, size.sessions, waiting, sum(file.stat().st_size for file in draft.iterdir()))


def _settle(draft: Path) -> None:
    """Wait until the files are on the disk. Nobody but their owner may read them, wherever they are moved to."""
    for path in (*draft.iterdir(), draft):
        path.chmod(0o700 if path.is_dir() else 0o600)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _tell(settings: Settings, folder: Path, copied: _Copied, seconds: float, *, as_json: bool) -> None:
    if as_json:
        say_json({"folder": str(folder), **asdict(copied)})
        return
    facts = {name: f"{number:,}" for name, number in asdict(copied).items()}
    note = "The catalog is not in the data folder; back it up where it is." if settings.catalog else ""
    say(f"Backed up {settings.data_path} to {folder} in {seconds:.1f} s.", facts, note)
