"""Saved reports answer with what their chart type asks. Source: openpanel contract §8.6, §12.2."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.clock import Clock
from support.footfall import READER, SECRET, Footfall
from support.hostile import nested
from support.manage import Manage

READ = {"openpanel-client-id": READER, "openpanel-client-secret": SECRET}


@pytest.fixture(scope="module")
def manage(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manage]:
    """On 10 March 2026: Ann signs up and buys, Bob only signs up; both see one page first."""
    folder = shutil.copytree(template, tmp_path_factory.mktemp("reports") / "data")
    footfall = Footfall(folder, Clock(), reads=True)
    for who, deeds in (("ann", ("sign_up", "purchase")), ("bob", ("sign_up",))):
        visitor = footfall.visitor()
        visitor.views("/", profile=who)
        for deed in deeds:
            footfall.advance(seconds=10)
            visitor.tracks(deed, profile=who)
    footfall.settle()
    manage = Manage(footfall)
    manage.footfall.board = manage.post("/projects/shop/dashboards", {"name": "Board"})["id"]  # type: ignore[attr-defined]
    yield manage
    footfall.stop()


def answer(manage: Manage, headers: dict[str, str] = READ, **report: Any) -> Any:
    board = manage.footfall.board  # type: ignore[attr-defined]
    made = manage.post(f"/projects/shop/dashboards/{board}/reports", {"name": "R", "range": "today", **report})
    response = manage.footfall.request("GET", f"/insights/shop/reports/{made['id']}/data", headers=headers)
    body = response.json()
    if response.status_code == 200:
        assert set(body) == {"id", "name", "chartType", "range", "interval", "startDate", "endDate", "data"}
        assert (body["id"], body["chartType"]) == (made["id"], report["chartType"])
        assert (body["startDate"], body["endDate"], body["range"]) == ("2026-03-10", "2026-03-10", "today")
    return body


STEPS = [{"name": "sign_up"}, {"name": "purchase"}]


@pytest.mark.parametrize("chart_type", ["linear", "bar", "area", "metric", "histogram", "pie", "map"])
def test_a_chart(manage: Manage, chart_type: str) -> None:
    series = [{"name": "sign_up", "segment": "user"}, {"name": "purchase"}]
    data = answer(manage, chartType=chart_type, series=series)["data"]
    assert {line["event"]["name"]: line["metrics"]["sum"] for line in data["series"]} == {
        "sign_up": 2,
        "purchase": 1,
    }


def test_a_funnel(manage: Manage) -> None:
    data = answer(manage, chartType="funnel", events=STEPS, options={"groupBy": "profile_id"})["data"]
    assert [step["users"] for step in data["steps"]] == [2, 1]


def test_a_filter_of_the_whole_report(manage: Manage) -> None:
    filters = [{"name": "profile_id", "operator": "is", "value": ["bob"]}]
    data = answer(manage, chartType="funnel", events=STEPS, filters=filters)["data"]
    assert [step["users"] for step in data["steps"]] == [1, 0]


def test_a_conversion(manage: Manage) -> None:
    (line,) = answer(manage, chartType="conversion", events=STEPS, interval="day")["data"]
    assert (line["id"], line["total"], line["conversions"], line["rate"]) == ("conversion", 2, 1, 50)
    assert line["data"] == [{"date": "2026-03-10T00:00:00.000Z", "total": 2, "conversions": 1, "rate": 50}]


def test_a_retention(manage: Manage) -> None:
    average, cohort = answer(manage, chartType="retention", events=STEPS, interval="day")["data"]
    assert (average["cohort_interval"], cohort["sum"], cohort["values"]) == ("Weighted Average", 2, [1])


def test_a_sankey(manage: Manage) -> None:
    data = answer(manage, chartType="sankey", events=[{"name": "sign_up"}])["data"]
    assert (data["mode"], data["startEvent"]) == ("after", "sign_up")
    assert data["links"] == [{"source": "sign_up::step1", "target": "purchase::step2", "value": 1}]


UNANSWERABLE: list[tuple[dict[str, Any], str]] = [
    ({"chartType": "conversion", "events": [{"name": "sign_up"}]}, "series"),
    ({"chartType": "linear", "events": [{"name": 5}]}, "series/0/name"),
    ({"chartType": "linear", "events": [{"name": "x"}], "formula": "A +"}, "formula"),
    ({"chartType": "linear", "events": [{"name": "x"}], "range": "1y", "interval": "minute"}, "range"),
    ({"chartType": "linear", "events": [{"name": "x"}], "range": "12m", "interval": "minute"}, "interval"),
    ({"chartType": "linear", "events": [], "breakdowns": [{"name": "cohort:1"}]}, "breakdowns/0/name"),
    ({"chartType": "funnel", "events": STEPS, "options": {"windowHours": "long"}}, "options/windowHours"),
    ({"chartType": "funnel", "events": STEPS, "options": {"groupBy": "moon"}}, "options/groupBy"),
    (
        {
            "chartType": "funnel",
            "events": STEPS,
            "filters": [{"name": "path", "operator": "regex", "value": ["("]}],
        },
        "filters",
    ),
    ({"chartType": "sankey", "events": []}, "series"),
    ({"chartType": "sankey", "events": [{"name": "x"}], "options": {"exclude": "y"}}, "options/exclude"),
    (
        {"chartType": "linear", "events": [{"name": "x"}], "startDate": "never", "endDate": "2024-01-01"},
        "startDate",
    ),
]


@pytest.mark.parametrize(("report", "where"), UNANSWERABLE)
def test_what_cannot_be_asked_is_not_saved(manage: Manage, report: dict[str, Any], where: str) -> None:
    reports = f"/projects/shop/dashboards/{manage.footfall.board}/reports"  # type: ignore[attr-defined]
    before = manage.get(reports)
    refused = manage.ask("POST", reports, {"name": "R", **report})
    assert (refused.status_code, refused.json()["message"].partition(" ")[0]) == (400, f"body/{where}")
    assert manage.get(reports) == before
    fine = manage.post(reports, {"name": "R", "events": STEPS})
    assert manage.ask("PATCH", f"{reports}/{fine['id']}", report).status_code == 400
    assert manage.get(f"{reports}/{fine['id']}") == fine


def test_what_dates_have_made_unanswerable_says_so_and_can_be_renamed_and_mended(manage: Manage) -> None:
    reports = f"/projects/shop/dashboards/{manage.footfall.board}/reports"  # type: ignore[attr-defined]
    made = manage.post(reports, {"name": "R", "events": STEPS, "range": "7d", "endDate": "2026-03-10"})
    path = f"/insights/shop/reports/{made['id']}/data"
    saved = manage.footfall.runtime.catalog.saved.reports
    saved.change(made["id"], {"end_date": "2026-02-10"})  # as it looks a month later
    old = manage.footfall.request("GET", path, headers=READ)
    assert (old.status_code, old.json()["details"]["issues"][0]["path"]) == (400, ["endDate"])
    assert manage.patch(f"{reports}/{made['id']}", {"name": "Old"})["name"] == "Old"
    manage.patch(f"{reports}/{made['id']}", {"endDate": None})
    assert manage.footfall.request("GET", path, headers=READ).status_code == 200


def test_what_the_dashboard_answers_by_other_routes_is_kept_as_it_is(manage: Manage) -> None:
    reports = f"/projects/shop/dashboards/{manage.footfall.board}/reports"  # type: ignore[attr-defined]
    ways = manage.post(
        reports, {"name": "Ways", "chartType": "sankey", "options": {"kind": "journeys", "steps": "3"}}
    )
    assert (ways["series"], ways["options"]["kind"]) == ([], "journeys")


def test_a_report_that_could_not_be_shown_is_not_kept(manage: Manage) -> None:
    path = f"/projects/shop/dashboards/{manage.footfall.board}/reports"  # type: ignore[attr-defined]
    before = manage.get(path)
    for more in ({"options": nested(300)}, {"events": [nested(300)]}):
        answer = manage.ask("POST", path, {"name": "R", "chartType": "linear", **more})
        assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")
    assert manage.get(path) == before


def test_a_report_that_is_not_the_projects(manage: Manage) -> None:
    path = "/insights/shop/reports/99999999-9999-4999-8999-999999999999/data"
    response = manage.footfall.request("GET", path, headers=READ)
    assert (response.status_code, response.json()["message"]) == (404, "Report not found")
