"""All events of a selection: slice by slice, newest first, as they are or as text that is ready to be sent.

A line of the text is what `exporters/event_lines.py` makes of an event (openpanel contract §9.1, D8, D9).

number      how many events the slice has; `duration` is as for a page of events
"""

from msgspec import Struct, field
from msgspec.structs import replace
from sqlglot import exp

from footfall.model.countries import country_names
from footfall.model.devices import SPECIAL_NAMES
from footfall.query.engine import Engine
from footfall.query.event_reading import EventText, Spelling, read_events, rows_of_events, timed_fields
from footfall.query.event_selection import Selection
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.sql import Expr, call, column, count, equal, named, word
from footfall.query.timeline import Stretch

SLICE, TEXT_SLICE = 20_000, 25_000
"""Events read at once: some 15 and 20 MB of text. As text they are no objects, which take more than it."""


class Place(Struct, frozen=True):
    """How far a reading of all has come: what is left, and how much of the slice before that is read."""

    left: Stretch
    slice: Stretch | None = None
    skip: int = 0


class EventSlice(Struct, frozen=True):
    """Some events, and where the next slice begins; `next` None: these were the last.

    `text` is that of all events, if it was asked for instead of them.
    """

    next: Place | None
    number: int
    events: list[EventText]
    text: bytes = b""


class Extent(Struct, frozen=True):
    """The question where a reading of all begins; None if there is nothing."""

    selection: Selection

    @property
    def filters(self) -> Filters:
        """Those of the selection."""
        return self.selection.filters

    def answer(self, reader: Reader) -> Place | None:
        """One scan."""
        whole = self.selection.whole(reader)
        return Place(whole) if whole else None


class NextSlice(Struct, frozen=True):
    """The question for the slice at a place. What comes later is in none of the slices that are read.

    `as_text`: the engine writes the lines, which takes half the time.
    """

    selection: Selection
    place: Place
    spelled: Spelling = str
    as_text: bool = False
    size: int = 0
    filters: Filters = field(default=NO_FILTERS)  # those of the selection were checked for the extent

    def answer(self, reader: Reader) -> EventSlice:
        """A span of time with about `size` events, 0: as many as are quick; of an instant with more, a part."""
        size = self.size or (TEXT_SLICE if self.as_text else SLICE)
        left, at, skip = self.place.left, self.place.slice, self.place.skip
        if at is None:
            most = left.newest.rows + size
            least = min(left.newest.rows + max(size * 3 // 4, 1), left.oldest.rows)
            _, end = self.selection.timeline(reader, left.ends).between(least, most)
            at, left = Stretch(left.newest, end), Stretch(end, left.oldest)
        read = _text if self.as_text else _events
        found = read(reader, self.selection, at, size, skip, self.spelled)
        following = Place(left) if left.newest.ms > left.oldest.ms else None
        if at.rows > size and found.number == size:  # one instant, and not all of it
            following = Place(left, at, skip + size)
        return replace(found, next=following)


def _events(
    reader: Reader, selection: Selection, span: Stretch, limit: int, skip: int, spelled: Spelling
) -> EventSlice:
    events = read_events(reader, selection, span, limit, skip, spelled)
    return EventSlice(None, len(events), events)


def _text(
    reader: Reader, selection: Selection, span: Stretch, limit: int, skip: int, spelled: Spelling
) -> EventSlice:
    engine = reader.engine
    newest_first = exp.Neg(this=engine.epoch_ms(column("created_at", "e")))
    text = engine.joined(_line(reader, spelled), newest_first, engine.as_text(column("id", "e")))
    values = [named(text, "lines_"), named(count(), "number")]
    lines, number = reader.rows(rows_of_events(reader, selection, span, limit, skip, values))[0]
    written: bytes = lines.encode() if isinstance(lines, str) else lines or b""
    return EventSlice(None, number, [], written)


def _line(reader: Reader, spelled: Spelling) -> Expr:
    engine = reader.engine
    shown = [("country", _country(reader)), ("device", _device(engine))]
    fields = engine.without_last(engine.json_object([*timed_fields(reader, spelled), *shown]))
    return call("concat", fields, word(',"properties":'), _properties(engine), word("}\n"))


def _device(engine: Engine) -> Expr:
    kind = column("device", "e")
    special = [(equal(kind.copy(), word(name)), word(shown)) for name, shown in SPECIAL_NAMES.items()]
    return engine.case(special, engine.capitalized(kind))


def _country(reader: Reader) -> Expr:
    names, code = country_names(), column("country", "e")
    codes, shown = (reader.text("\n".join(words)) for words in (names, names.values()))
    return reader.engine.renamed(exp.Upper(this=code), codes, shown, code.copy())


def _properties(engine: Engine) -> Expr:
    """The stored ones, after the title if there is any."""
    title = column("title", "e")
    stored = engine.json_of(column("properties", "e"))
    others = call("concat", word(","), engine.rest(stored.copy(), 2))
    end = engine.case([(equal(stored.copy(), word("{}")), word("}"))], others)
    titled = call("concat", word('{"__title":'), engine.json_text(title.copy()), end)
    return engine.case([(equal(title, word("")), stored)], titled)
