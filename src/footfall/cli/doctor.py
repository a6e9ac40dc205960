"""Is everything as it should be, and what to do where it is not (`footfall doctor`)."""

import shutil
import sqlite3
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException

import duckdb
import typer
from msgspec import Struct

from footfall import __version__
from footfall.catalog import Catalog
from footfall.cli.output import say_json
from footfall.model.errors import FootfallError
from footfall.server.runtime import geo_paths, make_data_folder, open_geo, open_journal, open_store
from footfall.server.settings import Settings

_LOW_DISK_BYTES = 1024**3


class Finding(Struct, frozen=True):
    """What one check found: `ok`, `note` (worth knowing) or `problem` (to be mended)."""

    check: str
    state: str
    text: str


def doctor(settings: Settings, *, as_json: bool) -> bool:
    """Say what every check found; whether nothing is to be mended."""
    findings = list(_examine(settings))
    if as_json:
        say_json([{"check": one.check, "state": one.state, "text": one.text} for one in findings])
    else:
        marks = {"ok": "ok      ", "note": "note    ", "problem": "PROBLEM "}
        for one in findings:
            typer.echo(f"{marks[one.state]}{one.check}: {one.text}")
    return all(one.state != "problem" for one in findings)


def _examine(settings: Settings) -> Iterator[Finding]:
    versions = f"Footfall {__version__}, Python {sys.version.split()[0]}, DuckDB {duckdb.__version__}"
    yield Finding("versions", "ok", f"{versions}, SQLite {sqlite3.sqlite_version}")
    yield _guarded(_geo, settings)
    folder = _guarded(_folder, settings)
    yield folder
    if folder.state != "problem":
        for check in (_disk, _catalog, _journal, _store):
            yield _guarded(check, settings)


def _guarded(check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except Exception as error:
        name = check.__name__.strip("_")
        reason = error.message if isinstance(error, FootfallError) else f"the {name} can't be read: {error}"
        return Finding(name, "problem", reason)


def _folder(settings: Settings) -> Finding:
    is_new = not settings.data_path.exists()
    folder = make_data_folder(settings)
    if is_new:
        return Finding("folder", "note", f"{folder.resolve()} was not there and is made; --data names another one")
    return Finding("folder", "ok", f"{folder.resolve()} can be written")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_path).free
    text = f"{free / 1024**3:.1f} GiB free"
    if free < _LOW_DISK_BYTES:
        return Finding("disk", "problem", f"{text}; make room, below 64 MiB events are refused")
    return Finding("disk", "ok", text)


def _geo(settings: Settings) -> Finding:
    country, city = geo_paths(settings)
    open_geo(settings).close()
    if city is not None:
        return Finding("geo", "ok", f"cities by {city.name}")
    if country is not None:
        return Finding("geo", "ok", f"countries by {country.name}; docs/enrichment.md says how to get cities")
    return Finding("geo", "note", "no geo database, so places stay unknown; see docs/enrichment.md")


def _catalog(settings: Settings) -> Finding:
    with Catalog(settings.catalog_url) as catalog:
        projects, clients = len(catalog.list_projects()), len(catalog.list_clients())
    if not projects:
        return Finding("catalog", "note", "no project yet; make one with: footfall project create NAME")
    return Finding("catalog", "ok", f"{projects} projects, {clients} clients")


def _journal(settings: Settings) -> Finding:
    journal = open_journal(settings.data_path)
    try:
        waiting, aside = journal.backlog(0), journal.quarantined()
    finally:
        journal.close()
    if aside:
        text = f"{aside} records could not be stored and are kept aside in journal.sqlite3, table quarantine"
        return Finding("journal", "problem", text)
    return Finding("journal", "ok", f"{waiting} records on their way into the store")


def _store(settings: Settings) -> Finding:
    try:
        store = open_store(settings, node=0, read_only=True)
    except FootfallError as error:
        if "in use" in error.message:
            return _running(settings)
        raise
    try:
        size = store.size()
        store.open_sessions()  # what a server reads first
    finally:
        store.close()
    return Finding(
        "store", "ok", f"{size.events:,} events, {size.sessions:,} sessions, {size.bytes / 1e6:,.1f} MB"
    )


def _running(settings: Settings) -> Finding:
    address = f"http://{settings.host}:{settings.port}/healthz/ready"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        return Finding("store", "problem", f"a server runs and is not ready: {error.read().decode()[:200]}")
    except (OSError, HTTPException, ValueError):
        return Finding("store", "note", f"another process has it open; no server answers at {address}")
    return Finding("store", "ok", "a server has it open and is ready")
