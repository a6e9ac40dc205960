"""The store, as everyone else knows it: the same sentences hold for DuckDB and ClickHouse."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from footfall.model.errors import Overloaded, SetupError
from footfall.model.event import BROUGHT_END, BROUGHT_START, MADE_MARKS, NO_MARKS, SESSION_END, SESSION_START
from footfall.store.base import Batch, Revision, Store
from footfall.store.schema import DWELLS, EVENTS, GROUPS, PROFILES, SESSIONS, Kind, Table
from store.folders import Folder
from store.rows import (
    EMPTY_EVENT,
    FULL_EVENT,
    FULL_SESSION,
    MINUTE,
    NOON,
    STRANGE,
    drop,
    dwell,
    event,
    event_id,
    group,
    profile,
    session,
)


def stored(folder: Folder, table: Table, where: str = "true") -> list[dict[str, Any]]:
    """All columns of a table's rows, each as the row struct would have it."""
    rows = folder.rows(f"SELECT {', '.join(table.names)} FROM {table.name} WHERE {where}")
    return [
        {column.name: _plain(value, column.kind) for column, value in zip(table.columns, row, strict=True)}
        for row in rows
    ]


def _plain(value: Any, kind: Kind) -> Any:
    if kind is Kind.ID:
        assert isinstance(value, UUID)
        return str(value)
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return tuple(value) if kind is Kind.TEXTS else value


def as_given(table: Table, row: object) -> dict[str, Any]:
    """What `stored` must show of this row."""
    return {name: getattr(row, name) for name in table.names}


# -- what goes in comes out


def test_an_event_comes_back_whole(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, events=[FULL_EVENT, EMPTY_EVENT]))
    assert stored(folder, EVENTS, "name <> ''") == [as_given(EVENTS, FULL_EVENT)]
    assert stored(folder, EVENTS, "name = ''") == [as_given(EVENTS, EMPTY_EVENT)]


def test_an_open_session_comes_back_whole_with_its_pages(store: Store) -> None:
    pages = [event(1, session_id="full", path="/a", first_view=True), event(2, session_id="full", path="/a")]
    store.write(Batch(position=1, events=pages, sessions=[FULL_SESSION]))
    [found] = store.open_sessions()
    assert found == msgspec.structs.replace(FULL_SESSION, pages={("https://shop.example", "/a")})


def test_a_closed_session_comes_back_whole(folder: Folder, store: Store) -> None:
    closed = msgspec.structs.replace(FULL_SESSION, is_open=False)
    store.write(Batch(position=1, sessions=[closed]))
    assert stored(folder, SESSIONS) == [as_given(SESSIONS, closed)]


def test_dwells_profiles_and_groups_come_back_whole(folder: Folder, store: Store) -> None:
    ann = profile(first_name="Ann", last_name=STRANGE, email="a@b.c", avatar="x", groups=("acme",))
    ann.properties = {"plan.name": "pro", "quote": "'"}
    acme = group(properties={"size": "10"})
    store.write(Batch(position=1, dwells=[dwell(1)], profiles=[ann], groups=[acme]))
    assert stored(folder, DWELLS) == [as_given(DWELLS, dwell(1))]
    assert stored(folder, PROFILES) == [as_given(PROFILES, ann)]
    assert stored(folder, GROUPS) == [as_given(GROUPS, acme)]
    assert store.profiles("shop", ["ann", "bob"]) == {"ann": ann}
    assert store.profiles("other", ["ann"]) == {}
    assert store.groups_created("shop", [acme.id, "other"]) == {acme.id: acme.created_at}
    assert store.groups_created("other", [acme.id]) == {}


def test_everything_is_there_after_a_restart(folder: Folder) -> None:
    folder.store.write(Batch(position=7, events=[event(1)], sessions=[session()], profiles=[profile()]))
    store = folder.reopen()
    assert store.position() == 7
    assert folder.count("events") == 1
    assert [one.id for one in store.open_sessions()] == ["s1"]


