"""Events of other servers and of our own exports: JSON arrays over HTTP, NDJSON files from the shell.

What a row may say and what becomes of it stands in `event_rows`.
"""

import json
from collections.abc import Iterator
from typing import NoReturn

import msgspec

from footfall.importers.event_columns import ColumnReader
from footfall.importers.event_rows import RowReader
from footfall.importers.event_shapes import MAX_ROW_BYTES
from footfall.importers.source import Source
from footfall.importers.tally import LeftOut, Tally
from footfall.ingest.records import Row
from footfall.model.errors import BadRequest
from footfall.model.text import strict_json
from footfall.store.columns import EventColumns

BATCH = 61_440
"""Rows of one group. The drain takes two at once, which make a row group of DuckDB's (122,880 rows): a whole one
is written once, a part of one again with every batch until it is full."""

BLOCK = 500
"""Rows that are read at once; what fits the processor's cache takes half the time."""

_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


def parse_rows(data: bytes, project_id: str, now_ms: int) -> list[Row]:
    """The records of a JSON array of rows, all or none. Raises BadRequest that names row and field.

    Rows count from 1 in the message; `field` is as in `rows[0].created_at`. Contract §10.1.
    """
    reader = RowReader(project_id, now_ms)
    rows: list[Row] = []
    for row in reader.read_all(_elements(data)):
        if isinstance(row, BadRequest):
            field = f"rows[{len(rows)}].{row.field}".rstrip(".")
            raise BadRequest(f"Row {len(rows) + 1}: {row.message}", field, row.code)
        rows.append(row)
    return rows


def _elements(data: bytes) -> list[bytes]:
    """The elements of a JSON array, each as JSON."""
    try:
        return [bytes(raw) for raw in _split(data)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:  # takes halves of surrogate pairs too, which some programs write
        rows = json.loads(strict_json(data))
        return [json.dumps(row).encode() for row in rows] if isinstance(rows, list) else _refuse()
    except (ValueError, RecursionError):
        return _refuse()


def _refuse() -> NoReturn:
    raise BadRequest("The body must be a JSON array of event rows.", "body") from None


class EventFile:
    """Reads one NDJSON file into columns of one project, and counts in `tally` what it read.

    A row that can't be an event is counted as refused, with the first few reasons in the tally.
    `now_ms` is the time of the import.
    """

    def __init__(self, project_id: str, now_ms: int) -> None:
        self.tally = Tally()
        self._reader = ColumnReader(project_id, now_ms)

    def read(self, source: Source, batch: int = BATCH) -> Iterator[EventColumns]:
        """The rows of `source` in the order of its lines, `batch` at a time."""
        for lines in source.blocks(MAX_ROW_BYTES):
            raws = [line for line in lines if line and not line.isspace()]
            start = 0
            while start < len(raws):
                end = start + min(BLOCK, batch - len(self._reader))
                self._add(raws[start:end])
                start = end
                if len(self._reader) >= batch:
                    yield self._reader.take()
        if len(self._reader):
            yield self._reader.take()

    def _add(self, raws: list[bytes]) -> None:
        tally = self.tally
        refused = 0
        for place, error in self._reader.add(raws):
            tally.leave_out(LeftOut.REFUSED)
            tally.show(f"{tally.place(tally.lines + place + 1)}: {error.message}")
            refused += 1
        tally.lines += len(raws)
        tally.imported += len(raws) - refused
