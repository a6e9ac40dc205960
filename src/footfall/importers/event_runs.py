"""Blocks of rows cut into runs (event_layout.py), so that what many rows say in the same words is read once.

Taken are blocks of rows that all are plain: what `event_rows` makes of such a row is what it says, but for the
spelling of its country, currency and device. All other blocks are left to `event_columns`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from typing import Any

import msgspec

from footfall.importers.event_layout import BARE, Layout, Run, layout_of
from footfall.importers.event_mending import country_of, currency
from footfall.importers.event_rows import HAVE_COLUMNS, UNWANTED, properties_text
from footfall.importers.event_shapes import MAX_ROW_BYTES, Plain
from footfall.importers.identity import are_canonical
from footfall.importers.times import instant_ms, instants_ms
from footfall.ingest.enrich.properties import flatten
from footfall.model.devices import device_kind
from footfall.model.event_data import UMAMI
from footfall.store.columns import TOGETHER, Gathering

_MOST_FAILURES = 64
"""Blocks and pieces of blocks in turn that were not taken, after which no other is tried."""

_UNSAID = Plain(name="-", created_at=0, properties="{}")
_decode_times = msgspec.json.Decoder(list[datetime | int | float]).decode
_UNFIT = (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError)


class Cutting:
    """Takes plain rows of one file into what `begin` names. `now_ms` is the time of the import."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._layout: Layout | None = None
        self._failures = 0

    @property
    def is_hopeful(self) -> bool:
        """Whether there is a point in trying another block, or this one in smaller pieces."""
        return self._failures < _MOST_FAILURES

    def begin(self, gathering: Gathering) -> None:
        """Take rows into this from now on."""
        self._gathering = gathering
        self._columns = _Columns(self._layout, gathering, self._now_ms) if self._layout else None

    def add(self, raws: Sequence[bytes]) -> bool:
        """Take all of these rows, or none."""
        if not self.is_hopeful:
            return False
        if self._columns is None or self._failures:
            self._layout = layout_of(raws[0])
            self.begin(self._gathering)
        try:
            is_taken = self._columns is not None and self._columns.add(raws)
        except _UNFIT:
            is_taken = False
        self._failures = 0 if is_taken else self._failures + 1
        return is_taken


class _Texts(dict[bytes, int]):
    """The texts of one run, numbered from 0, and what each says."""

    def __init__(self, run: Run, now_ms: int) -> None:
        super().__init__()
        self.said: list[Any] = []
        self._skipped = run.skipped
        self._decode = msgspec.json.Decoder(run.shape).decode
        self._menders = [mend for name, mend in _MENDERS if name in run.names]
        self._now_ms = now_ms

    def __missing__(self, text: bytes) -> int:
        body = text[self._skipped :]
        if b"\\" in body and UNWANTED.search(body):
            raise ValueError("unwanted characters")
        said = self._decode(b"{%b}" % body)
        for mend in self._menders:
            mend(said, self._now_ms)
        self.said.append(said)
        number = self[text] = len(self)
        return number


class _Combinations(dict[Any, int]):
    """The numbers of one of TOGETHER, by the number of the text that says it; by several if it takes several."""

    def __init__(self, which: int, texts: Sequence[_Texts], names: Sequence[Sequence[str]], to: Gathering) -> None:
        super().__init__()
        self._which = which
        self._texts = texts
        self._gathering = to
        told = {name: place for place, told in enumerate(names) for name in told}
        self._places = [(name, told.get(name)) for name in TOGETHER[which]]
        is_in_one = len(names) == 1 and len(TOGETHER[which]) > 1 and set(TOGETHER[which]).issubset(names[0])
        self._read: Callable[[Any], Any] | None = attrgetter(*TOGETHER[which]) if is_in_one else None

    def __missing__(self, key: Any) -> int:
        combination = self._combination(key) if self._read is None else self._read(self._texts[0].said[key])
        number = self[key] = self._gathering.number_of(self._which, combination)
        return number

    def _combination(self, key: Any) -> tuple[Any, ...]:
        numbers = key if len(self._texts) > 1 else (key,) * len(self._texts)
        said = [texts.said[number] for texts, number in zip(self._texts, numbers, strict=True)]
        return tuple(getattr(_UNSAID if place is None else said[place], name) for name, place in self._places)