def test_the_position_starts_at_nothing_and_follows_the_batches(store: Store) -> None:
    assert store.position() == 0
    store.write(Batch(position=5))
    store.write(Batch(position=9, events=[event(1)]))
    assert store.position() == 9


def test_a_batch_may_stay_at_its_position(folder: Folder, store: Store) -> None:
    """Sessions are closed by time alone, between two journal groups."""
    store.write(Batch(position=5, events=[event(1)]))
    store.write(Batch(position=5, events=[event(2)]))
    store.write(Batch(position=5, events=[event(3)]))
    assert store.position() == 5
    assert folder.count("events") == 3


# -- sessions


def test_a_session_that_grows_replaces_itself(store: Store) -> None:
    store.write(Batch(position=1, sessions=[session(event_count=1)]))
    store.write(Batch(position=2, sessions=[session(event_count=2, created_at=NOON - 5 * MINUTE)]))
    [found] = store.open_sessions()
    assert (found.event_count, found.created_at) == (2, NOON - 5 * MINUTE)


def test_a_session_that_ends_moves_to_the_closed_ones(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, sessions=[session("s1"), session("s2")]))
    store.write(Batch(position=2, sessions=[session("s1", is_open=False)]))
    assert [one.id for one in store.open_sessions()] == ["s2"]
    assert [row["id"] for row in stored(folder, SESSIONS)] == ["s1"]
    assert folder.count("open_sessions") == 1
    store.maintain()
    assert [one.id for one in store.open_sessions()] == ["s2"]


def test_a_stored_session_that_changes_is_there_once(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, sessions=[session(is_open=False), session("other", is_open=False)]))
    earlier = NOON - 40 * 24 * 60 * MINUTE
    late = session(is_open=False, is_stored=True, created_at=earlier, event_count=4)
    store.write(Batch(position=2, sessions=[late]))
    found = stored(folder, SESSIONS, "id = 's1'")
    assert [(row["created_at"], row["event_count"]) for row in found] == [(earlier, 4)]
    assert folder.count("sessions") == 2


def test_a_stored_session_may_open_again(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, sessions=[session(is_open=False)]))
    store.write(Batch(position=2, sessions=[session(is_open=True, is_stored=True)]))
    assert (folder.count("sessions"), folder.count("open_sessions")) == (0, 1)


def test_the_same_session_id_in_two_projects_is_two_sessions(store: Store) -> None:
    store.write(Batch(position=1, sessions=[session(), session(project_id="blog")]))
    store.write(Batch(position=2, sessions=[session(is_open=False)]))
    assert [one.project_id for one in store.open_sessions()] == ["blog"]


def test_sessions_near_are_the_devices_closed_ones_that_touch_the_span(store: Store) -> None:
    hour = 60 * MINUTE
    store.write(
        Batch(
            position=1,
            events=[
                event(1, path="/a", first_view=True),
                event(2, path="/b", first_view=True),
                event(3, path="/b"),
                event(4, project_id="blog", path="/c", first_view=True),
            ],
            sessions=[
                session("s1", is_open=False),
                session("later", is_open=False, created_at=NOON + hour, ended_at=NOON + hour),
                session("still", is_open=True),
                session("theirs", is_open=False, device_id="d2"),
                session("s1", is_open=False, project_id="blog"),
            ],
        )
    )
    [found] = store.sessions_near("shop", ["d1", "d'3"], NOON + MINUTE, NOON + hour - 1)
    shop = "https://shop.example"
    assert (found.id, found.is_stored, found.is_open) == ("s1", True, False)
    assert found.pages == {(shop, "/a"), (shop, "/b")}
    assert {one.id for one in store.sessions_near("shop", ["d1"], NOON, NOON + hour)} == {"s1", "later"}
    assert store.sessions_near("shop", ["d1"], NOON + MINUTE + 1, NOON + hour - 1) == []
    assert store.sessions_near("shop", [], NOON, NOON + hour) == []
    assert [one.id for one in store.sessions_by_id("shop", ["theirs", "still"], NOON, NOON)] == ["theirs"]


