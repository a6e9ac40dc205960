"""Logs and event files into a project, beside a running server or without one.

Everything goes through the journal. If a server runs on the data folder it drains; else this process does.
"""

import time
import uuid
from collections.abc import Callable

from footfall.catalog import Catalog
from footfall.cli.output import say, say_json
from footfall.cli.progress import progress
from footfall.importers.parsing import Job, Kind, import_salt, parse, total_bytes
from footfall.importers.tally import LeftOut, Tally
from footfall.ingest.bulk import BulkImport
from footfall.ingest.journal import ImportCount, Journal
from footfall.model.errors import NotFound, SetupError
from footfall.model.project import Project
from footfall.server.logs import configure_logs
from footfall.server.runtime import Runtime, geo_paths, make_data_folder, open_journal
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
_NO_SERVER_AFTER_SECONDS = 5.0


def import_files(settings: Settings, kind: Kind, files: list[str], project_ref: str, *, as_json: bool) -> None:
    """Bring the files into the project and say what became of their lines.

    Raises NotFound for the project, BadRequest for a file that can't be read.
    """
    configure_logs(settings.log_format, "warning")
    tune()
    make_data_folder(settings)
    size = total_bytes(files)
    with Catalog(settings.catalog_url) as catalog:
        project = _project(catalog, project_ref)
        job = _job(settings, kind, files, project, catalog.installation_secret())
    started = time.monotonic()
    with _Intake(settings) as intake, progress(size, quiet=as_json) as tell:
        tally = Tally()
        for parsed in parse(job):
            if parsed.records:
                intake.bulk.append_encoded(parsed.payload, parsed.records)
            tally = parsed.tally
            tell(parsed.bytes_read, f"{tally.lines:,} lines")
        count = intake.finish(lambda done: tell(size or 0, f"stored {done:,} of {intake.bulk.appended:,}"))
    _report(tally, count, time.monotonic() - started, as_json=as_json)


def _project(catalog: Catalog, ref: str) -> Project:
    try:
        return catalog.get_project(ref)
    except NotFound:
        raise NotFound(f"There is no project {ref}; see: footfall project list") from None


def _job(settings: Settings, kind: Kind, files: list[str], project: Project, secret: str) -> Job:
    country, city = geo_paths(settings)
    return Job(
        kind=kind,
        files=tuple(files),
        project_id=project.id,
        salt=import_salt(secret, str(project.uuid)),
        domain=project.domain,
        geo_country=str(country) if country else None,
        geo_city=str(city) if city else None,
    )


class _Intake:
    """A bulk import, and whoever drains it: this process when it can have the store, else a server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runtime: Runtime | None = None
        self._journal: Journal = open_journal(settings.data_path)
        self._take_store()
        self.bulk = BulkImport(self._journal, uuid.uuid4().hex, drained=self._drained, wake=self._wake)

    def __enter__(self) -> "_Intake":
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._runtime is not None:
            self._runtime.close()
        self._journal.close()

    def _take_store(self) -> None:
        try:
            self._runtime = Runtime(self._settings)
        except SetupError as error:
            if "in use" not in error.message:
                raise
            return
        self._runtime.start()

    def _drained(self) -> int:
        # A server trims what it has drained, so beside one everything still there is undrained.
        return self._runtime.drain.position if self._runtime is not None else 0

    def _wake(self) -> None:
        if self._runtime is not None:
            self._runtime.drain.wake()

    def finish(self, tell: Callable[[int], None]) -> ImportCount:
        """Wait until all is stored; if whoever had the store is gone, take it over."""
        seen, since = -1, time.monotonic()

        def tick() -> None:
            nonlocal seen, since
            settled = self.bulk.settled
            if settled != seen:
                seen, since = settled, time.monotonic()
                tell(settled)
            elif self._runtime is None and time.monotonic() - since > _NO_SERVER_AFTER_SECONDS:
                since = time.monotonic()
                self._take_store()

        return self.bulk.finish(tick)


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
