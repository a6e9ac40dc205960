"""The parts of one Footfall process, built from settings and taken down in order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import structlog
from msgspec.structs import replace

from footfall.catalog import Authenticator, Catalog
from footfall.importers.parsing import Job, Kind, import_salt
from footfall.ingest.drain import Drain, now_ms
from footfall.ingest.enrich.geo import GeoReader, find_databases
from footfall.ingest.journal import Journal
from footfall.model.errors import FootfallError, SetupError
from footfall.model.project import Project
from footfall.server.settings import JOURNAL_FILE, STORE_FILE, Settings
from footfall.store.base import Store
from footfall.store.duckdb import DuckDBStore

log = structlog.get_logger(__name__)

GEO_FOLDER = Path(__file__).resolve().parent.parent / "data" / "geo"


class Runtime:
    """Catalog, journal, store and drain. Raises SetupError, in one sentence, when one can't be opened."""

    def __init__(self, settings: Settings, clock: Callable[[], int] = now_ms) -> None:
        self.settings = settings
        data = make_data_folder(settings)
        self.catalog = Catalog(settings.catalog_url)
        self.authenticator = Authenticator(self.catalog)
        self.journal = open_journal(data)
        self.store = open_store(settings, self.journal.node)
        self._refuse_to_forget(data)
        self.geo = open_geo(settings)
        self.drain = self._open_drain(clock)

    def _refuse_to_forget(self, data: Path) -> None:
        """A ClickHouse that has nothing of this folder must not take the place of events that are in it."""
        if self.settings.store == "duckdb" or not (data / STORE_FILE).is_file() or self.store.position():
            return
        with closing(open_store(replace(self.settings, store="duckdb"), self.journal.node)) as left:
            events = left.size().events
        if events:
            raise SetupError(
                f"{data / STORE_FILE} has {events:,} events that ClickHouse has not; copy them with "
                "`footfall to-clickhouse`, or move that file away to begin without them"
            )

    def _open_drain(self, clock: Callable[[], int]) -> Drain:
        timeout_ms = self.settings.session_timeout_minutes * 60_000
        try:
            return Drain(self.journal, self.store, timeout_ms=timeout_ms, clock=clock)
        except FootfallError:
            raise
        except Exception as error:  # a damaged file opens all the same, and says so when it is read
            raise SetupError(f"the event store can't be read: {error}") from error

    def start(self) -> None:
        """Catch up with what the last process left, as far as the store takes it, and drain in the background."""
        self.drain.start()
        self.catalog.watch()

    def close(self) -> None:
        """Drain what is left and let go of everything."""
        self.drain.stop()
        self.journal.close()
        self.store.close()
        self.geo.close()
        self.catalog.close()


def make_data_folder(settings: Settings) -> Path:
    """The data folder, made if need be. Raises SetupError."""
    data = settings.data_path
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / ".write-test"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SetupError(f"the data folder {data} can't be written: {error.strerror or error}") from error
    return data


def open_journal(data: Path) -> Journal:
    """The journal of the data folder. Raises SetupError."""
    try:
        return Journal(data / JOURNAL_FILE)
    except Exception as error:
        raise SetupError(f"the journal in {data} can't be opened: {error}") from error


@contextmanager
def clickhouse_extra() -> Iterator[None]:
    """What is imported inside needs ClickHouse's client. Raises SetupError where that is not installed."""
    try:
        yield
    except ImportError as error:
        raise SetupError("ClickHouse needs an extra package: pip install 'footfall[clickhouse]'") from error


def open_store(settings: Settings, node: int, *, read_only: bool = False) -> Store:
    """The store that the settings name; `read_only` for a look beside a server. Raises SetupError."""
    if settings.store == "duckdb":
        return DuckDBStore(
            settings.data_path / STORE_FILE,
            memory_limit=f"{settings.memory_bytes // 1_000_000}MB",
            threads=settings.threads,
            query_seconds=settings.query_timeout_seconds,
            answer_bytes=settings.answer_bytes,
        )
    with clickhouse_extra():
        from footfall.store.clickhouse import ClickHouseStore
    return ClickHouseStore(
        settings.store,
        node=node,
        pending=None if read_only else settings.data_path / "clickhouse.pending",
        query_seconds=settings.query_timeout_seconds,
    )


def geo_paths(settings: Settings) -> tuple[Path | None, Path | None]:
    """The country and the city database: those of the settings, else what comes along. Raises SetupError."""
    country, city = find_databases(GEO_FOLDER)
    for name, value in (("geo_country", settings.geo_country), ("geo_city", settings.geo_city)):
        if value and not Path(value).expanduser().is_file():
            raise SetupError(f"{name} names {value}, which is not a file")
    return (
        Path(settings.geo_country).expanduser() if settings.geo_country else country,
        Path(settings.geo_city).expanduser() if settings.geo_city else city,
    )


def import_job(settings: Settings, catalog: Catalog, project: Project, kind: Kind, files: Sequence[str]) -> Job:
    """How files of a kind are read into a project."""
    country, city = geo_paths(settings)
    return Job(
        kind=kind,
        files=tuple(files),
        project_id=project.id,
        salt=import_salt(catalog.installation_secret(), str(project.uuid)),
        domain=project.domain,
        geo_country=str(country) if country else None,
        geo_city=str(city) if city else None,
    )


def open_geo(settings: Settings) -> GeoReader:
    """The geo databases, open. Raises SetupError."""
    country, city = geo_paths(settings)
    if country is None and city is None:
        log.warning("geo.no_database", hint="countries stay unknown; see docs/enrichment.md")
    try:
        return GeoReader(country, city)
    except Exception as error:
        raise SetupError(f"the geo database can't be read: {error}") from error
