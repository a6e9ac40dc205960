"""Events as CSV: one row an event, with the keys of its JSON as the header.

`properties`, `groups`, `profile` and `meta` are cells of JSON. A text cell that a spreadsheet would take for a
formula gets an apostrophe in front; numbers are left as they are.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from operator import attrgetter

import msgspec
from msgspec import Raw

from footfall.exporters.event_lines import camel
from footfall.query.event_reading import COLUMNS
from footfall.store.schema import Kind

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
EXTRAS = ("profile", "meta")

# A value that begins like one looks so in JSON. To look for any is quicker than to try every cell.
_MAY_BE_FORMULA = re.compile(r':"(?:[-=+@]|\\[tru])')

_TYPES = {Kind.INT: int, Kind.FLOAT_OR_NONE: float | None, Kind.TEXTS: Raw, Kind.TIME_OR_NONE: str | None}
_KEYS = [
    *((column.name, _TYPES.get(column.kind, str)) for column in COLUMNS),
    ("duration", int),
    ("country", str),
    ("device", str),
    ("properties", Raw),
    *((name, Raw, Raw()) for name in EXTRAS),
]
_Event = msgspec.defstruct("_Event", _KEYS, rename="camel", gc=False)  # type: ignore[arg-type]
_decode = msgspec.json.Decoder(_Event).decode


def header(extras: Sequence[str] = ()) -> str:
    """The first row; `extras` are those of EXTRAS that the events have."""
    return ",".join(camel(name) for name in _names(extras)) + "\r\n"


def rows(lines: Iterable[str], extras: Sequence[str] = ()) -> str:
    """The rows of these lines of JSON (`event_lines.lines`)."""
    out = io.StringIO()
    cells = attrgetter(*_names(extras))
    csv.writer(out).writerows(_row(line, cells(_decode(line))) for line in lines)
    return out.getvalue()


def _row(line: str, cells: Sequence[object]) -> list[object]:
    row = [bytes(cell).decode() if type(cell) is Raw else cell for cell in cells]
    if _MAY_BE_FORMULA.search(line) is None:
        return row
    return [guarded(cell) if isinstance(cell, str) else cell for cell in row]


def guarded(cell: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _names(extras: Sequence[str]) -> list[str]:
    return [name for name in _Event.__struct_fields__ if name not in EXTRAS or name in extras]
