"""Events of one project as columns: what a large import hands over, without an object a row.

Columns that change together stand together, once for every combination of their values, with a number for each
row. So a group takes little space and little work on its way through the journal to Arrow columns.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from arro3.core import Array, DataType
from msgspec import Struct

from footfall.model.event import Event

TOGETHER: tuple[tuple[str, ...], ...] = (
    ("session_id", "device_id", "profile_id"),
    ("country", "region", "city", "longitude", "latitude"),
    ("os", "os_version", "browser", "browser_version", "device", "brand", "model", "sdk_name", "sdk_version"),
    ("referrer", "referrer_name", "referrer_type", "groups"),
    ("path", "origin", "title"),
    ("name", "currency"),
    ("properties",),
)
"""The columns of events that are kept as combinations. The last, `properties`, is JSON."""

PROPERTIES = len(TOGETHER) - 1

_PLACE = {name: (which, at) for which, names in enumerate(TOGETHER) for at, name in enumerate(names)}
_TYPES = {"longitude": DataType.float32(), "latitude": DataType.float32()}
_encode = msgspec.json.Encoder().encode
_decode_properties = msgspec.json.Decoder(dict[str, str]).decode


class _Numbers(dict[Any, int]):
    """Numbers what it is asked for, from 0."""

    def __missing__(self, key: Any) -> int:
        number = self[key] = len(self)
        return number


class Coded(Struct, array_like=True, gc=False):
    """Some columns: their combinations of values, and for each row the number of its combination (16 bits)."""

    values: list[Any]
    codes: bytes

    @property
    def numbers(self) -> "array[int]":
        """The numbers of the combinations, row by row."""
        return array("H", self.codes)


class EventColumns(Struct, array_like=True, tag_field="record", tag="columns", gc=False):
    """Events of one project, at least one, not yet placed in sessions.

    Times are ms UTC; they and `revenue` have 64 bits a row.
    `coded` has what `TOGETHER` names, in order.
    """

    project_id: str
    ids: list[str]
    created_at: bytes
    imported_at: bytes
    revenue: bytes
    coded: list[Coded]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def times(self) -> "array[int]":
        """When the events happened, in ms."""
        return array("q", self.created_at)

    def values(self, name: str) -> list[Any]:
        """One column, a value for each combination."""
        which, at = _PLACE[name]
        combinations = self.coded[which].values
        return [combination[at] for combination in combinations]

    def numbers(self, name: str) -> "array[int]":
        """For each row the number of its value in `values`."""
        return self.coded[_PLACE[name][0]].numbers

    def events(self, places: Sequence[int]) -> Iterator[Event]:
        """The rows at these places as structs."""
        columns: dict[str, Iterable[Any]] = {
            name: map(self.values(name).__getitem__, map(self.numbers(name).__getitem__, places))
            for name in _PLACE
        }
        columns["id"] = map(self.ids.__getitem__, places)
        for name in ("created_at", "imported_at", "revenue"):
            columns[name] = map(array("q", getattr(self, name)).__getitem__, places)
        columns["groups"] = map(tuple, columns["groups"])
        columns["properties"] = map(_decode_properties, columns["properties"])
        for row in zip(*columns.values(), strict=True):
            yield Event(project_id=self.project_id, **dict(zip(columns, row, strict=True)))

    def arrow(self) -> dict[str, Array]:
        """The columns in Arrow; ids, `groups` and `properties` as text, times as numbers."""
        found = {name: self._arrow(name) for name in _PLACE}
        found["id"] = Array(self.ids, type=DataType.utf8())
        for name in ("created_at", "imported_at", "revenue"):
            found[name] = Array.from_buffer(array("q", getattr(self, name)))
        return found

    def _arrow(self, name: str) -> Array:
        values = self.values(name)
        if name == "groups":
            values = [_encode(value).decode() for value in values]
        return Array(values, type=_TYPES.get(name, DataType.utf8())).take(Array.from_buffer(self.numbers(name)))


class Gathering:
    """Rows on their way to one `EventColumns`, at most 65,536, as their combinations have numbers of 16 bits."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.created_at, self.imported_at, self.revenue = array("q"), array("q"), array("q")
        self._numbers = [_Numbers() for _ in TOGETHER]
        self._codes = [array("H") for _ in TOGETHER]

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, which: int, combinations: Iterable[Any]) -> None:
        """The combinations of new rows, as tuples in the order of TOGETHER[which]."""
        self.add_numbers(which, map(self._numbers[which].__getitem__, combinations))

    def number_of(self, which: int, combination: Any) -> int:
        """The number of one combination; a row that has it must follow."""
        return self._numbers[which][combination]

    def add_numbers(self, which: int, numbers: Iterable[int]) -> None:
        """The combinations of new rows, by their numbers."""
        self._codes[which].extend(array("H", list(numbers)))

    def done(self, project_id: str) -> EventColumns:
        """All that was added."""
        return EventColumns(
            project_id=project_id,
            ids=self.ids,
            created_at=self.created_at.tobytes(),
            imported_at=self.imported_at.tobytes(),
            revenue=self.revenue.tobytes(),
            coded=[
                Coded(list(numbers), codes.tobytes())
                for numbers, codes in zip(self._numbers, self._codes, strict=True)
            ],
        )