class _Columns:
    """Rows of one layout on their way to a gathering."""

    def __init__(self, layout: Layout, gathering: Gathering, now_ms: int) -> None:
        self._layout = layout
        self._gathering = gathering
        self._now_ms = now_ms
        runs = [run for run in layout.runs if run.names[0] not in BARE]
        self._texts = {run.names: _Texts(run, now_ms) for run in runs}
        self._tellers = [[run.names for run in runs if set(run.names) & set(names)] for names in TOGETHER]
        self._combinations = [
            _Combinations(which, [self._texts[names] for names in tellers], tellers, gathering)
            for which, tellers in enumerate(self._tellers)
        ]

    def add(self, raws: Sequence[bytes]) -> bool:
        """Take these rows if all are of the layout and plain; raises one of _UNFIT or returns False if not."""
        cut = _cut(self._layout, raws)
        if cut is None or max(map(len, raws)) > MAX_ROW_BYTES:
            return False
        ids = b"\n".join(cut["id",]).decode("ascii").split("\n")
        created_at = instants_ms(_decode_times(b"[%b]" % b",".join(cut["created_at",])))
        if not are_canonical(ids) or None in created_at or not len(ids) == len(created_at) == len(raws):
            return False
        numbers = {names: list(map(texts.__getitem__, cut[names])) for names, texts in self._texts.items()}
        to = self._gathering
        to.ids += ids
        to.created_at.extend(created_at)  # type: ignore[arg-type]
        to.imported_at.fromlist(self._column("imported_at", numbers) or [self._now_ms] * len(raws))
        to.revenue.fromlist(self._column("revenue", numbers) or [0] * len(raws))
        for which, (tellers, combinations) in enumerate(zip(self._tellers, self._combinations, strict=True)):
            keys = _keys([numbers[names] for names in tellers], len(raws))
            to.add_numbers(which, map(combinations.__getitem__, keys))
        return True

    def _column(self, name: str, numbers: dict[tuple[str, ...], list[int]]) -> list[int]:
        """What these rows say of it; nothing if there is no such key."""
        for names, texts in self._texts.items():
            if name in names:
                return [getattr(texts.said[number], name) for number in numbers[names]]
        return []


def _keys(columns: Sequence[list[int]], rows: int) -> Iterable[Any]:
    """What `_Combinations` are looked up by."""
    if len(columns) == 1:
        return columns[0]
    return zip(*columns, strict=True) if columns else [()] * rows


def _cut(layout: Layout, raws: Sequence[bytes]) -> dict[tuple[str, ...], list[bytes]] | None:
    """Each run of these rows, behind its mark or with it; None if a row has another layout."""
    head, tail = layout.head, layout.tail
    if not all(raw.startswith(head) and raw.endswith(tail) for raw in raws):
        return None
    cut = {}
    starts = [0] * len(raws)
    for run, following in pairwise(layout.runs):
        mark, least = following.mark, run.least
        ends = [raw.find(mark, start + least) for raw, start in zip(raws, starts, strict=True)]
        if min(ends) < 0:
            return None
        cut[run.names] = _between(raws, starts, ends, run)
        starts = ends
    last = layout.runs[-1]
    cut[last.names] = _between(raws, starts, [-len(tail)] * len(raws), last)
    return cut


def _between(raws: Sequence[bytes], starts: Sequence[int], ends: Sequence[int], run: Run) -> list[bytes]:
    skipped = run.skipped if run.names[0] in BARE else 0
    if skipped:
        return [raw[start + skipped : end] for raw, start, end in zip(raws, starts, ends, strict=True)]
    return [raw[start:end] for raw, start, end in zip(raws, starts, ends, strict=True)]


# -- what a plain row says, as it is stored; these raise ValueError for what is not plain


def _mend_name(said: Any, _now_ms: int) -> None:
    if said.name != said.name.strip():
        raise ValueError("name")


def _mend_country(said: Any, _now_ms: int) -> None:
    said.country = country_of(said.country)


def _mend_currency(said: Any, _now_ms: int) -> None:
    said.currency = currency(said.currency)


def _mend_device(said: Any, _now_ms: int) -> None:
    said.device = device_kind(said.device)


def _mend_revenue(said: Any, _now_ms: int) -> None:
    said.revenue = said.revenue or 0
    if said.revenue and not getattr(said, "currency", ""):
        raise ValueError("its currency may be among the properties")


def _mend_imported_at(said: Any, now_ms: int) -> None:
    said.imported_at = now_ms if said.imported_at is None else instant_ms(said.imported_at)
    if said.imported_at is None:
        raise ValueError("imported_at")


def _mend_sdk_name(said: Any, _now_ms: int) -> None:
    if said.sdk_name == UMAMI:
        raise ValueError("its properties are read in another way")


def _mend_properties(said: Any, _now_ms: int) -> None:
    flat = flatten(said.properties)
    if not HAVE_COLUMNS.isdisjoint(flat):
        raise ValueError("properties that fill columns")
    said.properties = properties_text(flat)


_MENDERS = (
    ("name", _mend_name),
    ("country", _mend_country),
    ("currency", _mend_currency),
    ("device", _mend_device),
    ("revenue", _mend_revenue),
    ("imported_at", _mend_imported_at),
    ("sdk_name", _mend_sdk_name),
    ("properties", _mend_properties),
)
