"""`/dashboard/import/{project}`: upload an access log or an event file, and see how far its import is.

An upload is a file in the data folder until it is imported. Imports run one after the other in a thread of their
own and go through the journal as those of the command line do. A second run of a file adds nothing, so one that a
stop of the server cut short may simply be uploaded again. The list is kept in memory.
"""

import asyncio
import shutil
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Literal, get_args
from uuid import uuid4

import anyio
import structlog
from msgspec import Struct, field
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from footfall.api.dashboard.serving import DashboardContext, json_response
from footfall.importers.parsing import AT_ONCE, Job, Kind, parse
from footfall.importers.tally import Tally
from footfall.ingest.bulk import BulkImport
from footfall.ingest.journal import Journal
from footfall.model.errors import BadRequest, FootfallError, Overloaded, TooLarge
from footfall.model.project import Project

log = structlog.get_logger(__name__)

MAX_UPLOAD_BYTES = 4 * 2**30
MIN_FREE_BYTES = 1 * 2**30
KEPT = 50
MAX_WAITING = 10
KINDS: tuple[Kind, ...] = get_args(Kind)
_NAME_CHARS = 200
_FOLDER = "uploads"


class Import(Struct, rename="camel"):
    """One import. `bytes` is the file's size as it was sent, `bytesRead` how much of that is read.

    `added` are new events, `known` those that were there already; `leftOut` are lines by reason.
    """

    id: str
    kind: Kind
    name: str
    started_at: int
    bytes: int
    state: Literal["waiting", "reading", "storing", "done", "failed"] = "waiting"
    bytes_read: int = 0
    lines: int = 0
    added: int = 0
    known: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    message: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ("done", "failed")


class _Stopped(Exception):
    """The server stops."""


class Imports:
    """The imports of a server. `folder` is the data folder, `job` says how a project's file is read."""

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        drained: Callable[[], int],
        wake: Callable[[], None],
        job: Callable[[Project, Kind, str], Job],
        now_ms: Callable[[], int],
    ) -> None:
        self._folder = folder / _FOLDER
        self._journal = journal
        self._drained = drained
        self._wake = wake
        self._job = job
        self._now_ms = now_ms
        self._stopping = threading.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="import")
        self._known: dict[str, deque[Import]] = {}
        # What a crash left behind is of no use: nobody knows any more whose it was.
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """Give up the import under way, and those that wait."""
        self._stopping.set()
        self._thread.shutdown(cancel_futures=True)

    def of(self, project_id: str) -> list[Import]:
        """Those of a project since the start, newest first."""
        return list(self._known.get(project_id, ()))

    def room(self) -> None:
        """Raises Overloaded if no upload may be taken now."""
        waiting = sum(not each.is_over for those in self._known.values() for each in those)
        if waiting >= MAX_WAITING:
            raise Overloaded("Too many imports are waiting; try again when one is done", retry_after=60)

    def open(self) -> IO[bytes]:
        """A file to write an upload to."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        return NamedTemporaryFile(dir=self._folder, delete=False)

    def write(self, file: IO[bytes], chunk: bytes, so_far: int) -> None:
        """Write a piece of an upload. Raises TooLarge, Overloaded when the disk is nearly full."""
        if so_far + len(chunk) > MAX_UPLOAD_BYTES:
            raise TooLarge(f"A file may have {MAX_UPLOAD_BYTES // 2**30} GB at most; use footfall import")
        if shutil.disk_usage(self._folder).free < MIN_FREE_BYTES:
            raise Overloaded("The disk of the data folder is nearly full; nothing was imported", retry_after=60)
        file.write(chunk)

    def begin(self, project: Project, kind: Kind, name: str, path: Path, size: int) -> Import:
        """Import an uploaded file as soon as those before it are done; the file goes afterwards."""
        made = Import(str(uuid4()), kind, name, self._now_ms(), size)
        self._known.setdefault(project.id, deque(maxlen=KEPT)).appendleft(made)
        self._thread.submit(self._run, made, self._job(project, kind, str(path)), path)
        return made

    def _run(self, made: Import, job: Job, path: Path) -> None:
        try:
            self._import(made, job)
            made.state = "done"
        except FootfallError as error:
            made.state, made.message = "failed", error.message.replace(str(path), made.name)
        except _Stopped:
            made.state, made.message = "failed", "The server was stopped; upload the file again."
        except Exception:
            log.exception("import.failed", kind=job.kind, project=job.project_id)
            made.state, made.message = "failed", "The import failed; the server's log says why."
        finally:
            with suppress(OSError):
                path.unlink()

    def _import(self, made: Import, job: Job) -> None:
        bulk = BulkImport(
            self._journal, uuid4().hex, drained=self._drained, wake=self._go_on, at_once=AT_ONCE[job.kind]
        )
        made.state = "reading"
        tally = Tally()
        try:
            for parsed in parse(job):
                if parsed.records:
                    bulk.append_encoded(parsed.payload, parsed.records)
                tally = parsed.tally
                made.bytes_read, made.lines = parsed.bytes_read, tally.lines
                made.left_out = {reason.value: number for reason, number in tally.left_out.items()}
                made.examples = list(tally.examples)
                self._count(made, bulk)
                self._go_on()
        finally:
            bulk.flush()
        made.state = "storing"
        bulk.finish(lambda: self._count(made, bulk))
        self._count(made, bulk)
        tally.check()

    def _count(self, made: Import, bulk: BulkImport) -> None:
        count = bulk.count
        made.added, made.known = count.added, count.known

    def _go_on(self) -> None:
        """Wake the drain, which all waiting of an import does; or stop waiting."""
        if self._stopping.is_set():
            raise _Stopped
        self._wake()


async def listed(imports: Imports, context: DashboardContext, request: Request) -> Response:
    """The imports of a project, newest first."""
    project, _ = context.project(request, change=True)
    return json_response({"imports": imports.of(project.id)})


async def upload(imports: Imports, context: DashboardContext, request: Request) -> Response:
    """Take a file, packed or not, and begin its import: 202."""
    project, _ = context.project(request, change=True)
    kind = next((each for each in KINDS if each == request.query_params.get("kind")), None)
    if kind is None:
        raise BadRequest(f"kind is one of {', '.join(KINDS)}", "kind", "invalid_enum_value")
    imports.room()
    name = request.query_params.get("name", "")[:_NAME_CHARS].replace("\0", "") or "upload"
    file = await anyio.to_thread.run_sync(imports.open)
    size = 0
    try:
        async for chunk in request.stream():
            await anyio.to_thread.run_sync(imports.write, file, chunk, size)
            size += len(chunk)
        await anyio.to_thread.run_sync(file.close)
        if not size:
            raise BadRequest("The file is empty", "body", "required")
    except (FootfallError, ClientDisconnect, OSError, asyncio.CancelledError) as error:
        file.close()
        Path(file.name).unlink(missing_ok=True)
        if isinstance(error, ClientDisconnect):
            raise BadRequest("The upload ended before the file did", "body") from error
        if isinstance(error, OSError):
            raise Overloaded("The file can't be kept in the data folder", retry_after=60) from error
        raise
    begun = imports.begin(project, kind, name, Path(file.name), size)
    return json_response({"import": begun}, 202)
