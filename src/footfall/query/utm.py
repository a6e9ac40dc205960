"""UTM: which campaigns page views name in their addresses.

Source: umami contract §5.6. Page views belong to the range by their own time.

parameters  for each `utm_…` parameter of page addresses and each of its values the page views that have it,
            decoded; a parameter that an address repeats counts each time; in the order of the addresses. Of page
            views that came without their whole query, as OpenPanel's do, the five usual parameters
views       of a campaign parameter's value, the page views whose address has it, decoded, the first if it is
            repeated; empty ones are left out; most views first, equal ones by value
"""

import re
from urllib.parse import parse_qsl

from msgspec import Struct
from sqlglot import exp

from footfall.model.text import storable
from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, Kind, counted
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    column,
    count,
    differ,
    either,
    named,
    positions,
    read,
    select,
    source,
    word,
)
from footfall.query.view_traits import UTM_TRAITS, Trait, trait

_PARAMETER = re.compile(r"utm_\w+", re.ASCII)
_LABELS = [each.value for each in UTM_TRAITS]

Counts = dict[str, dict[str, int]]
"""Page views by parameter and value."""


class UtmParameters(Conditional, Struct, frozen=True):
    """The question for every parameter."""

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> Counts:
        """Each different address once."""
        search = named(trait(reader, Trait.QUERY), "search")
        rows = source(_page_views(reader, self.range, self.conditions, [search, *_utm(reader)]), "v")
        has_query = differ(column("search"), word(""))
        # What the whole query says need not be told apart a second time.
        told = [
            named(reader.engine.case([(has_query.copy(), word(""))], column(label)), f"{label}_")
            for label in _LABELS
        ]
        query = select(column("search"), *told, named(count(), "views")).from_(rows, copy=False)
        wanted = [reader.engine.contains(column("search"), word("utm_")), *map(_is_there, _LABELS)]
        query.where(either(wanted), copy=False).group_by(*positions(6), copy=False)
        query.order_by(*map(ascending, positions(6)), copy=False)
        found: Counts = {}
        for text, *values, views in reader.rows(query):
            pairs = parse_qsl(text, keep_blank_values=True) if text else zip(_LABELS, values, strict=True)
            for name, said in pairs:
                if _PARAMETER.fullmatch(name) and (text or said):
                    counts, value = found.setdefault(name, {}), storable(said)
                    counts[value] = counts.get(value, 0) + int(views)
        return found


class UtmViews(Conditional, Struct, frozen=True):
    """The question for the `limit` most frequent values of each of the five parameters."""

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS
    limit: int = 50

    def answer(self, reader: Reader) -> dict[Trait, list[tuple[str, int]]]:
        """One pass for all five, and each value once with its views."""
        rows = _page_views(reader, self.range, self.conditions, _utm(reader))
        campaigns = select(*map(column, _LABELS), named(count(), "views")).from_(source(rows, "v"), copy=False)
        campaigns.where(either(map(_is_there, _LABELS)), copy=False).group_by(*positions(5), copy=False)
        tallies: dict[Trait, dict[str, int]] = {each: {} for each in UTM_TRAITS}
        for *values, views in reader.rows(campaigns):
            for name, value in zip(UTM_TRAITS, values, strict=True):
                if value:
                    tallies[name][value] = tallies[name].get(value, 0) + int(views)
        return {
            name: sorted(tally.items(), key=lambda each: (-each[1], each[0]))[: self.limit]
            for name, tally in tallies.items()
        }


def _utm(reader: Reader) -> list[Expr]:
    return [named(trait(reader, each), each) for each in UTM_TRAITS]


def _is_there(label: str) -> Expr:
    return differ(column(label), word(""))


def _page_views(reader: Reader, span: TimeRange, conditions: Conditions, values: list[Expr]) -> exp.Select:
    return read("events", values, counted(reader, Kind.VIEWS, span, conditions))
