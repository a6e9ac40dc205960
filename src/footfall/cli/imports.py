"""Logs and event files into a project, beside a running server or without one.

Everything goes through the journal. If a server runs on the data folder it drains; else this process does.
"""

import os
import time
import uuid
from collections.abc import Iterable

from footfall.catalog import Catalog
from footfall.cli.draining import Draining
from footfall.cli.output import say, say_json
from footfall.cli.place import find_project
from footfall.cli.progress import Tell, progress
from footfall.importers.parsing import AT_ONCE, HELPERS, Kind, Parsed, parse, total_bytes
from footfall.importers.tally import LeftOut, Tally
from footfall.ingest.bulk import BulkImport
from footfall.ingest.journal import ImportCount
from footfall.server.logs import configure_logs
from footfall.server.runtime import import_job, make_data_folder
from footfall.server.settings import Settings
from footfall.server.tuning import tune

_WORDS = {
    LeftOut.UNREADABLE: "not readable as a log line",
    LeftOut.METHOD: "not GET",
    LeftOut.ERROR: "errors (status 400 and up)",
    LeftOut.REDIRECT: "redirects",
    LeftOut.ASSET: "assets (images, scripts, feeds, …)",
    LeftOut.BOT: "bots and programs",
    LeftOut.REFUSED: "refused",
}


def import_files(settings: Settings, kind: Kind, files: list[str], project_ref: str, *, as_json: bool) -> None:
    """Bring the files into the project and say what became of their lines.

    Raises NotFound for the project, BadRequest for a file that can't be read, FootfallError if it has lines and
    none can be used.
    """
    configure_logs(settings.log_format, "warning")
    tune()
    make_data_folder(settings)
    size = total_bytes(files)
    with Catalog(settings.catalog_url) as catalog:
        job = import_job(settings, catalog, find_project(catalog, project_ref), kind, files)
    started = time.monotonic()
    # Before the store is opened, which takes as long as the first group.
    groups = parse(job, HELPERS if (os.cpu_count() or 1) > 1 else 0)
    with Draining(settings) as draining, progress(size, quiet=as_json) as tell:
        bulk = BulkImport(
            draining.journal,
            uuid.uuid4().hex,
            drained=draining.position,
            wake=draining.wake,
            at_once=AT_ONCE[kind],
        )
        tally = _append(groups, bulk, tell)

        def tick() -> None:
            settled = bulk.settled
            if draining.look(settled):
                tell(size or 0, f"stored {settled:,} of {bulk.appended:,}")

        count = bulk.finish(tick)
    _report(tally, count, time.monotonic() - started, as_json=as_json)
    tally.check()


def _append(groups: Iterable[Parsed], bulk: BulkImport, tell: Tell) -> Tally:
    """Write the groups to the journal as they are read; what became of all lines."""
    tally = Tally()
    try:
        for parsed in groups:
            if parsed.records:
                bulk.append_encoded(parsed.payload, parsed.records)
            tally = parsed.tally
            tell(parsed.bytes_read, f"{tally.lines:,} lines")
    finally:
        # Of a file that turns out to be damaged too.
        bulk.flush()
    return tally


def _report(tally: Tally, count: ImportCount, seconds: float, *, as_json: bool) -> None:
    if as_json:
        left_out = {reason.value: number for reason, number in tally.left_out.items()}
        say_json(
            {
                "lines": tally.lines,
                "added": count.added,
                "known": count.known,
                "left_out": left_out,
                "seconds": round(seconds, 2),
                "examples": tally.examples,
            }
        )
        return
    facts = {"added": f"{count.added:,}", "there already": f"{count.known:,}"}
    facts |= {_WORDS[reason]: f"{number:,}" for reason, number in sorted(tally.left_out.items())}
    rate = f"{tally.lines / seconds:,.0f} lines/s" if seconds > 0 else ""
    note = "\n".join(tally.examples)
    say(f"Read {tally.lines:,} lines in {seconds:.1f} s ({rate}).", facts, note)
