"""Ways through a site: how sessions begin, and what comes before and after an event."""

from footfall.query.conditions import Check, Condition, Conditions, Kind
from footfall.query.flow import Flow, Mode
from footfall.query.journey import Journeys
from footfall.query.operators import Filters
from footfall.query.view_traits import Trait
from support.facts import did, paid
from support.stores import Site


def journeys(site: Site, steps: int = 5, **more: object) -> list[tuple[list[str], int]]:
    span = site.span(start="2024-03-04", end="2024-03-04")
    found = site.ask(Journeys(span, steps, **more))  # type: ignore[arg-type]
    return [(list(each.items), each.count) for each in found]


def flow(
    site: Site, start: str, mode: Mode = Mode.AFTER, **more: object
) -> tuple[dict[tuple[int, str], int], list[tuple[int, str, str, int]]]:
    """Nodes by step and name; links."""
    span = site.span(start="2024-03-04", end="2024-03-04")
    answer = site.ask(Flow(span, start, mode=mode, **more))  # type: ignore[arg-type]
    nodes = {(each.step, each.name): each.value for each in answer.nodes}
    return nodes, [(each.step, each.source, each.target, each.value) for each in answer.links]


def test_sessions_by_how_they_begin(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", "/", "/b", did("buy"), "/c", marks=True)
    facts.visit("bob", "2024-03-04 10:00", "/", "/", "/b", did("sell"))
    facts.visit("cid", "2024-03-04 10:00", "/")
    facts.event("cron", "2024-03-04 10:00")
    site.write(facts)
    assert journeys(site, 3) == [(["/", "/", "/b"], 2), (["/"], 1)]
    assert journeys(site) == [(["/"], 1), (["/", "/", "/b", "buy", "/c"], 1), (["/", "/", "/b", "sell"], 1)]
    assert journeys(site, 5, limit=1) == [(["/"], 1)]


def test_journeys_from_and_to(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", "/b", "/c")
    facts.visit("bob", "2024-03-04 10:00", "/b", "/")
    site.write(facts)
    assert journeys(site, start="/b") == [(["/b", "/"], 1)]
    assert journeys(site, end="/c") == [(["/", "/b", "/c"], 1)]
    assert journeys(site, 2, end="/b") == [(["/", "/b"], 1)]
    assert journeys(site, start="/", end="/") == []


def test_journeys_in_the_same_millisecond_go_by_id(site: Site) -> None:
    site.write(site.facts().visit("ann", "2024-03-04 10:00", "/b", 0, "/a", 0, "/c"))
    assert journeys(site) == [(["/b", "/a", "/c"], 1)]


def test_journeys_of_some_events_of_the_range(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-03 23:59:55", "/before", "/", did("buy"), country="DE")
    facts.visit("bob", "2024-03-04 10:00", "/", country="FR")
    site.write(facts)
    german = Condition(Trait.COUNTRY, Check.EQ, ("DE",))
    assert journeys(site, conditions=Conditions((german,))) == [(["/", "buy"], 1)]
    assert journeys(site, conditions=Conditions(kind=Kind.VIEWS)) == [(["/"], 2)]
    assert journeys(Site(site.store)) == []


def test_the_flow_after_an_event(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("x"), did("a"), did("b"), did("b"), did("c"), marks=True)
    facts.visit("bob", "2024-03-04 10:00", did("a"), did("c"), did("a"))
    facts.visit("cid", "2024-03-04 10:00", did("x"), did("b"))
    site.write(facts)
    nodes, links = flow(site, "a", steps=3)
    assert nodes == {(1, "a"): 2, (2, "b"): 1, (2, "c"): 1, (3, "a"): 1, (3, "c"): 1}
    assert links == [(1, "a", "b", 1), (1, "a", "c", 1), (2, "b", "c", 1), (2, "c", "a", 1)]
    nodes, links = flow(site, "a", steps=2)
    assert nodes == {(1, "a"): 2, (2, "b"): 1, (2, "c"): 1}
    assert len(links) == 2


def test_the_flow_before_an_event(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("x"), did("y"), did("y"), did("a"), did("z"), did("a"))
    facts.visit("bob", "2024-03-04 10:00", did("y"), did("a"))
    facts.visit("cid", "2024-03-04 10:00", did("a"))
    site.write(facts)
    nodes, links = flow(site, "a", Mode.BEFORE, steps=3)
    assert nodes == {(3, "a"): 3, (2, "y"): 2, (1, "x"): 1}
    assert links == [(1, "x", "y", 1), (2, "y", "a", 2)]


def test_the_flow_between_two_events(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("b"), did("a"), did("x"), did("b"), did("y"), did("b"))
    facts.visit("bob", "2024-03-04 10:00", did("b"), did("a"))
    facts.visit("cid", "2024-03-04 10:00", did("a"), did("b"))
    site.write(facts)
    nodes, links = flow(site, "a", Mode.BETWEEN, end="b")
    assert nodes == {(1, "a"): 2, (2, "b"): 1, (2, "x"): 1, (3, "b"): 1}
    assert links == [(1, "a", "b", 1), (1, "a", "x", 1), (2, "x", "b", 1)]
    # from one to the next of the same
    assert flow(site, "b", Mode.BETWEEN, end="b")[0] == {(1, "b"): 1, (2, "a"): 1, (3, "x"): 1, (4, "b"): 1}


def test_events_can_be_left_out_or_chosen(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", did("a"), did("noise"), did("b"), paid(100), marks=True)
    site.write(facts)
    assert set(flow(site, "a")[0]) == {(1, "a"), (2, "noise"), (3, "b"), (4, "revenue")}
    assert set(flow(site, "a", exclude=("noise", "revenue", "a"))[0]) == {(1, "a"), (2, "b")}
    assert set(flow(site, "a", include=("revenue",))[0]) == {(1, "a"), (2, "revenue")}
    assert set(flow(site, "a", include=("revenue", "session_end"))[0]) == {
        (1, "a"),
        (2, "revenue"),
        (3, "session_end"),
    }
    assert set(flow(site, "session_start", steps=2)[0]) == {(1, "session_start"), (2, "a")}


def test_a_node_shows_its_three_largest_links(site: Site) -> None:
    facts = site.facts()
    for number, name in enumerate("wwwwxxxyyz"):
        facts.visit(f"d{number}", "2024-03-04 10:00", did("a"), did(name), did("end"))
    site.write(facts)
    nodes, links = flow(site, "a")
    assert [(name, value) for (step, name), value in nodes.items() if step == 2] == [("w", 4), ("x", 3), ("y", 2)]
    assert (3, "end") in nodes
    assert nodes[3, "end"] == 10  # all that were there, whichever way they came
    assert (2, "z", "end", 1) not in links


def test_a_link_of_hardly_anybody_is_not_shown(site: Site) -> None:
    facts = site.facts()
    for number in range(400):
        facts.visit(f"d{number}", "2024-03-04 10:00", did("a"), did("b"))
    facts.visit("one", "2024-03-04 10:00", did("a"), did("c"))  # 1 of 401 is 0.249 %
    site.write(facts)
    assert flow(site, "a")[0] == {(1, "a"): 401, (2, "b"): 400}


def test_a_flow_of_nothing(site: Site) -> None:
    assert flow(site, "a") == ({}, [])
    assert site.ask(Flow(site.span("7d"), "ä 💡", "'", Mode.BETWEEN, filters=Filters())).sessions == 0
