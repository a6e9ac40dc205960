"""Parsing beside storing: encoded journal groups from files, in a process of its own when that pays.

Reading a log and filling the store are both work for a whole core; Python shares one among threads, so big
files are read by a child process that sends finished groups through a pipe.
"""

import gc
import hashlib
import hmac
import multiprocessing
import signal
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal

from msgspec import Struct

from footfall.importers.access_log import AccessLog
from footfall.importers.events import BATCH, EventFile
from footfall.importers.log_columns import log_columns
from footfall.importers.source import STDIN, Source
from footfall.importers.tally import Tally
from footfall.ingest.enrich.geo import GeoReader
from footfall.ingest.records import encode
from footfall.model.errors import BadRequest, FootfallError
from footfall.store.columns import EventColumns

OWN_PROCESS_BYTES = 4 * 1024 * 1024
"""Below this a child process costs more than it gains."""

AT_ONCE = 2 * BATCH
"""Records of a file that are best drained together, if there are so many (BulkImport)."""

_CUT_OFF = "What read the files ended before they did; run it again, what is there already is not added twice"

Kind = Literal["access-log", "events"]


class Job(Struct, frozen=True):
    """What to read: files of one kind for one project. `salt` and the rest are for access logs."""

    kind: Kind
    files: tuple[str, ...]
    project_id: str
    salt: str = ""
    domain: str = ""
    geo_country: str | None = None
    geo_city: str | None = None


class Parsed(Struct, frozen=True):
    """One group ready for the journal, and how far the reading is. An empty payload only tells progress."""

    payload: bytes
    records: int
    bytes_read: int
    tally: Tally


def import_salt(secret: str, project_uuid: str) -> str:
    """The salt of a project's imported logs: always the same, so that a second run makes the same visitors."""
    return hmac.new(secret.encode(), f"access-log:{project_uuid}".encode(), hashlib.sha256).hexdigest()[:32]


def total_bytes(files: Sequence[str]) -> int | None:
    """The size of all files, None if one is a pipe. Raises BadRequest for one that can't be opened."""
    total = 0
    for name in files:
        if name == STDIN:
            return None
        with Source(name) as source:
            total += source.size or 0
    return total


def parse(job: Job) -> Iterator[Parsed]:
    """The groups of a job, read here or in a child process, which starts at once.

    Raises BadRequest, some of it on the way, for files that are damaged or can't be opened.
    """
    size = total_bytes(job.files)
    if size is None or size < OWN_PROCESS_BYTES:
        return read(job)
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(job, sender), name="footfall-parse", daemon=True)
    _start_quietly(child)
    sender.close()
    return _received(receiver, child)


def _start_quietly(child: BaseProcess) -> None:
    """Start a process that Ctrl-C, which is for all of a terminal's, does not reach: this one tells of it."""
    # It inherits the mask; the tracker, if it had to be started with it, would take the mask off again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        child.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _received(receiver: Connection, child: BaseProcess) -> Iterator[Parsed]:
    try:
        while True:
            try:
                message = receiver.recv()
            except (EOFError, OSError):  # between two messages, or in the middle of one
                break
            if isinstance(message, str):
                raise BadRequest(message, "file")
            yield message
        child.join()
        if child.exitcode:
            raise FootfallError(f"{_CUT_OFF} (exit code {child.exitcode})")
    finally:
        receiver.close()
        child.join(5)
        if child.is_alive():
            child.terminate()


def _work(job: Job, sender: Connection) -> None:
    # A process that reads one file and ends has no use for looking for cycles.
    gc.disable()
    try:
        for parsed in read(job):
            sender.send(parsed)
    except FootfallError as error:
        sender.send(error.message)
    except BrokenPipeError:
        # The parent gave up, so nobody wants the rest.
        return
    finally:
        sender.close()


def read(job: Job) -> Iterator[Parsed]:
    """The groups of a job, read in this process."""
    now = time.time_ns() // 1_000_000
    before = 0
    tally = Tally()
    for name in job.files:
        with Source(name) as source:
            reader = _reader(job, now)
            reader.tally = tally
            tally.begin(source.name if len(job.files) > 1 else "")
            for records in reader.read(source):
                columns = records if isinstance(records, EventColumns) else log_columns(records)
                yield Parsed(encode([columns]), len(columns), before + source.position, tally)
            before += source.size or 0
    yield Parsed(b"", 0, before, tally)


def _reader(job: Job, now: int) -> AccessLog | EventFile:
    if job.kind == "events":
        return EventFile(job.project_id, now)
    geo = GeoReader(_path(job.geo_country), _path(job.geo_city))
    locate = lru_cache(50_000)(geo.lookup)
    return AccessLog(job.project_id, job.salt, received_at=now, locate=locate, domain=job.domain)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
