"""Where the n-th newest row lies, whatever the rows' times are."""

from collections import Counter
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.query.timeline import Mark, Marks, Timeline

TIMES = st.lists(st.one_of(st.integers(0, 50), st.integers(0, 10**12)), min_size=1, max_size=200)


def of(times: list[int]) -> Timeline:
    ends = Mark(max(times) + 1, 0), Mark(min(times), len(times))

    def counts(start: int, end: int, width: int) -> Counter[int]:
        return Counter((time - start) // width for time in times if start <= time < end)

    return Timeline(Marks.of(ends), lambda start, end: sum(start <= time < end for time in times), counts)


@pytest.mark.parametrize("few", [3, 1000])
@settings(max_examples=200, deadline=None)
@given(times=TIMES, offset=st.integers(0, 220), limit=st.integers(1, 50), slack=st.integers(0, 20))
def test_a_page_is_in_the_stretch_around_it(
    few: int, times: list[int], offset: int, limit: int, slack: int
) -> None:
    offset = min(offset, len(times) - 1)
    with patch("footfall.query.timeline._FEW", few):
        found = of(times).around(offset, limit, slack)
    newer = sum(time >= found.newest.ms for time in times)
    there = sum(found.oldest.ms <= time < found.newest.ms for time in times)
    assert newer == found.newest.rows <= offset
    assert newer + there >= min(offset + limit, len(times))


@settings(max_examples=200, deadline=None)
@given(TIMES, st.integers(1, 30))
def test_going_on_from_mark_to_mark_ends_and_leaves_nothing_out(times: list[int], size: int) -> None:
    line, at, total = of(times), Mark(max(times) + 1, 0), len(times)
    while at.rows < total:
        _, following = line.between(min(at.rows + max(size // 2, 1), total), at.rows + size)
        assert following.ms < at.ms
        assert following.rows == sum(time >= following.ms for time in times)
        at = following
