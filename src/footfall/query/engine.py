"""The words that the engines spell differently: one method a word, one subclass an engine (see `sql.py`)."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from sqlglot import exp

from footfall.query.changes import LARGEST
from footfall.query.sql import Expr, column, less, word

_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
ISO_TIME = f"^{_DAY}([T ]{_CLOCK}(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)?)?$"
"""A date or time in a property (RE2); what else an engine takes for one, the other doesn't."""


class Engine(ABC):
    """How an engine is spoken to."""

    @abstractmethod
    def instant(self, ms: Expr) -> Expr:
        """The time that is this many milliseconds after 1970, of a constant."""

    @abstractmethod
    def epoch_ms(self, time: Expr) -> Expr:
        """A time's milliseconds since 1970."""

    @abstractmethod
    def whole(self, value: Expr, divisor: int) -> Expr:
        """The quotient without its remainder, of a number that is not negative."""

    @abstractmethod
    def month(self, ms: Expr) -> Expr:
        """How many months after the year 0 the month of these milliseconds is."""

    @abstractmethod
    def property(self, properties: Expr, key: Expr) -> Expr:
        """The value of a key, '' if it is missing."""

    @abstractmethod
    def opened(self, properties: Expr) -> Expr:
        """The properties as a whole, for `looked_up`: where keys are asked for that may well be missing."""

    @abstractmethod
    def looked_up(self, opened: Expr, key: str) -> Expr:
        """The value of a key of our own in what was `opened`, '' if it is missing."""

    @abstractmethod
    def row(self) -> Expr:
        """By what rows of `events`, in scans that leave the marks out, are found again to read more of them."""

    @abstractmethod
    def lower(self, value: Expr) -> Expr:
        """The text in lower case, in every script."""

    @abstractmethod
    def contains(self, value: Expr, part: Expr) -> Expr:
        """Whether the text has this part, letter by letter."""

    @abstractmethod
    def starts_with(self, value: Expr, part: Expr) -> Expr:
        """Whether the text begins with this part."""

    @abstractmethod
    def ends_with(self, value: Expr, part: Expr) -> Expr:
        """Whether the text ends with this part."""

    @abstractmethod
    def matches(self, value: Expr, pattern: Expr) -> Expr:
        """Whether RE2 finds the pattern anywhere; a dot is any character."""

    @abstractmethod
    def number_or_null(self, value: Expr) -> Expr:
        """The text as a number, NULL if it is none."""

    @abstractmethod
    def decimal(self, value: Expr) -> Expr:
        """The shortest decimal that a number of 32 bits may be meant by: 13.4, not 13.399999618530273."""

    @abstractmethod
    def decimal_text(self, value: Expr) -> Expr:
        """A number as text, without a point if it is whole."""

    def time_ms_or_null(self, value: Expr) -> Expr:
        """The text, an ISO 8601 date or time, UTC if it names no offset, in ms since 1970; NULL if it is none."""
        return self.case([(self.matches(value, word(ISO_TIME)), self.time_ms(value.copy()))], exp.Null())

    @abstractmethod
    def time_ms(self, text: Expr) -> Expr:
        """A text that fits `ISO_TIME`, in ms since 1970; NULL if there is no such day or hour."""

    @abstractmethod
    def as_text(self, value: Expr) -> Expr:
        """A UUID or number as text."""

    @abstractmethod
    def as_id(self, text: Expr) -> Expr:
        """A bound text as a UUID, to compare an id with."""

    @abstractmethod
    def order_of_id(self, value: Expr) -> Expr:
        """What UUIDs are ordered by, so that it is the order of their texts."""

    @abstractmethod
    def part(self, value: Expr, separator: str, number: int) -> Expr:
        """The number-th part of the text, '' if it has fewer."""

    @abstractmethod
    def rest(self, value: Expr, position: int) -> Expr:
        """The text from this character on, counted from 1."""

    @abstractmethod
    def latest(self, value: Expr, by: Expr) -> Expr:
        """The value in the row with the largest `by`."""

    @abstractmethod
    def earliest(self, value: Expr, by: Expr) -> Expr:
        """The value in the row with the smallest `by`."""

    @abstractmethod
    def has(self, values: Expr, value: Expr) -> Expr:
        """Whether the list has this value."""

    @abstractmethod
    def iso_text(self, time: Expr) -> Expr:
        """A time as ISO 8601 with milliseconds and `Z`."""

    @abstractmethod
    def json_of(self, properties: Expr) -> Expr:
        """A map as a text of JSON."""

    @abstractmethod
    def keys_of(self, properties: Expr) -> Expr:
        """The keys of a map, as a list."""

    @abstractmethod
    def entries(self, properties: Expr) -> Expr:
        """The keys and values of a map, as a list of pairs."""

    @abstractmethod
    def json_object(self, values: Iterable[tuple[str, Expr]]) -> Expr:
        """A text of JSON: an object with these values, texts, numbers and lists of texts, by our own keys."""

    @abstractmethod
    def json_text(self, text: Expr) -> Expr:
        """The text, or list of texts, as JSON."""

    @abstractmethod
    def without_last(self, text: Expr) -> Expr:
        """The text without its last character."""

    @abstractmethod
    def capitalized(self, text: Expr) -> Expr:
        """The text with its first letter in upper case."""

    @abstractmethod
    def lines(self, text: Expr) -> Expr:
        """The list of a text's lines."""

    @abstractmethod
    def renamed(self, value: Expr, old: Expr, new: Expr, otherwise: Expr) -> Expr:
        """The value's new name, if it is one of the old ones; these are bound texts with a line for each name."""

    @abstractmethod
    def joined(self, text: Expr, *order: Expr) -> Expr:
        """All rows' texts in order, one after the other, as bytes if that is quicker; '' or NULL of no rows."""

    @abstractmethod
    def matching(self, properties: Expr, pattern: Expr) -> Expr:
        """The list of the values whose keys match: those of shorter keys first, so items of a list in order."""

    @abstractmethod
    def some(self, values: Expr, test: Expr) -> Expr:
        """Whether the test, which says `item`, holds for any value of the list."""

    @abstractmethod
    def size(self, values: Expr) -> Expr:
        """How many values the list has."""

    @abstractmethod
    def each(self, values: Expr) -> Expr:
        """In a select list: as many rows as the list has values, each with one of them."""

    @abstractmethod
    def gathered(self, value: Expr) -> Expr:
        """The list of the values of all rows, in any order."""

    @abstractmethod
    def overlaps(self, values: Expr, rows: exp.Query) -> Expr:
        """Whether the list has any of the texts that the rows' one column, `id`, holds."""

    @abstractmethod
    def tuple_of(self, values: Iterable[Expr]) -> Expr:
        """Several values as one, ordered by the first, then the second, …"""

    @abstractmethod
    def member(self, values: Expr, number: int) -> Expr:
        """The number-th value of a tuple, from 1."""

    def moment(self) -> Expr:
        """What events are ordered by: their time, and at the same millisecond their id."""
        return self.tuple_of([column("created_at"), self.order_of_id(column("id"))])

    @abstractmethod
    def sequence(self, value: Expr, *order: Expr) -> Expr:
        """The list of a group's values in this order."""

    @abstractmethod
    def firsts(self, value: Expr, number: int, *order: Expr) -> Expr:
        """The same, at most so many of them."""

    @abstractmethod
    def collapsed(self, values: Expr) -> Expr:
        """The list without what is equal to the one before it."""

    @abstractmethod
    def backwards(self, values: Expr) -> Expr:
        """The list from its end on."""

    @abstractmethod
    def slice(self, values: Expr, since: Expr, number: Expr | None = None) -> Expr:
        """So many values of the list, or all, from this place on, counted from 1."""

    @abstractmethod
    def item(self, values: Expr, place: int) -> Expr:
        """The value at this place, from 1; -1 is the last."""

    @abstractmethod
    def place(self, values: Expr, value: Expr) -> Expr:
        """Where the list has the value first, from 1; it must have it."""

    @abstractmethod
    def percentile(self, value: Expr, share: float) -> Expr:
        """The value below which this share of the rows is, linear between the two nearest; NULL is left out."""

    def finite_or_null(self, value: Expr) -> Expr:
        """The number, NULL if it is infinite, not a number at all, or too large to be summed."""
        is_measured = less(exp.Abs(this=value), exp.Literal.number(LARGEST))
        return exp.Case(ifs=[exp.If(this=is_measured, true=value.copy())])

    def key(self, value: Expr) -> Expr:
        """What stands for a text where different texts are counted: 64 bits, if that is faster."""
        return value

    def visitor(self) -> Expr:
        """What stands for the profile of a session where different ones are counted."""
        return self.key(exp.column("profile_id"))

    def visitor_of(self, profile_id: Expr) -> Expr:
        """What stands for this profile where `visitor` stands for a session's."""
        return self.key(profile_id)

    def case(self, branches: Iterable[tuple[Expr, Expr]], otherwise: Expr) -> Expr:
        """The value of the first branch whose condition holds."""
        ifs = [exp.If(this=condition, true=value) for condition, value in branches]
        return exp.Case(ifs=ifs, default=otherwise) if ifs else otherwise

    def host(self, url: Expr) -> Expr:
        """The host of a URL without a leading `www.`, in lower case; '' for ''."""
        whole = self.lower(url)
        is_url = self.contains(whole.copy(), word("://"))
        authority = self.case([(is_url, self.part(whole.copy(), "/", 3))], self.part(whole.copy(), "/", 1))
        starts = self.starts_with(authority.copy(), word("www."))
        return self.case([(starts, self.rest(authority.copy(), 5))], authority)


def of_item(body: Expr) -> exp.Lambda:
    """The function of a list's `item` that a lambda is."""
    return exp.Lambda(this=body, expressions=[exp.to_identifier("item")])