# -- what the sessionizer asks


def test_views_of_sessions_come_oldest_first(store: Store) -> None:
    store.write(
        Batch(
            position=1,
            events=[
                event(3, path="/c"),
                event(1, path="/a"),
                event(2, name="click", path="/b"),
                event(4, path=""),
                event(5, session_id="s2"),
                event(900, path="/too-late"),
            ],
        )
    )
    found = store.views_of("shop", ["s1"], NOON, NOON + MINUTE)
    assert [(view.id, view.path, view.created_at, view.session_id) for view in found] == [
        (event_id(1), "/a", NOON + 1000, "s1"),
        (event_id(3), "/c", NOON + 3000, "s1"),
    ]


def test_event_ids_known_are_those_of_the_project_within_the_span(store: Store) -> None:
    store.write(Batch(position=1, events=[event(1), event(2), event(3, project_id="blog")]))
    asked = [event_id(number) for number in (1, 2, 3, 4)]
    assert store.event_ids_known("shop", asked, NOON, NOON + MINUTE) == {event_id(1), event_id(2)}
    assert store.event_ids_known("shop", asked, NOON + 1000, NOON + 1000) == {event_id(1)}
    assert store.event_ids_known("shop", [], NOON, NOON) == set()


def test_many_ids_may_be_asked_at_once(store: Store) -> None:
    store.write(Batch(position=1, events=[event(number) for number in range(9_000)]))
    asked = [event_id(number) for number in range(10_000)]
    assert len(store.event_ids_known("shop", asked, NOON, NOON + 9_000_000)) == 9_000


# -- revisions and replacements


def test_a_revision_takes_the_dwells_of_its_session_only(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, events=[event(2)], dwells=[dwell(2), dwell(3, session_id="s2")]))
    revision = Revision(project_id="shop", session_id="s1", from_ms=NOON, to_ms=NOON + MINUTE)
    store.write(Batch(position=2, revisions=[revision], dwells=[dwell(2, duration=7)]))
    assert len(stored(folder, EVENTS)) == 1
    assert sorted((row["session_id"], row["duration"]) for row in stored(folder, DWELLS)) == [
        ("s1", 7),
        ("s2", 1000),
    ]


def test_a_revision_leaves_what_lies_outside(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, dwells=[dwell(1)]))
    outside = Revision(project_id="shop", session_id="s1", from_ms=NOON + 2000, to_ms=NOON + MINUTE)
    store.write(Batch(position=2, revisions=[outside]))
    assert folder.count("dwells") == 1


# -- marks


def test_a_session_has_its_marks_unless_they_were_brought(folder: Folder, store: Store) -> None:
    told = {
        "start_title": "Hello",
        "start_sdk_name": "web",
        "start_properties": {"a.b": STRANGE},
        "entry_path": "/in",
        "exit_path": "/out",
        "country": "DE",
        "groups": ("g1",),
    }
    sessions = [
        session(
            "over",
            is_open=False,
            marks=MADE_MARKS,
            start_id=event_id(1),
            is_bounce=False,
            profile_id="ann",
            **told,
        ),
        session("open", marks=MADE_MARKS, start_id=event_id(5), **told),
        session("own start", is_open=False, start_id=event_id(9), marks=BROUGHT_START),
        session("own end", is_open=False, start_id=event_id(13), marks=BROUGHT_END),
        session("empty", is_open=False, start_id=event_id(17), marks=NO_MARKS | BROUGHT_END),
    ]
    store.write(Batch(position=1, sessions=sessions))
    found = {(row["session_id"], row["name"]): row for row in stored(folder, EVENTS)}
    assert found.keys() == {
        ("over", SESSION_START),
        ("over", SESSION_END),
        ("open", SESSION_START),
        ("own start", SESSION_END),
        ("own end", SESSION_START),
    }
    start, end = found["over", SESSION_START], found["over", SESSION_END]
    assert (start["id"], end["id"]) == (event_id(1), event_id(2))
    assert (start["created_at"], end["created_at"]) == (NOON - 100, NOON + MINUTE + 1_000)
    assert (start["path"], end["path"]) == ("/in", "/out")
    assert (start["title"], start["sdk_name"], end["title"]) == ("Hello", "web", "")
    assert (start["properties"], end["properties"]) == ({"a.b": STRANGE}, {"__bounce": "false"})
    assert start["profile_id"] == end["profile_id"] == "ann"
    assert (start["country"], list(end["groups"])) == ("DE", ["g1"])


