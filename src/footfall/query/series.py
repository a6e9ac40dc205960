"""Series: charts, that is one or more kinds of events counted per time bucket, told apart by breakdowns.

Source: openpanel contract §9.2, and README's decisions. An event is in the bucket of its own time on the
project's clock; buckets without any count 0, but what has no event in the whole range has no line. What is
counted of the events in a bucket is the segment:

event               events
user                distinct profiles; an anonymous visitor's profile is the device
session             distinct sessions
group               distinct groups of these events
user_average        events by distinct profiles
one_event_per_user  events, of which only each profile's latest of the whole range is kept
property_sum        the sum of a number in each event: a property that is one (others are skipped; of a
                    wildcard's values each counts), or a column such as `revenue` (minor units) or `duration` (ms,
                    the time until the session's next view); without a property, events
property_average    their mean
property_max        the largest of them
property_min        the smallest of them; 0 in a bucket without any, as for all segments
formula             what a formula over the other series gives in the bucket, 2 decimals

A breakdown tells events apart by a field, several by their combinations; an empty value is a line of its own.
Referrers are told apart by host. With `group.…` an event counts once for each of its groups.

What a line comes to, a half being rounded away from zero:

sum      of all buckets, 2 decimals; what is distinct is so per bucket, so this may be more than `count`
average  mean of the buckets that are not 0, 2 decimals; 0 if all are
min      of all buckets, those with 0 too
max      of all buckets
count    distinct profiles of the line in the whole range, for the segments that count people (`user`,
         `user_average`, `one_event_per_user`), or for all if lines are ordered by it; of all lines together only
         where there is one

The period before is as long as the range and ends where that starts: the same number of days if the range is
whole days, so its first bucket stands beside the first one of the range, and so on. It may have a bucket more
or less, of months or around a change of the clock; what it comes to is of all of it. Of each number:

value   the same number of the period before
change  signed percent of that, 2 decimals; None if that is 0
diff    how many percent the larger is above the smaller, 1 decimal, never negative; None if either is 0 or both
        are equal
state   positive, negative or neutral

Lines are ordered by one of their metrics, the largest first. Of a breakdown with very many values those with
most events are answered, 1,000 of each series or as many as make 250,000 points in all; `sum` and the like of
all lines are of these.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from footfall.query.buckets import Bucket, Interval, buckets
from footfall.query.changes import Metrics, metrics, rounded
from footfall.query.formula import LETTERS, Formula
from footfall.query.operators import Filters
from footfall.query.ranges import TimeRange, local, to_ms
from footfall.query.reader import Reader
from footfall.query.tallies import Cut, EventSeries, Tally, Values, tally

MAX_SERIES = len(LETTERS)
MAX_BREAKDOWNS = 5
MAX_LINES = 1000
MAX_POINTS = 250_000

__all__ = ["Chart", "ChartAnswer", "EventSeries", "Formula", "Line", "Metric"]


class Metric(StrEnum):
    """What lines are ordered by."""

    SUM = "sum"
    AVERAGE = "average"
    MIN = "min"
    MAX = "max"
    COUNT = "count"


class Line(Struct, frozen=True):
    """One line of a chart: which series, which breakdown values, and what was counted in each bucket.

    `previous` are the values of the period before, index by index, which may have another number of buckets;
    None if nothing was counted in it.
    """

    series: int
    labels: Values
    values: list[float]
    people: int | None = None
    previous: list[float] | None = None
    previous_people: int | None = None

    @property
    def metrics(self) -> Metrics:
        """What the line comes to."""
        return metrics(self.values, self.people)

    @property
    def previous_metrics(self) -> Metrics | None:
        """What the line came to in the period before."""
        return None if self.previous is None else metrics(self.previous, self.previous_people)


class ChartAnswer(Struct, frozen=True):
    """The buckets, the lines in order, and what all lines together come to.

    `previous` is None unless it was asked for.
    """

    buckets: list[Bucket]
    lines: list[Line]
    metrics: Metrics
    previous: Metrics | None = None


class Chart(Struct, frozen=True, kw_only=True):
    """The question. Breakdowns are canonical names; a series in `hidden`, by its index, is only for formulas."""

    range: TimeRange
    series: tuple[EventSeries | Formula, ...]
    interval: Interval = Interval.DAY
    breakdowns: tuple[str, ...] = ()
    previous: bool = False
    metric: Metric = Metric.SUM
    hidden: frozenset[int] = frozenset()

    @property
    def filters(self) -> Filters:
        """Those of all series."""
        asked = [each for each in self.series if isinstance(each, EventSeries)]
        return Filters(tuple(item for each in asked for item in each.filters.items))

    def fields(self) -> set[str]:
        """What it looks at: the names of filters, breakdowns and properties."""
        asked = [each for each in self.series if isinstance(each, EventSeries)]
        return {*self.filters.names(), *self.breakdowns, *(each.property for each in asked if each.property)}

    def answer(self, reader: Reader) -> ChartAnswer:
        """One statement for each series and period."""
        slots = buckets(self.range, self.interval)
        now = _drawn(reader, self, self.range, slots)
        lines = [Line(*key, line.values, line.people) for key, line in now.items() if key[0] not in self.hidden]
        if self.previous:
            span = before(self.range)
            earlier = _drawn(reader, self, span, buckets(span, self.interval))
            lines = [_beside(line, earlier.get((line.series, line.labels))) for line in lines]
        lines.sort(key=self._place)
        everything = _pooled([line.values for line in lines], [line.people for line in lines])
        previous = _pooled([line.previous or [] for line in lines], [line.previous_people for line in lines])
        return ChartAnswer(slots, lines, everything, previous if self.previous else None)

    def _place(self, line: Line) -> tuple[float, int, list[str]]:
        size = getattr(line.metrics, self.metric) or 0
        return -size, line.series, [str(label) for label in line.labels]


def before(span: TimeRange) -> TimeRange:
    """The period before: as many days for whole days, though one may have 23 or 25 hours; else as long."""
    first, end = local(span.start_ms, span.zone), local(span.end_ms, span.zone)
    if to_ms(first.date(), span.zone) != span.start_ms or to_ms(end.date(), span.zone) != span.end_ms:
        return span.before()
    start = first.date() - (end.date() - first.date())
    return TimeRange(to_ms(start, span.zone), span.start_ms, span.zone)


class _Drawn(Struct, frozen=True):
    values: list[float]
    people: int | None = None


_Key = tuple[int, Values]


def _drawn(reader: Reader, asked: Chart, span: TimeRange, slots: Sequence[Bucket]) -> dict[_Key, _Drawn]:
    """The lines of one period by series and labels."""
    points = max(1, len(slots)) * max(1, len(asked.series))
    most = min(MAX_LINES, max(1, MAX_POINTS // points))
    cut = Cut(span, asked.interval, asked.breakdowns, asked.metric is Metric.COUNT, most)
    found: list[dict[Values, _Drawn]] = []
    for each in asked.series:
        if isinstance(each, EventSeries):
            found.append({one.labels: _counted(one, slots) for one in tally(reader, each, cut)})
        else:
            found.append(_calculated(each, dict(zip(LETTERS, found, strict=False)), len(slots)))
    return {(number, labels): line for number, lines in enumerate(found) for labels, line in lines.items()}


def _counted(one: Tally, slots: Sequence[Bucket]) -> _Drawn:
    return _Drawn([one.values.get(slot.key, 0.0) for slot in slots], one.people)


def _calculated(
    formula: Formula, lines: Mapping[str, Mapping[Values, _Drawn]], number: int
) -> dict[Values, _Drawn]:
    """The formula's line for every combination of labels that any of its series has."""
    letters = sorted(formula.letters & lines.keys())
    labels = {labels: None for letter in letters for labels in lines[letter]}
    nothing = _Drawn([0.0] * number)
    found = {}
    for each in labels:
        columns = [lines[letter].get(each, nothing).values for letter in letters]
        rows = zip(*columns, strict=True)
        found[each] = _Drawn([rounded(formula.value(dict(zip(letters, row, strict=True)))) for row in rows])
    return found


def _beside(line: Line, earlier: _Drawn | None) -> Line:
    if earlier is None:
        return line
    return Line(line.series, line.labels, line.values, line.people, earlier.values, earlier.people)


def _pooled(values: Iterable[Sequence[float]], people: Sequence[int | None]) -> Metrics:
    """Of all buckets of all lines; who is in two lines can't be told, so people are counted of one only."""
    return metrics([value for each in values for value in each], people[0] if len(people) == 1 else None)
