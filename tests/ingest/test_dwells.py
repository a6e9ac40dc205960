"""How long a page was looked at: to the true next view, whatever order the views came in."""

from support.footfall import Footfall, Visitor


def test_a_view_lasts_until_the_next_one(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a")
    footfall.advance(seconds=10)
    visitor.views("/b")
    footfall.advance(seconds=20)
    visitor.views("/a")
    footfall.advance(seconds=30)
    visitor.tracks("click")

    assert footfall.dwells() == {"/a": [10_000], "/b": [20_000]}


def test_views_out_of_order_are_put_in_order(footfall: Footfall, visitor: Visitor) -> None:
    footfall.advance(minutes=10)
    visitor.views("/a", ago=60)
    visitor.views("/d")
    visitor.views("/b", ago=40)
    visitor.views("/c", ago=15)
    visitor.views("/0", ago=90)

    assert footfall.dwells() == {"/0": [30_000], "/a": [20_000], "/b": [25_000], "/c": [15_000]}
    session = footfall.session()
    assert (session.entry_path, session.exit_path) == ("/0", "/d")
    assert session.duration == 90_000


def test_a_view_that_comes_in_a_later_batch_divides_a_stored_dwell(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a")
    footfall.advance(seconds=60)
    visitor.views("/c")
    assert footfall.dwells() == {"/a": [60_000]}
    visitor.views("/b", ago=20)
    assert footfall.dwells() == {"/a": [40_000], "/b": [20_000]}
    footfall.advance(seconds=5)
    visitor.views("/d")
    assert footfall.dwells() == {"/a": [40_000], "/b": [20_000], "/c": [5_000]}


def test_only_the_first_view_of_a_page_is_marked(footfall: Footfall, visitor: Visitor) -> None:
    for path in ("/a", "/b", "/a", "/b"):
        visitor.views(path)
        footfall.advance(seconds=1)
    footfall.restart()
    visitor.views("/a")
    footfall.advance(seconds=1)
    visitor.views("/c")

    assert [(view.path, view.first_view) for view in footfall.events("screen_view")] == [
        ("/a", True),
        ("/b", True),
        ("/a", False),
        ("/b", False),
        ("/a", False),
        ("/c", True),
    ]
    footfall.advance(hours=1)
    visitor.views("/a")
    assert footfall.events("screen_view")[-1].first_view


def test_two_views_at_one_instant(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a")
    visitor.views("/b")
    footfall.advance(seconds=1)
    visitor.views("/c")
    assert footfall.dwells() == {"/a": [0], "/b": [1_000]}