def test_many_sessions_may_be_revised_at_once(folder: Folder, store: Store) -> None:
    ids = [f"{'long' * 10}{number}" for number in range(1_000)]
    store.write(
        Batch(
            position=1,
            sessions=[session(id, is_open=False) for id in ids],
            dwells=[dwell(number, session_id=id) for number, id in enumerate(ids)],
        )
    )
    hour = 60 * MINUTE
    store.write(
        Batch(
            position=2,
            sessions=[session(id, is_open=False, is_stored=True) for id in ids],
            revisions=[Revision(project_id="shop", session_id=id, from_ms=NOON, to_ms=NOON + hour) for id in ids],
        )
    )
    assert (folder.count("sessions"), folder.count("dwells")) == (1_000, 0)


def test_profiles_and_groups_are_replaced(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, profiles=[profile(first_name="Ann")], groups=[group(name="Acme")]))
    store.write(Batch(position=2, profiles=[profile(first_name="Anna")], groups=[group(name="ACME")]))
    assert store.profiles("shop", ["ann"])["ann"].first_name == "Anna"
    assert [row["name"] for row in stored(folder, GROUPS)] == ["ACME"]


def test_drops_add_up(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, drops=[drop(2), drop(1, "spam")]))
    store.write(Batch(position=2, drops=[drop(40)]))
    found = folder.rows("SELECT reason, sum(count) AS hits FROM drops GROUP BY reason ORDER BY reason")
    assert [(reason, int(hits)) for reason, hits in found] == [("bot", 42), ("spam", 1)]


# -- once, through any crash


def _eventful(number: int) -> Batch:
    """A batch with every kind of row, about a session that was stored by `_before(number)`."""
    base = number * 100
    of = f"r{number}"
    inside = {"project_id": "shop", "session_id": of, "from_ms": NOON, "to_ms": NOON + 10**9}
    return Batch(
        position=number * 2,
        events=[event(base + 5, session_id=of), event(base + 6, name="more", session_id=of)],
        dwells=[dwell(base + 1, session_id=of, duration=5), dwell(base + 5, session_id=of)],
        revisions=[Revision(**inside)],
        sessions=[
            session(of, is_open=False, is_stored=True, event_count=2),
            session(f"closing{number}", is_open=False),
            session(f"open{number}"),
        ],
        profiles=[profile(properties={"visits": str(number)})],
        groups=[group(name=f"Acme {number}")],
        drops=[drop(3)],
    )


def _before(number: int) -> Batch:
    base = number * 100
    of = f"r{number}"
    return Batch(
        position=number * 2 - 1,
        events=[event(base + 1, session_id=of), event(base + 2, name="more", session_id=of)],
        dwells=[dwell(base + 1, session_id=of, duration=1)],
        sessions=[session(of, is_open=False), session(f"closing{number}")],
    )


def _check(folder: Folder, number: int) -> None:
    """Everything of the first `number` rounds counts once, and nothing else."""
    assert folder.store.position() == number * 2
    assert folder.count("events") == number * 4
    assert int(folder.rows("SELECT sum(duration) AS d FROM dwells")[0][0]) == number * 1005
    assert folder.count("sessions") == number * 2
    assert folder.count("sessions WHERE event_count = 2") == number
    assert len(folder.store.open_sessions()) == number
    assert folder.store.profiles("shop", ["ann"])["ann"].properties == {"visits": str(number)}
    assert [row["name"] for row in stored(folder, GROUPS)] == [f"Acme {number}"]
    assert int(folder.rows("SELECT sum(count) AS hits FROM drops")[0][0]) == number * 3


