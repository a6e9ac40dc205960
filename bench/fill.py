"""Stores to ask: 90 days, 100 projects, four fifths of the events in the first; kept for the next time.

The first million goes the product's own way, as an import does: journal, drain, sessions, store. A larger
store is made of that one inside DuckDB: every session again and again with other visitors, ids and times a
little earlier, so pages, referrers, session lengths and the order of the rows on disk stay what they are.
"""

import hashlib
import multiprocessing
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

import duckdb
import msgspec
from msgspec import Struct

from bench.projects import ZONE, Credentials, make_client, make_projects, scratch
from bench.report import progress
from footfall.demo import site, traffic, visits
from footfall.demo.traffic import events
from footfall.ingest.bulk import BulkImport
from footfall.ingest.records import Row, encode
from footfall.model.event import Event
from footfall.model.project import ClientMode
from footfall.server.runtime import Runtime
from footfall.server.settings import Settings
from footfall.store import duckdb_migrations, schema
from footfall.store.duckdb import DuckDBStore
from footfall.store.duckdb_migrations import stored_name, stored_values
from footfall.store.schema import DWELLS, EVENTS, SESSIONS, Table

PROJECTS = ["shop", *(f"site-{number:02}" for number in range(1, 100))]
LARGE, SMALL = PROJECTS[0], PROJECTS[1]
DAYS = 90
PRODUCT_EVENTS = 1_000_000
"""What goes the product's way; at some 20,000 a second ten million would take ten minutes."""

_MAKING = 3
"""Goes up when this module makes stores in another way, so that kept ones are made anew."""

_SEED = 1
_LANGUAGES = {"DE": "de-DE", "AT": "de-AT", "FR": "fr-FR", "ES": "es-ES", "BR": "pt-BR", "JP": "ja", "GB": "en-GB"}
_SCREENS = {
    "desktop": ("1920x1080", "1536x864", "2560x1440", "1440x900"),
    "mobile": ("390x844", "412x915", "360x800"),
}
_DAY_MS = 86_400_000
_SHIFT_MS = 600_000


class Filled(Struct, frozen=True):
    """A data folder: how many events it was given, the last one's time at the latest, and how it was made."""

    events: int
    end_ms: int
    how: str
    reader: Credentials
    small_reader: Credentials
    data: str = ""

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.data)


@contextmanager
def folder() -> Iterator[Path]:
    """Where stores are kept: FOOTFALL_BENCH_DIR, else a folder that is gone afterwards."""
    kept = os.environ.get("FOOTFALL_BENCH_DIR")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
        return
    with scratch() as made:
        yield made


