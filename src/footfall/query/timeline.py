"""Where on the time line the n-th newest row of a list lies, found by counting rows in spans of time.

To sort what comes before a page takes the longer the deeper the page is. To count reads times alone and skips what
is out of the span, so a page is found by a few counts, each of which guesses from the rows that are known. A count
by parts takes three times as long, but where a guess was near it is the last.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from operator import neg
from typing import Self

from msgspec import Struct

_MOST_MARKS = 6_000
"""So many marks of a list are remembered, each in 16 bytes; there may be a thousand lists."""

_MOST_STRETCHES = 32
"""So many stretches of a list are remembered that were read."""

_FEW, _PARTS, _MOST_PARTS = 200_000, 100, 1_000
"""So many rows are counted by so many parts of their span, and by more if few rows are wanted."""

_REACH = 4
"""At night, four times as far may have the rows that were looked for."""

Count = Callable[[int, int], int]
"""How many rows there are from one instant, inclusive, to another, exclusive, in ms."""

Counts = Callable[[int, int, int], Mapping[int, int]]
"""The same of each part, from 0, of so many ms; those without rows may be left out."""


class Mark(Struct, frozen=True):
    """An instant in ms, and how many rows are at it or newer."""

    ms: int
    rows: int


class Stretch(Struct, frozen=True):
    """From `oldest`, inclusive, to `newest`, exclusive: the rows that `newest` has not and `oldest` has."""

    newest: Mark
    oldest: Mark

    @property
    def rows(self) -> int:
        """How many."""
        return self.oldest.rows - self.newest.rows

    @property
    def ends(self) -> tuple[Mark, Mark]:
        """The newest first."""
        return self.newest, self.oldest


class Marks(Struct):
    """Marks of a list, the newest first, as two columns of numbers."""

    ms: "array[int]"
    rows: "array[int]"

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> Self:
        """These, in order."""
        ms, rows = array("q"), array("q")
        for mark in marks:
            ms.append(mark.ms)
            rows.append(mark.rows)
        return cls(ms, rows)

    def __len__(self) -> int:
        return len(self.ms)

    def at(self, place: int) -> Mark:
        """The one at this place, from 0; -1 is the last."""
        return Mark(self.ms[place], self.rows[place])

    def copy(self) -> "Marks":
        """The same, to be added to."""
        return Marks(self.ms[:], self.rows[:])

    def thinned(self) -> "Marks":
        """Every other one, and the last."""
        return Marks(self.ms[:-1:2] + self.ms[-1:], self.rows[:-1:2] + self.rows[-1:])

    def insert(self, place: int, marks: Iterable[Mark]) -> None:
        """Put these, in order, before the one at this place."""
        new = Marks.of(marks)
        self.ms[place:place], self.rows[place:place] = new.ms, new.rows


class Found(Struct):
    """What was found of a list so far: marks, at least its ends, and the stretches that were read last."""

    marks: Marks
    read: tuple[Stretch, ...] = ()

    def add(self, marks: Marks, stretch: Stretch) -> None:
        """All marks that are known by now, of too many every other one; and a stretch that is read."""
        self.marks = marks if len(marks) <= _MOST_MARKS else marks.thinned()
        self.read = (stretch, *self.read[: _MOST_STRETCHES - 1])

    def with_rows(self, first: int, last: int) -> Stretch | None:
        """A stretch that was read and has all rows after the `first` newest up to the `last`."""
        return next((each for each in self.read if each.newest.rows <= first and last <= each.oldest.rows), None)


class Timeline:
    """A stretch of rows, and the marks in it that were found so far: at least its two ends."""

    def __init__(self, marks: Marks, count: Count, counts: Counts) -> None:
        self.marks = marks.copy()
        self._count = count
        self._counts = counts

    @property
    def whole(self) -> Stretch:
        """From end to end."""
        return Stretch(self.marks.at(0), self.marks.at(-1))

    def around(self, offset: int, limit: int, slack: int) -> Stretch:
        """A stretch that has the `limit` rows after the `offset` newest of the whole.

        On either side it may have `slack` rows more; to come closer would take another count.
        """
        first = self.marks.rows[0] + offset
        last = min(first + limit, self.marks.rows[-1])
        self.between(first - slack, first)
        self.between(last, last + slack)
        return self.nearest(first, last)

    def nearest(self, first: int, last: int) -> Stretch:
        """The shortest between known marks that has all rows after the `first` newest up to the `last`."""
        rows = self.marks.rows
        newest, oldest = max(bisect_right(rows, first) - 1, 0), min(bisect_left(rows, last), len(rows) - 1)
        return Stretch(self.marks.at(newest), self.marks.at(oldest))

    def known(self, least: int, most: int) -> Mark | None:
        """The newest mark with so many rows that was found so far."""
        place = bisect_left(self.marks.rows, least)
        is_there = place < len(self.marks) and self.marks.rows[place] <= most
        return self.marks.at(place) if is_there else None

    def add(self, *marks: Mark) -> None:
        """Some that were found otherwise, the newest first, with no known one between them."""
        place = bisect_right(self.marks.ms, -marks[0].ms, key=neg)
        beside = {*self.marks.ms[max(place - 1, 0) : place + 1]}
        self.marks.insert(place, [mark for mark in marks if mark.ms not in beside])

    def between(self, least: int, most: int) -> tuple[Mark, Mark]:
        """A mark with at least and at most so many rows, twice; where an instant has more, those beside it."""
        by_half, reach = False, _REACH
        while True:
            newer, older = self._beside(least, most)
            if newer.ms - older.ms <= 1:
                return newer, older
            near = _near(newer, older, (least + most) // 2, reach)
            if near.rows <= _FEW:
                self._count_parts(near, newer, 2 * near.rows // max(most - least, 1))
                reach *= _REACH
                continue
            reach = _REACH
            found = self._mark(newer, older, _guess(newer, older, (least + most) // 2, by_half))
            # Rows don't come evenly: where the guess was far off, the next one is the middle.
            left = found.rows - newer.rows if found.rows > most else older.rows - found.rows
            by_half = not by_half and 2 * left > older.rows - newer.rows

    def _beside(self, least: int, most: int) -> tuple[Mark, Mark]:
        """A known mark with so many rows, twice, else the nearest ones with fewer and with more."""
        if (mark := self.known(least, most)) is not None:
            return mark, mark
        place = bisect_left(self.marks.rows, least)
        return self.marks.at(max(place - 1, 0)), self.marks.at(min(place, len(self.marks) - 1))

    def _mark(self, newer: Mark, older: Mark, ms: int) -> Mark:
        """The mark at an instant between two; the shorter side is counted."""
        if newer.ms - ms <= ms - older.ms:
            found = Mark(ms, newer.rows + self._count(ms, newer.ms))
        else:
            found = Mark(ms, older.rows - self._count(older.ms, ms))
        self.add(found)
        return found

    def _count_parts(self, near: Stretch, newer: Mark, parts: int) -> None:
        """Marks all over a stretch, of which one end's rows are known, those of `newer` or of the older one."""
        parts = min(max(parts, _PARTS), _MOST_PARTS)
        width = max(-(-(near.newest.ms - near.oldest.ms) // parts), 1)
        counts = self._counts(near.oldest.ms, near.newest.ms, width)
        rows = near.newest.rows if near.newest is newer else near.oldest.rows - sum(counts.values())
        marks = {near.newest.ms: rows}
        for part in sorted(counts, reverse=True):
            start_ms = near.oldest.ms + part * width
            marks.setdefault(min(start_ms + width, near.newest.ms), rows)
            rows += counts[part]
            marks[start_ms] = rows
        marks.setdefault(near.oldest.ms, rows)
        self.add(*(Mark(ms, rows) for ms, rows in marks.items()))


def _near(newer: Mark, older: Mark, rows: int, reach: int) -> Stretch:
    """All between two marks; of too many, as much from the nearer one as should have so many times these rows."""
    if older.rows - newer.rows <= _FEW:
        return Stretch(newer, older)
    after, before = rows - newer.rows, older.rows - rows
    if after <= before:
        far = newer.rows + reach * max(after, 1)
        return Stretch(newer, Mark(_guess(newer, older, far, False), far))
    far = older.rows - reach * max(before, 1)
    return Stretch(Mark(_guess(newer, older, far, False), far), older)


def _guess(newer: Mark, older: Mark, rows: int, by_half: bool) -> int:
    """Where so many rows would be if they came evenly, or the middle."""
    share = 0.5 if by_half else (rows - newer.rows) / (older.rows - newer.rows)
    ms = newer.ms - round(share * (newer.ms - older.ms))
    return min(max(ms, older.ms + 1), newer.ms - 1)
