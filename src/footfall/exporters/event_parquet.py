"""Events as a Parquet file, made of NDJSON by an engine of its own: columns typed, properties as a map."""

from pathlib import Path

import duckdb

from footfall.exporters.event_lines import camel
from footfall.query.event_reading import COLUMNS
from footfall.store.schema import Kind

_MEMORY = "512MB"
_TYPES = {
    Kind.INT: "BIGINT",
    Kind.FLOAT_OR_NONE: "FLOAT",
    Kind.TEXTS: "VARCHAR[]",
    Kind.TIME: "TIMESTAMP",
    Kind.TIME_OR_NONE: "TIMESTAMP",
}
_COLUMNS = {
    **{camel(column.name): _TYPES.get(column.kind, "VARCHAR") for column in COLUMNS},
    "duration": "BIGINT",
    "country": "VARCHAR",
    "device": "VARCHAR",
    "properties": "MAP(VARCHAR, VARCHAR)",
}


def write_parquet(rows: Path, out: Path) -> None:
    """Turn a file of `event_lines.lines`, one a line, into a Parquet file. Raises OSError."""
    spill = out.with_name(f"{out.name}.tmp")
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(spill),
    }
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in _COLUMNS.items())
    read = f"read_json(?, format = 'newline_delimited', columns = {{{types}}})"
    try:
        with duckdb.connect(config=config) as engine:
            rows_of = f"SELECT * FROM {read}"  # noqa: S608
            engine.execute(f"COPY ({rows_of}) TO '{_quoted(out)}' (FORMAT parquet, COMPRESSION zstd)", [str(rows)])
    except duckdb.Error as error:
        raise OSError(str(error)) from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