def filled(base: Path, number: int, *, umami: bool = False) -> Filled:
    """A store of so many events, made if it is not there; `umami`: with what Umami's script tells beside them."""
    data = base / f"store-{'umami-' if umami else ''}{number}-{_version()}"
    if not (data / "bench.json").exists():
        shutil.rmtree(data, ignore_errors=True)
        if number <= PRODUCT_EVENTS:
            made = _by_product(data, number, umami=umami)
        else:
            made = _by_copies(filled(base, PRODUCT_EVENTS, umami=umami), data, number // PRODUCT_EVENTS)
        (data / "bench.json").write_bytes(msgspec.json.encode(made))
    found = msgspec.json.decode((data / "bench.json").read_bytes(), type=Filled)
    return msgspec.structs.replace(found, data=str(data))


def _version() -> str:
    """Changes with whatever decides what is in a store."""
    sources = [
        Path(module.__file__ or "").read_bytes() for module in (schema, duckdb_migrations, traffic, site, visits)
    ]
    return hashlib.blake2b(b"".join([*sources, bytes([_MAKING])]), digest_size=4).hexdigest()


# -- the product's way


def _by_product(data: Path, number: int, *, umami: bool) -> Filled:
    make_projects(data, PROJECTS)
    end_ms = time.time_ns() // 1_000_000
    runtime = Runtime(Settings(data=str(data)))
    try:
        runtime.start()
        bulk = BulkImport(
            runtime.journal, uuid.uuid4().hex, drained=lambda: runtime.drain.position, wake=runtime.drain.wake
        )
        started = time.perf_counter()
        done = 0
        for payload, records in _made_beside(number, end_ms, umami=umami):
            bulk.append_encoded(payload, records)
            if (done + records) // 100_000 > done // 100_000:
                progress(f"{done + records:,} of {number:,} events made")
            done += records
        runtime.drain.wait_for(runtime.journal.last(), 600)
        seconds = time.perf_counter() - started
    finally:
        runtime.close()
    _maintain(data)
    how = f"{number:,} events through journal and drain in {seconds:.0f} s, {number / seconds:,.0f}/s"
    progress(how)
    reader, small_reader = (make_client(data, project, ClientMode.READ) for project in (LARGE, SMALL))
    return Filled(number, end_ms, how, reader, small_reader)


def _made_beside(number: int, end_ms: int, *, umami: bool) -> Iterator[tuple[bytes, int]]:
    """Groups for the journal, made in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_make, args=(number, end_ms, umami, sender), daemon=True)
    child.start()
    sender.close()
    while True:
        try:
            yield receiver.recv()
        except EOFError:
            break
    child.join()
    if child.exitcode:
        raise RuntimeError("the events could not be made")


def _make(number: int, end_ms: int, umami: bool, sender: Connection) -> None:
    for batch in events(_SEED, number, DAYS, end_ms, PROJECTS, ZONE):
        for record in batch:
            if isinstance(record, Row):
                record.event.id = ""  # so the journal's place makes it, as it does for tracked events
                if umami:
                    _tell_more(record.event)
        sender.send((encode(batch), len(batch)))


def _tell_more(event: Event) -> None:
    """What Umami's script sends with everything, and the query as it was sent."""
    sizes = _SCREENS.get(event.device, _SCREENS["desktop"])
    told = {
        "__language": _LANGUAGES.get(event.country, "en-US"),
        "__screen": sizes[int(event.device_id[:4], 16) % len(sizes)],
    }
    asked = [(key[8:], value) for key, value in event.properties.items() if key.startswith("__query.")]
    if asked:
        told["__search"] = urlencode(asked)
    event.properties = {**event.properties, **told}


# -- copies


def _by_copies(one: Filled, data: Path, copies: int) -> Filled:
    shutil.copytree(
        one.folder, data, ignore=shutil.ignore_patterns("events.duckdb*", "journal*", "tmp", "bench.json")
    )
    Runtime(Settings(data=str(data))).close()  # makes the tables
    started = time.perf_counter()
    with duckdb.connect(config={"memory_limit": "6GB", "temp_directory": str(data / "tmp")}) as store:
        store.execute(f"ATTACH '{one.folder / 'events.duckdb'}' AS one (READ_ONLY)")
        store.execute(f"ATTACH '{data / 'events.duckdb'}' AS many")
        for day in range(-1, DAYS):
            since = one.end_ms - (DAYS - day) * _DAY_MS
            for table in (EVENTS, SESSIONS, DWELLS):
                _copy_day(store, table, since, copies)
            if day % 10 == 9:
                progress(f"{(day + 1) * 100 // DAYS} % of {one.events * copies:,} events copied")
        for name in ("profiles", "groups", "journal_position"):
            store.execute(f"DELETE FROM many.{name}")
            store.execute(f"INSERT INTO many.{name} SELECT * FROM one.{name}")
        store.execute("CHECKPOINT many")
    _maintain(data)
    seconds = time.perf_counter() - started
    how = f"{copies} copies of the sessions of {one.events:,} events, inside DuckDB in {seconds:.0f} s ({one.how})"
    progress(how)
    return Filled(one.events * copies, one.end_ms, how, one.reader, one.small_reader)


def _copy_day(store: duckdb.DuckDBPyConnection, table: Table, since: int, copies: int) -> None:
    columns = {name: _copied(name) for name in table.names}
    if table is SESSIONS:  # there the session's id is the row's
        columns = {name: _copied(name).replace("session_id", "id") for name in table.names}
        columns["id"] = _copied("session_id").replace("session_id", "id")
    time_column = table.order[1]
    stored = "name NOT IN ('session_start', 'session_end')" if table is EVENTS else "true"
    copied = ", ".join(f"{value} AS {name}" for name, value in columns.items())
    store.execute(
        f"INSERT INTO many.{stored_name(table)} SELECT {stored_values(table, {})} FROM ("
        f"SELECT {copied} FROM one.{table.name}, range({copies}) AS copies(k) "
        f"WHERE {time_column} >= {_instant(since)} AND {time_column} < {_instant(since + _DAY_MS)} "
        f"AND {stored}) ORDER BY {time_column}"
    )


def _maintain(data: Path) -> None:
    """What a server does in time while it is idle."""
    store = DuckDBStore(data / "events.duckdb")
    while store.maintain():
        pass
    store.close()


def _instant(ms: int) -> str:
    return f"make_timestamp_ms({ms})::TIMESTAMP_MS"


def _copied(name: str) -> str:
    """A column of the k-th copy."""
    if name in ("created_at", "ended_at", "viewed_at"):
        shift = f"(hash(session_id, k) % {_SHIFT_MS})::BIGINT"
        return f"make_timestamp_ms(epoch_ms({name}) - {shift})::TIMESTAMP_MS"
    if name in ("id", "view_id", "start_id"):
        # One more digit at the end and one, which is 0, less at the front: ids go on counting up.
        text = f"{name}::VARCHAR"
        return (
            f"(substr({text}, 1, 20) || substr({text}, 22, 2) || substr({text}, 25, 1) || '-' "
            f"|| substr({text}, 26, 11) || printf('%x', k))::UUID"
        )
    device = "md5(device_id || k)"
    return {
        "device_id": device,
        "profile_id": f"CASE WHEN profile_id = device_id THEN {device} ELSE profile_id || '-' || k END",
        "session_id": "substr(md5(session_id || k), 1, 22)",
    }.get(name, name)


def describe(store: Filled) -> dict[str, object]:
    """For the results."""
    return {"events": store.events, "how": store.how}
