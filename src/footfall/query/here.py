"""Here: what those look at who were on the site in the last five minutes, and what they did.

pages       the pages that visitors (devices) viewed last, with how many are on each; whoever viewed none is not
            on any
countries   where the visitors are, by their latest event; '' where that is not known
events      what they did, newest first, without session_start and session_end
"""

from msgspec import Struct

from footfall.model.event import SCREEN_VIEW, Event
from footfall.query.live import in_window
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.records import records
from footfall.query.sql import (
    ascending,
    both,
    column,
    count,
    descending,
    differ,
    equal,
    largest,
    named,
    positions,
    read,
    select,
    source,
    word,
)
from footfall.store.schema import EVENTS


class PageHere(Struct, frozen=True):
    """A page that somebody is on, with a title that it has."""

    path: str
    title: str
    visitors: int


class CountryHere(Struct, frozen=True):
    """Where visitors are: an ISO 3166 code, '' where that is not known."""

    country: str
    visitors: int


class HereAnswer(Struct, frozen=True):
    """The pages and countries with most visitors."""

    pages: list[PageHere]
    countries: list[CountryHere]


class Here(Struct, frozen=True):
    """The question, at an instant: at most `limit` pages and countries."""

    now_ms: int
    limit: int = 20
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> HereAnswer:
        """Two statements over five minutes."""
        return HereAnswer(
            [PageHere(path, title, visitors) for path, visitors, title in self._latest(reader, "path", "title")],
            [
                CountryHere(country, visitors)
                for country, visitors, _ in self._latest(reader, "country", "country")
            ],
        )

    def _latest(self, reader: Reader, name: str, beside: str) -> list[tuple[str, int, str]]:
        """The values that visitors' latest events have, most frequent first; of pages only views count."""
        is_view = equal(column("name"), word(SCREEN_VIEW)) if name == "path" else None
        where = both(in_window(reader, self.now_ms), differ(column("device_id"), word("")), is_view)
        latest, moment = reader.engine.latest, reader.engine.moment
        each = read(
            "events",
            [
                named(latest(column(name), moment()), "latest"),
                named(latest(column(beside), moment()), "beside"),
            ],
            where,
        ).group_by(column("device_id"), copy=False)
        found = select(column("latest"), named(count(), "visitors"), largest(column("beside")))
        found = found.from_(source(each, "here"), copy=False).group_by(*positions(1), copy=False)
        order = (descending(column("visitors")), ascending(column("latest")))
        rows = reader.rows(found.order_by(*order, copy=False).limit(self.limit, copy=False))
        return [(str(value), int(visitors), str(also)) for value, visitors, also in rows]


class EventsHere(Struct, frozen=True):
    """The question what was done, at an instant: the newest `limit` events."""

    now_ms: int
    limit: int
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[Event]:
        """One statement over five minutes."""
        order = [descending(column("created_at")), ascending(reader.engine.as_text(column("id")))]
        return records(reader, EVENTS, Event, in_window(reader, self.now_ms), order=order, limit=self.limit)
