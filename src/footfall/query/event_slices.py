"""All events of a selection: slice by slice, newest first, as they are or as text that is ready to be sent.

A line of the text is what `exporters/event_lines.py` makes of an event (openpanel contract §9.1, D8, D9).

number      how many events the slice has; `duration` is as for a page of events
"""

from msgspec import Struct, field
from sqlglot import exp

from footfall.model.countries import country_names
from footfall.model.devices import SPECIAL_NAMES
from footfall.query.engine import Engine
from footfall.query.event_reading import EventText, Spelling, read_events, rows_of_events, timed_fields
from footfall.query.event_selection import Selection
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.sql import Expr, call, column, count, equal, named, word
from footfall.query.timeline import Marks, Stretch

SLICE = 20_000
"""Events read at once: some 15 MB of text."""


class Slice(Struct, frozen=True):
    """A stretch of events that are read at once; of an instant with too many for that, a part."""

    span: Stretch
    skip: int = 0


class Slices(Struct, frozen=True):
    """Some slices, the newest first, and what is left to be cut; None: these are the last."""

    slices: list[Slice]
    left: Stretch | None


class EventSlice(Struct, frozen=True):
    """The events of a slice; `text` is that of all events, if it was asked for instead of them."""

    number: int
    events: list[EventText]
    text: bytes = b""


class Extent(Struct, frozen=True):
    """The question where a reading of all begins and ends; None if there is nothing."""

    selection: Selection

    @property
    def filters(self) -> Filters:
        """Those of the selection."""
        return self.selection.filters

    def answer(self, reader: Reader) -> Stretch | None:
        """One scan."""
        return self.selection.whole(reader)


class NextSlices(Struct, frozen=True):
    """The question how the newest of what is left are cut, as many as one look at their times tells.

    To know where a slice ends before it is read lets several be read at once. What comes later is in none of them.
    """

    selection: Selection
    left: Stretch
    size: int
    filters: Filters = field(default=NO_FILTERS)  # those of the selection were checked for the extent

    def answer(self, reader: Reader) -> Slices:
        """Spans of time with about `size` events each; of an instant with more, parts."""
        at, oldest = self.left.ends
        timeline = self.selection.timeline(reader, Marks.of(self.left.ends))
        slices: list[Slice] = []
        while at.ms > oldest.ms:
            least, most = min(at.rows + max(self.size * 9 // 10, 1), oldest.rows), at.rows + self.size
            end = timeline.known(least, most)
            if end is None and slices:
                break
            end = end or timeline.between(least, most)[1]
            span = Stretch(at, end)
            slices += [Slice(span, skip) for skip in range(0, max(span.rows, 1), self.size)]
            at = end
        return Slices(slices, Stretch(at, oldest) if at.ms > oldest.ms else None)


class Reading(Struct, frozen=True):
    """The question for the events of a slice, `size` at most of a part of an instant.

    `as_text`: the engine writes the lines, which takes half the time.
    """

    selection: Selection
    slice: Slice
    size: int
    spelled: Spelling = str
    as_text: bool = False
    filters: Filters = field(default=NO_FILTERS)

    def answer(self, reader: Reader) -> EventSlice:
        """One statement."""
        if self.as_text:
            return self._text(reader)
        span, skip = self.slice.span, self.slice.skip
        events = read_events(reader, self.selection, span, self.size, skip, self.spelled)
        return EventSlice(len(events), events)

    def _text(self, reader: Reader) -> EventSlice:
        engine = reader.engine
        newest_first = exp.Neg(this=engine.epoch_ms(column("created_at", "e")))
        by_id = engine.order_of_id(column("id", "e"))
        text = engine.joined(_line(reader, self.spelled), newest_first, by_id)
        values = [named(text, "lines_"), named(count(), "number")]
        span, skip = self.slice.span, self.slice.skip
        lines, number = reader.rows(rows_of_events(reader, self.selection, span, self.size, skip, values))[0]
        written: bytes = lines.encode() if isinstance(lines, str) else lines or b""
        return EventSlice(number, [], written)


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
