"""`footfall export events`: a project's events into a file, beside a running server or without one.

One process has the store. If that is a server, the events come from it over HTTP with a client that is made for
this and deleted afterwards; else they are read here, after what is still in the journal.
"""

import json
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlencode

from msgspec import Struct

from footfall.api.openpanel.export_events import TOTAL
from footfall.catalog import Catalog
from footfall.cli.output import say
from footfall.cli.place import find_project
from footfall.cli.progress import progress
from footfall.exporters.event_parquet import write_parquet
from footfall.exporters.events import Export, Piece, TextFormat, export
from footfall.model.errors import BadRequest, Overloaded, SetupError
from footfall.model.project import ClientMode, Project
from footfall.query.event_selection import Selection
from footfall.query.ranges import between
from footfall.server.logs import configure_logs
from footfall.server.runtime import Runtime, open_store
from footfall.server.settings import Settings

PARQUET = "parquet"
FORMATS = {"ndjson": TextFormat.NDJSON, "csv": TextFormat.CSV, PARQUET: TextFormat.NDJSON}
"""What the events come as; a Parquet file is made of NDJSON."""

STDOUT = "-"
_READ_BYTES = 1 << 20
_TIMEOUT_SECONDS = 60


class Asked(Struct, frozen=True):
    """Which events, in the words of the export API; empty text is not said."""

    start: str = ""
    end: str = ""
    names: tuple[str, ...] = ()


def export_events(
    settings: Settings, project_ref: str, form: str, out: str, asked: Asked, *, url: str = ""
) -> None:
    """Write the events to the file `out`, `-` for standard output.

    Raises NotFound for the project, BadRequest for a date or format, SetupError when nobody can be asked.
    """
    configure_logs(settings.log_format, "warning")
    if form not in FORMATS:
        raise BadRequest(f"--format is one of {', '.join(FORMATS)}", "format")
    if not out:
        raise BadRequest("--out names no file", "out")
    if form == PARQUET and (out == STDOUT or _is_stream(out)):
        raise BadRequest("a Parquet file can't go to standard output or a pipe; name a file with -o", "out")
    with Catalog(settings.catalog_url) as catalog:
        project = find_project(catalog, project_ref)
        between(project.zone, asked.start, asked.end)  # before a file is made
        with _source(settings, catalog, project, FORMATS[form], asked, url) as found:
            _write(found, form, out)


# -- where from


@contextmanager
def _source(
    settings: Settings, catalog: Catalog, project: Project, form: TextFormat, asked: Asked, url: str
) -> Iterator[Export]:
    try:
        with _own(settings, project, form, asked) as found:
            yield found
            return
    except SetupError as error:
        if "in use" not in error.message:
            raise
    with _served(settings, catalog, project, form, asked, url) as found:
        yield found


@contextmanager
def _own(settings: Settings, project: Project, form: TextFormat, asked: Asked) -> Iterator[Export]:
    selection = Selection(between(project.zone, asked.start, asked.end), names=asked.names)
    if settings.store != "duckdb":
        store = open_store(settings, node=0, read_only=True)
        try:
            with closing(export(store, project.id, selection, form)) as found:
                yield found
        finally:
            store.close()
        return
    runtime = Runtime(settings)
    try:
        runtime.start()
        if trouble := runtime.drain.trouble:
            raise Overloaded(f"what came in last can't be stored, so it can't be exported: {trouble}")
        # What nobody reads any more, as after `| head`, is still being read from the store.
        with closing(export(runtime.store, project.id, selection, form)) as found:
            yield found
    finally:
        runtime.close()


@contextmanager
def _served(
    settings: Settings, catalog: Catalog, project: Project, form: TextFormat, asked: Asked, url: str
) -> Iterator[Export]:
    address = url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    client, secret = catalog.create_client(project.id, ClientMode.READ, "footfall export")
    query = {"projectId": project.id, "start": asked.start, "end": asked.end, "event": _names(asked.names)}
    said = urlencode({name: value for name, value in query.items() if value})
    headers = {"openpanel-client-id": client.id, "openpanel-client-secret": secret, "accept": str(form)}
    try:
        with _answer(address, f"/export/events?{said}", headers) as answer:
            yield Export(int(answer.headers[TOTAL]), _received(answer))
    finally:
        catalog.delete_client(client.id)


def _names(names: tuple[str, ...]) -> str:
    return json.dumps(names) if names else ""


def _answer(address: str, target: str, headers: Mapping[str, str]) -> HTTPResponse:
    hint = "name the server's address with --url"
    try:
        request = urllib.request.Request(f"{address}{target}", headers=dict(headers))  # noqa: S310
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)  # noqa: S310
    except urllib.error.HTTPError as error:
        text = error.read(300).decode("utf-8", "replace")
        raise SetupError(f"the server at {address} refused ({error.code}): {text}; {hint}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise SetupError(
            f"another process has the events open, and no server answers at {address}; {hint}"
        ) from error
    if TOTAL not in answer.headers:
        answer.close()
        raise SetupError(f"what answers at {address} is no Footfall; {hint}")
    return answer


def _received(answer: HTTPResponse) -> Generator[Piece]:
    try:
        while text := answer.read(_READ_BYTES):
            yield Piece(text, text.count(b"\n"))
    except (OSError, HTTPException) as error:
        raise SetupError("the server broke off in the middle; its log says why") from error


# -- where to


def _write(found: Export, form: str, out: str) -> None:
    if out == STDOUT:
        _copy(found, sys.stdout.buffer, quiet=True)
        return
    if _is_stream(out):
        with Path(out).open("wb") as file:
            _copy(found, file, quiet=True)
        return
    path, started = Path(out), time.monotonic()
    kept = path.resolve()  # what a link names, so that it stays a link
    draft = kept.with_name(f"{kept.name}.part")
    try:
        with draft.open("wb") as file:
            if kept.is_file():
                shutil.copymode(kept, draft)
            events = _copy(found, file)
        if form == PARQUET:
            rows = draft.with_name(f"{path.name}.rows")
            draft.replace(rows)
            try:
                write_parquet(rows, draft)
                shutil.copymode(rows, draft)
            finally:
                rows.unlink()
        draft.replace(kept)
    except OSError as error:
        raise SetupError(f"{path} can't be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
    say(f"Wrote {events:,} events to {path} in {time.monotonic() - started:.1f} s.")


def _is_stream(out: str) -> bool:
    """Whether there is a pipe or a device of that name, which no file may take the place of."""
    path = Path(out)
    return path.exists() and not path.is_file() and not path.is_dir()


def _copy(found: Export, file: BinaryIO, *, quiet: bool = False) -> int:
    done = 0
    with progress(found.total, quiet=quiet) as tell:
        for piece in found.pieces:
            file.write(piece.text)
            done += piece.events
            tell(min(done, found.total), f"{done:,} of {found.total:,} events")
    return found.total
