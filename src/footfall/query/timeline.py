"""Where on the time line the n-th newest row of a list lies, found by counting rows in spans of time.

To sort what comes before a page takes the longer the deeper the page is. To count reads times alone and skips what
is out of the span, so a page is found by a few counts, each of which guesses from the rows that are known. A count
by parts takes three times as long, but where a guess was near it is the last.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

_MOST_MARKS = 1_000
"""So many marks of a list are remembered."""

_FEW, _PARTS = 200_000, 100
"""So many rows are counted by so many parts of their span."""

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


class Found(Struct):
    """The marks of a list that were found so far: its ends, and more with every page that is looked for."""

    marks: tuple[Mark, ...]

    def add(self, marks: tuple[Mark, ...]) -> None:
        """All that are known by now; of too many every other one."""
        self.marks = marks if len(marks) <= _MOST_MARKS else (*marks[:-1:2], marks[-1])


class Timeline:
    """A stretch of rows, and the marks in it that were found so far: at least its two ends."""

    def __init__(self, marks: Sequence[Mark], count: Count, counts: Counts) -> None:
        self._marks = list(marks)
        self._count = count
        self._counts = counts

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The newest first; the first and the last are the ends."""
        return tuple(self._marks)

    @property
    def whole(self) -> Stretch:
        """From end to end."""
        return Stretch(self._marks[0], self._marks[-1])

    def around(self, offset: int, limit: int, slack: int) -> Stretch:
        """A stretch that has the `limit` rows after the `offset` newest of the whole.

        On either side it may have `slack` rows more; to come closer would take another count.
        """
        first = self._marks[0].rows + offset
        last = min(first + limit, self._marks[-1].rows)
        newest, _ = self.between(first - slack, first)
        _, oldest = self.between(last, last + slack)
        return Stretch(newest, oldest)

    def known(self, least: int, most: int) -> Mark | None:
        """The newest mark with so many rows that was found so far."""
        return next((mark for mark in self._marks if least <= mark.rows <= most), None)

    def add(self, mark: Mark) -> None:
        """One that was found otherwise."""
        place = bisect_left(self._marks, -mark.ms, key=lambda known: -known.ms)
        if place == len(self._marks) or self._marks[place].ms != mark.ms:
            self._marks.insert(place, mark)

    def between(self, least: int, most: int) -> tuple[Mark, Mark]:
        """A mark with at least and at most so many rows, twice; where an instant has more, those beside it."""
        by_half, reach = False, _REACH
        while True:
            newer, older = self._beside(least, most)
            if newer is older or newer.ms - older.ms <= 1:
                return newer, older
            near = _near(newer, older, (least + most) // 2, reach)
            if near.rows <= _FEW:
                self._count_parts(near, newer)
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
        newer = next((mark for mark in reversed(self._marks) if mark.rows < least), self._marks[0])
        older = next((mark for mark in self._marks if mark.rows > most), self._marks[-1])
        return newer, older

    def _mark(self, newer: Mark, older: Mark, ms: int) -> Mark:
        """The mark at an instant between two; the shorter side is counted."""
        if newer.ms - ms <= ms - older.ms:
            found = Mark(ms, newer.rows + self._count(ms, newer.ms))
        else:
            found = Mark(ms, older.rows - self._count(older.ms, ms))
        self.add(found)
        return found

    def _count_parts(self, near: Stretch, newer: Mark) -> None:
        """Marks all over a stretch, of which one end's rows are known, those of `newer` or of the older one."""
        width = max(-(-(near.newest.ms - near.oldest.ms) // _PARTS), 1)
        counts = self._counts(near.oldest.ms, near.newest.ms, width)
        rows = near.newest.rows if near.newest is newer else near.oldest.rows - sum(counts.values())
        self.add(Mark(near.newest.ms, rows))
        for part in sorted(counts, reverse=True):
            start_ms = near.oldest.ms + part * width
            self.add(Mark(min(start_ms + width, near.newest.ms), rows))
            rows += counts[part]
            self.add(Mark(start_ms, rows))
        self.add(Mark(near.oldest.ms, rows))


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
