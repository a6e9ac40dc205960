"""Deletions: whole, in order with the hits around them, and once, whatever stops in between."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from msgspec.structs import asdict, replace

from footfall.ingest.batching import Batching
from footfall.ingest.erasure_plan import plan
from footfall.ingest.journal import Journal
from footfall.ingest.records import Erase
from footfall.model.erasure import Scope
from footfall.model.errors import NotFound
from support.clock import Clock
from support.footfall import HOMELESS, Footfall, Visitor
from support.manage import Manage

Counts = dict[str, int]
TABLES = ("events", "sessions", "open_sessions", "dwells", "profiles", "groups", "drops")


@pytest.fixture(params=["duckdb", "clickhouse"])
def footfall(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Iterator[Footfall]:
    """A server on each engine."""
    folder = shutil.copytree(template, tmp_path / "data")
    store = {} if request.param == "duckdb" else {"store": f"chdb://{tmp_path}/db"}
    footfall = Footfall(folder, Clock(), reads=True, **store)
    yield footfall
    footfall.stop()


@pytest.fixture
def manage(footfall: Footfall) -> Manage:
    return Manage(footfall)


def rows(footfall: Footfall, project: str = "shop") -> Counts:
    """How many rows of a project each table has, without those that have none."""
    counts = {
        table: footfall.ask(f"SELECT count(*) FROM {table} WHERE project_id = '{project}'")[0][0]
        for table in TABLES
    }
    return {table: count for table, count in counts.items() if count}


def ann_and_bob(footfall: Footfall) -> tuple[Visitor, Visitor]:
    """Ann looks at two pages, says who she is on the second, and her account is billed by a program.
    Bob looks at two pages and never says who he is.
    """
    ann, bob = footfall.visitor(), footfall.visitor()
    ann.views("/a")
    bob.views("/x")
    footfall.advance(seconds=10)
    ann.identifies("ann/1", firstName="Ann")
    ann.views("/b")
    bob.views("/y")
    footfall.backend().tracks("billed", profile="ann/1")
    return ann, bob


# ann: session_start, two views and the bill; one session; the dwell of the first view; her profile.
ANN = {"events": 4, "sessions": 1, "dwells": 1, "profiles": 1, "groups": 0, "drops": 0}
BOB = {"events": 3, "open_sessions": 1, "dwells": 1}


def test_a_person_is_deleted_with_hits_that_were_still_in_the_journal(footfall: Footfall, manage: Manage) -> None:
    ann_and_bob(footfall)
    answer = manage.delete("/projects/shop/profiles/ann%2F1")
    assert set(answer) == {"success", "id", "projectId", "scope", "at", "removed", "done"}
    assert (answer["success"], answer["done"], answer["scope"]) == (True, True, "profile")
    assert answer["removed"] == ANN
    assert rows(footfall) == BOB

    # The report stays, and names nobody.
    report = manage.get(f"/projects/shop/erasures/{answer['id']}")
    assert report == {key: value for key, value in answer.items() if key != "success"}
    assert manage.get("/projects/shop/erasures") == [report]
    assert "ann" not in str(report)
    assert manage.ask("DELETE", "/projects/shop/profiles/ann%2F1").status_code == 404
    assert len(manage.get("/projects/shop/erasures")) == 1


def test_a_deletion_may_take_longer_than_a_question(footfall: Footfall) -> None:
    """Else nothing that was accepted after it would ever be stored."""
    ann_and_bob(footfall)
    footfall.settle()
    footfall.settings = replace(footfall.settings, query_timeout_seconds=0.001)
    footfall.restart()
    erase = Erase(id="1", project_id="shop", scope=Scope.PROFILE, at=footfall.clock(), subject="ann/1")
    _, removed = plan(footfall.runtime.store, erase)
    assert asdict(removed) == ANN


def test_whoever_stays_goes_on_and_whoever_was_deleted_begins_anew(footfall: Footfall, manage: Manage) -> None:
    ann, bob = ann_and_bob(footfall)
    manage.delete("/projects/shop/profiles/ann/1")
    ann.profile = ""
    footfall.restart()
    ann.views("/c")
    bob.views("/z")
    footfall.settle()
    assert rows(footfall) == {"events": 6, "open_sessions": 2, "dwells": 2}
    counted = footfall.ask("SELECT entry_path, screen_view_count FROM open_sessions ORDER BY entry_path")
    assert counted == [("/c", 1), ("/x", 3)]
    footfall.advance(hours=1)
    footfall.settle()
    assert rows(footfall) == {"events": 8, "sessions": 2, "dwells": 2}


def test_a_visitor_is_deleted_in_open_and_closed_sessions(footfall: Footfall, manage: Manage) -> None:
    _, bob = ann_and_bob(footfall)
    footfall.settle()
    footfall.advance(hours=2)
    footfall.settle()
    device = bob.views("/later").json()["deviceId"]
    answer = manage.delete(f"/projects/shop/visitors/{device}")
    # Two sessions: start, two views, end; start, view.
    assert answer["removed"] == {"events": 6, "sessions": 2, "dwells": 1, "profiles": 0, "groups": 0, "drops": 0}
    assert rows(footfall) == {"events": 5, "sessions": 1, "dwells": 1, "profiles": 1}
    assert len(footfall.runtime.drain.hands.sessions) == 0


def test_a_session_of_two_people_goes_as_a_whole(footfall: Footfall, manage: Manage) -> None:
    device = footfall.visitor()
    device.views("/", profile="ann")
    footfall.advance(seconds=5)
    device.views("/account", profile="ben")
    footfall.advance(hours=1)
    device.views("/", profile="ben")
    footfall.settle()
    assert manage.delete("/projects/shop/profiles/ann")["removed"]["sessions"] == 1
    assert footfall.ask("SELECT DISTINCT profile_id FROM events") == [("ben",)]
    footfall.advance(hours=1)
    footfall.settle()
    # ben's second session: start, view, end, and his profile
    assert {name: count for name, count in rows(footfall).items() if name != "profiles"} == {
        "events": 3, "sessions": 1,
    }  # fmt: skip


def test_another_projects_person_of_that_id_stays(footfall: Footfall, manage: Manage) -> None:
    made = manage.post("/projects", {"name": "Other"})
    other = {"openpanel-client-id": made["client"]["id"], "openpanel-client-secret": made["client"]["secret"]}
    footfall.backend().tracks("billed", profile="ann")
    footfall.backend(headers=other).sends(
        {"type": "track", "payload": {"name": "billed", "profileId": "ann"}}, **other
    )
    assert manage.delete("/projects/shop/profiles/ann")["removed"]["events"] == 1
    assert (rows(footfall), rows(footfall, "other")) == ({}, {"events": 1})


def test_a_deletion_that_is_not_made_at_once_is_made_later(footfall: Footfall, manage: Manage) -> None:
    ann_and_bob(footfall)
    footfall.settle()
    before = rows(footfall)
    with patch.object(footfall.server.erasing, "_wait_for", return_value=False):
        response = manage.ask("DELETE", "/projects/shop/profiles/ann%2F1")
    assert response.status_code == 202, (response.status_code, response.headers, response.text)
    assert response.json()["done"] is False
    assert rows(footfall) == before
    assert manage.ask("GET", f"/projects/shop/erasures/{response.json()['id']}").status_code == 404
    footfall.restart()
    footfall.settle()
    report = manage.get(f"/projects/shop/erasures/{response.json()['id']}")
    assert (report["done"], report["removed"]) == (True, ANN)
    assert rows(footfall) == BOB


def test_a_stop_between_the_deletion_and_its_report_loses_neither(footfall: Footfall, manage: Manage) -> None:
    ann_and_bob(footfall)
    footfall.settle()
    with patch.object(Journal, "settle_erasures", side_effect=[RuntimeError("stopped here"), None, None, None]):
        footfall.runtime.drain.pause = 0
        answer = manage.ask("DELETE", "/projects/shop/profiles/ann%2F1").json()
    assert rows(footfall) == BOB
    footfall.restart()
    report = manage.get(f"/projects/shop/erasures/{answer['id']}")
    assert (report["done"], report["removed"]) == (True, ANN)


def test_several_deletions_at_once_each_see_what_came_before_them(footfall: Footfall) -> None:
    erasing = footfall.server.erasing
    backend = footfall.backend()
    backend.tracks("one", profile="ann")
    first = erasing.begin("shop", Scope.PROFILE, "ann")
    backend.tracks("two", profile="ann")
    backend.tracks("three", profile="ann")
    second = erasing.begin("shop", Scope.PROFILE, "ann")
    backend.tracks("four", profile="ann")
    footfall.settle()
    found = [erasing.report(record.id) for record in (first, second)]
    assert [report.removed.events for report in found if report] == [1, 2]
    assert footfall.ask("SELECT name FROM events") == [("four",)]


def test_nobody_in_particular_cannot_be_deleted(footfall: Footfall) -> None:
    with pytest.raises(NotFound):
        footfall.server.erasing.begin("shop", Scope.PROFILE, "")


# -- by age


def retention_run(footfall: Footfall) -> None:
    footfall.server.upkeep.run()
    footfall.settle()


def test_what_is_older_than_the_retention_goes_every_night(footfall: Footfall, manage: Manage) -> None:
    """Whole days of the project: it is 13:00 in Berlin, where the day began at 23:00 UTC."""
    manage.patch("/projects/shop", {"timezone": "Europe/Berlin", "retentionDays": 2})
    day = "2026-03-08"
    for time in ("T22:59:50Z", "T22:59:59.999Z", "T23:00:00Z"):
        footfall.backend().tracks("ping", __timestamp=day.replace("08", "07") + time)
    visitor = footfall.visitor()
    footfall.clock.set("2026-03-07T10:00:00")
    visitor.views("/old")
    footfall.advance(seconds=5)
    visitor.views("/older")
    footfall.advance(hours=1)
    footfall.settle()
    footfall.clock.set("2026-03-10T12:00:00")
    visitor.views("/new")
    footfall.settle()
    assert rows(footfall) == {"events": 9, "sessions": 1, "open_sessions": 1, "dwells": 1}

    retention_run(footfall)
    # The first day that is kept is the 8th, which began at 23:00 UTC of the 7th.
    assert rows(footfall) == {"events": 3, "open_sessions": 1}
    assert footfall.ask("SELECT count(*) FROM events WHERE name = 'ping'") == [(1,)]
    (report,) = manage.get("/projects/shop/erasures")
    assert report["scope"] == "age"
    assert report["removed"] == {"events": 6, "sessions": 1, "dwells": 1, "profiles": 0, "groups": 0, "drops": 0}

    retention_run(footfall)
    footfall.restart()
    retention_run(footfall)
    assert len(manage.get("/projects/shop/erasures")) == 1
    footfall.advance(days=1)
    retention_run(footfall)
    assert footfall.ask("SELECT count(*) FROM events WHERE name = 'ping'") == [(0,)]
    assert len(manage.get("/projects/shop/erasures")) == 2
    footfall.advance(days=9)
    manage.patch("/projects/shop", {"retentionDays": None})
    retention_run(footfall)
    assert "sessions" in rows(footfall)


# -- a whole project


def test_a_deleted_projects_data_goes_after_a_day(footfall: Footfall, manage: Manage) -> None:
    ann_and_bob(footfall)
    footfall.backend().does("group", id="g", type="company", name="G")
    footfall.visitor(ua="Googlebot/2.1").views("/")
    other = manage.post("/projects", {"name": "Other"})
    body = {"type": "track", "payload": {"name": "hello"}}
    headers = {"openpanel-client-id": other["client"]["id"], "openpanel-client-secret": other["client"]["secret"]}
    assert footfall.request("POST", "/track", headers=headers, json=body).status_code == 200
    manage.post("/projects/shop/event-meta", {"name": "hello"})
    footfall.settle()
    assert set(rows(footfall)) == {"events", "open_sessions", "dwells", "profiles", "groups", "drops"}

    manage.delete("/projects/shop")
    footfall.advance(hours=23)
    retention_run(footfall)
    assert set(rows(footfall)) >= {"events", "profiles"}
    footfall.advance(hours=1, seconds=1)
    assert manage.ask("POST", "/projects/shop/restore").status_code == 404
    retention_run(footfall)
    assert rows(footfall) == {}
    assert rows(footfall, "other") == {"events": 1}
    # The rows first, then who they were of.
    assert [project.id for project in footfall.runtime.catalog.list_deleted_projects()] == ["shop"]
    footfall.restart()
    retention_run(footfall)
    assert footfall.runtime.catalog.list_deleted_projects() == []
    assert manage.get("/clients")[-1]["id"] == HOMELESS
    made = manage.post("/projects", {"name": "Shop"})
    assert (made["id"], made["eventsCount"]) == ("shop", 0)
    assert manage.get("/projects/shop/event-meta") == []


# -- what was set aside


def test_what_was_set_aside_is_deleted_too(make_footfall: Callable[..., Footfall]) -> None:
    footfall = make_footfall()
    footfall.backend().tracks("ok", profile="ann")
    take = Batching._take

    def fail(self: Batching, record: Any, *rest: Any) -> None:
        if getattr(record, "name", "") == "bad":
            raise ValueError("it can't be drained")
        take(self, record, *rest)

    with patch.object(Batching, "_take", fail):
        for profile in ("ann", "ben"):
            footfall.backend().tracks("bad", profile=profile)
        footfall.settle()
    assert footfall.runtime.journal.quarantined() == 2
    footfall.server.erasing.run("shop", Scope.PROFILE, "ann")
    assert footfall.runtime.journal.quarantined() == 1
