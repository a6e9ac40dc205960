"""`footfall to-clickhouse`: the events of a data folder into the ClickHouse database that takes their place."""

import time
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from footfall.cli.output import say, say_json
from footfall.cli.progress import progress
from footfall.model.errors import BadRequest
from footfall.server.logs import configure_logs
from footfall.server.runtime import clickhouse_extra, open_journal, open_store
from footfall.server.settings import JOURNAL_FILE, STORE_FILE, Settings
from footfall.store.duckdb import DuckDBStore

_FORM = "clickhouse://user:password@host:8123/database"


def to_clickhouse(settings: Settings, *, as_json: bool) -> None:
    """Copy what the folder's own store has to the ClickHouse that the settings name.

    Raises BadRequest if there is nothing to copy, or no place for it; SetupError if it can't be done.
    """
    configure_logs(settings.log_format, "warning")
    data = settings.data_path
    if settings.store == "duckdb":
        raise BadRequest(f"the settings name no ClickHouse; set FOOTFALL_STORE to {_FORM}", "store")
    if not (data / STORE_FILE).is_file() or not (data / JOURNAL_FILE).is_file():
        raise BadRequest(f"{data} has no events of its own: there is no {STORE_FILE} in it", "data")
    began = time.monotonic()
    copied = _copied(settings, data, quiet=as_json)
    seconds = time.monotonic() - began
    if as_json:
        say_json(copied)
        return
    facts = {name.replace("_", " "): f"{number:,}" for name, number in copied.items()}
    note = f"Start the server with the same settings. {STORE_FILE} is as it was; delete it when all is well."
    say(f"Copied the events of {data} to ClickHouse in {seconds:.1f} s.", facts, note)


def _copied(settings: Settings, data: Path, *, quiet: bool) -> dict[str, int]:
    with clickhouse_extra():
        from footfall.store.clickhouse_filling import Filling
        from footfall.store.transfer import transfer
    with closing(open_journal(data)) as journal:
        node = journal.node
    with closing(open_store(replace(settings, store="duckdb"), node)) as source:
        assert isinstance(source, DuckDBStore)
        with closing(Filling(settings.store)) as target, progress(100, quiet=quiet) as tell:
            return transfer(source, target, node, lambda share, text: tell(int(100 * share), text))
