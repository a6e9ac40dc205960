"""Parsing beside storing: encoded journal groups from files, in processes of their own when that pays.

Reading a log and filling the store are both work for a whole core; Python shares one among threads, so big
files are read by a child process that sends finished groups through a pipe. Of a very big log it only puts in
order what helpers of its own find in the lines, which is more than half the work.
"""

import gc
import hashlib
import hmac
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from itertools import cycle
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal

from msgspec import Struct

from footfall.importers.access_log import AccessLog, Blocks
from footfall.importers.events import BATCH, EventFile
from footfall.importers.log_columns import log_columns
from footfall.importers.log_views import ViewReader, Views
from footfall.importers.source import STDIN, Source
from footfall.importers.tally import Tally
from footfall.ingest import children
from footfall.ingest.enrich.geo import GeoReader
from footfall.ingest.records import encode
from footfall.model.errors import BadRequest, FootfallError
from footfall.store.columns import EventColumns

OWN_PROCESS_BYTES = 4 * 1024 * 1024
"""Of lines; below this a child process costs more than it gains."""

HELPED_BYTES = 32 * 1024 * 1024
"""The same of helpers."""

HELPERS = 2
"""More find nothing to do: then who reads the log is at work all the time."""

_CUT_OFF = "What read the files ended before they did; run it again, what is there already is not added twice"

Kind = Literal["access-log", "events"]

AT_ONCE: dict[Kind, int] = {"access-log": 1, "events": 2 * BATCH}
"""Records of a file that are best drained together, if there are so many (BulkImport).

Page views are drained faster than a log is read: held back, they would be drained when it has ended.
"""


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
    return _total(files, lambda source: source.size or 0)


def _total(files: Sequence[str], of: Callable[[Source], int]) -> int | None:
    total = 0
    for name in files:
        if name == STDIN:
            return None
        with Source(name) as source:
            total += of(source)
    return total


def parse(job: Job, helpers: int = 0) -> Iterator[Parsed]:
    """The groups of a job, read here or in a child process, which starts at once, with helpers if that pays.

    Raises BadRequest, some of it on the way, for files that are damaged or can't be opened.
    """
    size = _total(job.files, lambda source: source.weight)
    if size is None or size < OWN_PROCESS_BYTES:
        return read(job)
    started, ends = [], []
    for _ in range(helpers if job.kind == "access-log" and size >= HELPED_BYTES else 0):
        end, other = children.pipe()
        started.append(children.start("footfall-lines", _help, job.domain, other))
        ends.append(end)
    receiver, sender = children.pipe(duplex=False)
    child = children.start("footfall-parse", _work, job, sender, *ends)
    return _received(receiver, child, started)


def _received(receiver: Connection, child: BaseProcess, helpers: Sequence[BaseProcess]) -> Iterator[Parsed]:
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
        for each in (child, *helpers):
            each.join(5)
            if each.is_alive():
                each.terminate()


def _work(job: Job, sender: Connection, *helpers: Connection) -> None:
    # A process that reads one file and ends has no use for looking for cycles.
    gc.disable()
    try:
        for parsed in read(job, helpers):
            sender.send(parsed)
    except FootfallError as error:
        sender.send(error.message)
    except BrokenPipeError:
        # The parent gave up, so nobody wants the rest.
        return
    finally:
        sender.close()


def _help(domain: str, connection: Connection) -> None:
    """Find the page views of blocks of lines until nobody sends any."""
    gc.disable()
    reader = ViewReader(domain)
    with suppress(EOFError, OSError):
        while True:
            connection.send(reader.read(connection.recv()))


def _helped(helpers: Sequence[Connection], blocks: Blocks) -> Iterator[Views]:
    """The page views of each block, found by helpers in turns. Raises FootfallError if one of them is gone."""
    asked: deque[Connection] = deque()
    try:
        for helper, block in zip(cycle(helpers), blocks, strict=False):
            found = asked.popleft().recv() if len(asked) == len(helpers) else None
            helper.send(block)
            asked.append(helper)
            if found is not None:
                yield found
        for helper in asked:
            yield helper.recv()
    except (EOFError, OSError) as error:
        raise FootfallError(_CUT_OFF) from error


def read(job: Job, helpers: Sequence[Connection] = ()) -> Iterator[Parsed]:
    """The groups of a job, read in this process, with those helpers if there are any."""
    now = time.time_ns() // 1_000_000
    before = 0
    tally = Tally()
    for name in job.files:
        with Source(name) as source:
            reader = _reader(job, now, helpers)
            reader.tally = tally
            tally.begin(source.name if len(job.files) > 1 else "")
            for records in reader.read(source):
                columns = records if isinstance(records, EventColumns) else log_columns(records)
                yield Parsed(encode([columns]), len(columns), before + source.position, tally)
            before += source.size or 0
    yield Parsed(b"", 0, before, tally)


def _reader(job: Job, now: int, helpers: Sequence[Connection]) -> AccessLog | EventFile:
    if job.kind == "events":
        return EventFile(job.project_id, now)
    geo = GeoReader(_path(job.geo_country), _path(job.geo_city))
    locate = lru_cache(50_000)(geo.lookup)
    views_of = partial(_helped, helpers) if helpers else None
    return AccessLog(
        job.project_id, job.salt, received_at=now, locate=locate, domain=job.domain, views_of=views_of
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
