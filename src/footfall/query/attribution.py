"""Attribution: which sources brought the visitors who did something.

Source: umami contract §5.13. Events count in the range by their own time; the marks of sessions and what a page
measures of itself are none. A visitor is a device, a visit a session.

conversion    a page view of the path, or an event of the name, letter by letter, that passes the conditions
credit        what a visitor gets sources for: his conversions; with a currency, whatever he did on the path, or
              events of the name, that earned something in it, as the revenue report of the same form counts it
touch         first click: all that the visitor did at the time of his first event of the range, which may be the
              credit itself. Last click: at the time of his latest event before his last credit; who did nothing
              before it has no touch
value         visitors with a touch of this name, each once; with a currency what they earned with their credits,
              in major units, 2 decimals
referrer      the host that sent the touch, without `www.`; not the site's own, unless there is a currency
paid_ads      whose click id the touch's address has: the first of them, in the order of CLICK_IDS
utm_…         the campaign words of the touch's address
pageviews     conversions, also those of events; neither currency nor model change this and the next two
visitors      visitors with a conversion
visits        visits with a conversion

Lists are ordered by value, equal values by name, and have twenty names at most. Touches without a name are left
out; with a currency '' is a name like any other.

One statement reads the conversions, the times of the touches and the touches. Nearly all visitors have one touch,
so the engine adds these up and tells those of the others one by one.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions
from footfall.query.credits import Credits, is_done
from footfall.query.moments import rows_at
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.shown_traits import shown
from footfall.query.sql import (
    Expr,
    both,
    column,
    count,
    differ,
    equal,
    integer,
    largest,
    less,
    more,
    named,
    positions,
    read,
    select,
    smallest,
    source,
    total,
    within,
    word,
)
from footfall.query.view_traits import UTM_TRAITS, Trait, trait
from footfall.store.base import Row

CLICK_IDS = ("gclid", "fbclid", "msclkid", "ttclid", "li_fat_id", "twclid")
MAX_NAMES = 20

SOURCES = ("referrer", "paid_ads", *UTM_TRAITS)
"""The lists, by their names."""

_CREDITED = "credited"
_DONE = "done"
_TOUCHES = "touches"


class Model(StrEnum):
    """Which touch gets the credit."""

    FIRST_CLICK = "first click"
    LAST_CLICK = "last click"


class Attributed(Struct, frozen=True):
    """Names and values by source, and the conversions. `paid_ads` are named by their click id."""

    sources: dict[str, list[tuple[str, float]]]
    pageviews: int
    visitors: int
    visits: int


class Attribution(Conditional, Struct, frozen=True):
    """The question. `step`: a path, or with `is_event` an event. `currency`: in upper case, '' for none.

    `of_data`: what events earn is also in their data, and the currency as it is there (`query/revenue.py`).
    """

    range: TimeRange
    model: Model
    step: str
    is_event: bool = False
    currency: str = ""
    of_data: bool = False
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> Attributed:
        """Read the touches, and the conversions in the row that has no touch."""
        rows = reader.rows(_query(reader, self))
        pageviews, visitors, visits = next((int(each or 0) for each in row[-3:]) for row in rows if row[0])
        sources = self._sources([row[1:-3] for row in rows if not row[0]])
        return Attributed(sources, pageviews, visitors, visits)

    def _sources(self, rows: Iterable[Row]) -> dict[str, list[tuple[str, float]]]:
        sums: dict[str, Counter[str]] = {name: Counter() for name in SOURCES}
        seen: set[tuple[object, str, str]] = set()
        for person, is_lone, *names, people, earned in rows:
            for kind, name in zip(SOURCES, names, strict=True):
                if not is_lone and (person, kind, name) in seen:
                    continue
                seen.add((person, kind, name))
                if name or self.currency:
                    sums[kind][name] += int(earned if self.currency else people)
        return {kind: self._largest(found) for kind, found in sums.items()}

    def _largest(self, found: Counter[str]) -> list[tuple[str, float]]:
        ranked = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:MAX_NAMES]
        return [(name, self._value(value)) for name, value in ranked]

    def _value(self, value: int) -> float:
        return round(value / 10**self.credits.places, 2) if self.currency else value

    @property
    def credits(self) -> Credits:
        """What the visitors get sources for."""
        return Credits(self.range, self.step, self.is_event, self.currency, self.of_data, self.conditions)


def _query(reader: Reader, asked: Attribution) -> exp.Query:
    """Rows of: is it the totals, the visitor, is he one of many, the names, people, earned, the three totals."""
    touches = _added_up(reader, asked)
    query = exp.Union(this=touches, expression=_totals(reader), distinct=False)
    query.with_(_CREDITED, as_=asked.credits.query(reader), copy=False)
    query.with_(_DONE, as_=_done(reader, asked), copy=False)
    query.with_(_TOUCHES, as_=_times(asked), copy=False)
    return query


def _done(reader: Reader, asked: Attribution) -> exp.Select:
    """What each credited visitor did that may be his touch."""
    events = read(
        "events",
        [
            named(reader.engine.row(), "row_"),
            named(reader.engine.key(column("device_id")), "who"),
            named(column("created_at"), "done_at"),
        ],
        is_done(reader, asked.range),
    )
    query = select(
        *(column(name, "e") for name in ("row_", "who", "done_at")), named(column("earned", "c"), "earned_")
    )
    query.from_(source(events, "e"), copy=False)
    query.join(exp.to_table(_CREDITED, alias="c"), on=equal(column("who", "e"), column("who", "c")), copy=False)
    is_first = asked.model is Model.FIRST_CLICK
    before = None if is_first else less(column("done_at", "e"), column("until_at", "c"))
    return query.where(both(more(column("number_of_credits", "c"), integer(0)), before), copy=False)


def _times(asked: Attribution) -> exp.Select:
    """Per credited visitor the time of his touch."""
    pick = smallest if asked.model is Model.FIRST_CLICK else largest
    query = select(
        named(column("who"), "credited_who"),
        named(pick(column("done_at")), "touched_at"),
        named(largest(column("earned_")), "worth"),
    )
    return query.from_(exp.to_table(_DONE), copy=False).group_by(*positions(1), copy=False)


def _touched(reader: Reader, asked: Attribution) -> exp.Select:
    """The different touches of each credited visitor. What takes long to read is read of these alone."""
    events = read(
        "events",
        [
            named(reader.engine.key(column("device_id")), "who"),
            *map(column, ("referrer", "origin")),
            named(reader.engine.opened(column("properties")), "words"),
        ],
        both(
            is_done(reader, asked.range),
            within(reader.engine.row(), rows_at(_DONE, _TOUCHES, "credited_who", "touched_at")),
        ),
    )
    referrer = (trait if asked.currency else shown)(reader, Trait.REFERRER)
    names = [referrer, _click_id(reader), *(_in_address(reader, each) for each in UTM_TRAITS)]
    labels = [named(each, f"name_{place}") for place, each in enumerate(names)]
    query = select(named(column("credited_who", "t"), "who_"), *labels, named(column("worth", "t"), "worth_"))
    query.from_(source(events, "e"), copy=False)
    same = equal(column("who", "e"), column("credited_who", "t"))
    return query.join(exp.to_table(_TOUCHES, alias="t"), on=same, copy=False).distinct(copy=False)


def _click_id(reader: Reader) -> Expr:
    """The name of the first click id that is there."""
    ids = [(differ(_in_address(reader, key), word("")), word(key)) for key in CLICK_IDS]
    return reader.engine.case(ids, word(""))


def _in_address(reader: Reader, name: str) -> Expr:
    """What the address says behind this name."""
    return reader.engine.looked_up(column("words"), f"__query.{name}")


def _added_up(reader: Reader, asked: Attribution) -> exp.Select:
    """Touches of visitors with one touch by their names; those of others one by one."""
    labels = [column(f"name_{place}") for place in range(len(SOURCES))]
    alone = exp.Window(this=count(), partition_by=[column("who_")])
    ways = select(column("who_"), *labels, column("worth_"), named(alone, "ways"))
    ways.from_(source(_touched(reader, asked), "r"), copy=False)
    is_lone = equal(column("ways"), integer(1))
    person = reader.engine.case([(is_lone, reader.engine.key(word("")))], column("who_"))
    query = select(
        named(integer(0), "is_total"),
        named(person, "person"),
        named(reader.engine.case([(is_lone.copy(), integer(1))], integer(0)), "lone"),
        *(each.copy() for each in labels),
        named(count(), "people"),
        named(total(column("worth_")), "earned_"),
        *(named(integer(0), name) for name in ("pageviews", "visitors", "visits_")),
    )
    query.from_(source(ways, "w"), copy=False)
    return query.group_by(*positions(3 + len(labels)), copy=False)


def _totals(reader: Reader) -> exp.Select:
    """The conversions, in a row like those of the touches."""
    return select(
        named(integer(1), "is_total"),
        named(reader.engine.key(word("")), "person"),
        named(integer(0), "lone"),
        *(named(word(""), f"name_{place}") for place in range(len(SOURCES))),
        named(integer(0), "people"),
        named(integer(0), "earned_"),
        named(total(column("number")), "pageviews"),
        named(count(more(column("number"), integer(0))), "visitors"),
        named(total(column("visits")), "visits_"),
    ).from_(exp.to_table(_CREDITED), copy=False)