@pytest.mark.parametrize("late", [False, True], ids=["before the step", "after the step"])
def test_a_batch_counts_once_whatever_step_the_process_dies_at(folder: Folder, late: bool) -> None:
    number, died = 0, True
    while died:
        number += 1
        folder.store.write(_before(number))
        died = folder.die_at(number - 1, _eventful(number), late=late)
        if folder.store.position() < number * 2:
            folder.store.write(_eventful(number))
        _check(folder, number)
    assert number > 8
    folder.merge()
    _check(folder, number)


def test_many_deaths_over_one_batch_are_as_good_as_none(folder: Folder) -> None:
    folder.store.write(_before(1))
    for step in (0, 3, 3, 9):
        if folder.store.position() < 2:
            folder.crash_at(step, _eventful(1), late=True)
    if folder.store.position() < 2:
        folder.store.write(_eventful(1))
    _check(folder, 1)


# -- limits and refusals


def test_a_question_over_its_time_limit_is_refused(folder: Folder) -> None:
    folder.store.write(Batch(position=1, events=[event(number) for number in range(3_000)]))
    store = folder.reopen(query_seconds=0.3)
    with pytest.raises(Overloaded, match="time limit"):
        folder.rows(
            "SELECT count(*) FROM events AS a, events AS b, events AS c "
            "WHERE length(concat(CAST(a.id AS TEXT), CAST(b.id AS TEXT), CAST(c.id AS TEXT))) = 1"
        )
    assert store.position() == 1


def test_what_hits_wait_for_is_read_however_long_that_takes(folder: Folder) -> None:
    many = [session(f"s{number}", is_open=True, device_id=f"d{number}") for number in range(5_000)]
    folder.store.write(Batch(position=1, sessions=many, profiles=[profile()]))
    store = folder.reopen(query_seconds=0.005)
    assert len(store.open_sessions()) == 5_000
    assert store.profiles("shop", ["ann"]).keys() == {"ann"}


def test_parameters_are_values_whatever_is_in_them(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, events=[event(1, title=STRANGE), event(2)]))
    found = folder.rows("SELECT path FROM events WHERE title = $title", title=STRANGE)
    assert found == [("/",)]
    found = folder.rows("SELECT count(*) FROM events WHERE title = $title", title="' OR 1 = 1 --")
    assert found == [(0,)]


def test_a_value_that_can_not_be_stored_stores_nothing(folder: Folder, store: Store) -> None:
    store.write(Batch(position=1, events=[event(1)]))
    with pytest.raises(Exception, match=r"."):
        store.write(Batch(position=2, events=[event(2), event(3, revenue=2**63)], drops=[drop(1)]))
    assert store.position() == 1
    store.write(Batch(position=2, events=[event(2)]))
    assert (store.position(), folder.count("events"), folder.count("drops")) == (2, 2, 0)


def test_size_counts_rows_and_bytes(store: Store) -> None:
    store.write(
        Batch(position=1, events=[event(1), event(2)], sessions=[session("a"), session("b", is_open=False)])
    )
    size = store.size()
    assert (size.events, size.sessions) == (2, 2)
    assert size.bytes > 0


def test_a_data_folder_in_use_by_another_process_is_refused(folder: Folder) -> None:
    folder.close()
    other = _hold(folder)
    try:
        with pytest.raises(SetupError):
            folder.open()
    finally:
        other.kill()
        other.wait()
    assert folder.open().position() == 0


def _hold(folder: Folder) -> "subprocess.Popen[str]":
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from store.folders import Folder\n"
        "folder = Folder(sys.argv[2], Path(sys.argv[3]))\n"
        "print('open', flush=True); sys.stdin.read()"
    )
    arguments = [str(Path(__file__).parents[1]), folder.engine, str(folder.path)]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process
