"""Saved reports and currencies over HTTP (umami contract §5.1 to §5.5, and the seed's examples)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from footfall.api.umami.dates import read_date
from support.facts import Facts, did, ms, paid
from support.hostile import nested
from support.umami import NOBODY, Person, Umami

PARAMETERS = {
    "fields": [{"name": "url", "type": "string", "label": "URL"}],
    "filters": [],
    "dateRange": {
        "startDate": "2025-05-17T22:00:00.000Z",
        "endDate": "2025-05-24T21:59:59.999Z",
        "unit": "day",
        "offset": 0,
        "num": 90,
        "value": "90day",
    },
}


@pytest.fixture
def website(umami: Umami) -> Iterator[str]:
    """A website of bob's."""
    made = umami.bob.post("websites", name="Bob's", domain="example.com")["id"]
    yield made
    umami.bob.delete(f"websites/{made}")


def save(person: Person, website: str, **fields: Any) -> Any:
    """A report like the seed's."""
    body = {"websiteId": website, "type": "insights", "name": "Insights", "description": ""}
    return person.post("reports", {**body, "parameters": {**PARAMETERS, "websiteId": website}, **fields})


def test_a_report_is_listed_with_its_parameters_as_text_and_read_with_them_as_an_object(
    umami: Umami, website: str
) -> None:
    made = save(umami.bob, website)
    same = {
        "id": made["id"],
        "userId": umami.bob.id,
        "websiteId": website,
        "type": "insights",
        "name": "Insights",
        "description": "",
        "createdAt": made["createdAt"],
        "updatedAt": made["updatedAt"],
    }
    whole = {**PARAMETERS, "websiteId": website}
    listed = umami.bob.get("reports", websiteId=website)
    text = listed["data"][0].pop("parameters")
    assert isinstance(text, str)
    assert json.loads(text) == whole
    assert listed == {
        "data": [{**same, "website": {"domain": "example.com"}}],
        "count": 1,
        "pageSize": 10,
        "page": 1,
    }
    assert umami.bob.get(f"reports/{made['id']}") == {**same, "parameters": whole}
    assert json.loads(made.pop("parameters")) == whole
    assert made == same


def test_a_report_of_generation_3_is_told_with_its_parameters_as_an_object(umami: Umami, website: str) -> None:
    parameters = {"startDate": 0, "endDate": 1, "fields": ["path"]}
    body = {"websiteId": website, "type": "breakdown", "name": "B", "parameters": parameters}
    made = umami.bob.post("reports", body)
    assert (made["parameters"], made["description"]) == (parameters, "")
    page = umami.bob.get("reports", websiteId=website, type="breakdown")
    assert page == {"data": [made], "count": 1, "page": 1, "pageSize": 20}
    assert umami.bob.get("reports", websiteId=website, type="goal")["data"] == []


def test_a_report_is_changed_by_its_author_and_by_admins(umami: Umami, website: str) -> None:
    made = save(umami.bob, website)
    changed = save_over(umami.ada, made["id"], website, name="Other", description="x")
    assert (changed["name"], changed["description"], changed["userId"]) == ("Other", "x", umami.ada.id)
    assert changed["updatedAt"] >= made["updatedAt"]
    assert umami.cleo.refused("post", f"reports/{made['id']}", body(website)) == (401, "Unauthorized")
    assert umami.bob.refused("post", f"reports/{NOBODY}", body(website)) == (404, "Not found")


def body(website: str, **fields: Any) -> dict[str, Any]:
    """A report as it is posted."""
    base = {"websiteId": website, "type": "utm", "name": "n", "description": "", "parameters": {"dateRange": {}}}
    return {**base, **fields}


def save_over(person: Person, report_id: str, website: str, **fields: Any) -> Any:
    """Another report in its place."""
    return person.post(f"reports/{report_id}", body(website, **fields))


def test_a_report_moves_only_to_a_website_that_its_author_may_change(umami: Umami, website: str) -> None:
    made = save(umami.bob, website)
    other = umami.bob.post("websites", name="Second", domain="second.example")["id"]
    foreign = umami.cleo.post("websites", name="Cleo's", domain="cleo.example")["id"]
    assert umami.bob.refused("post", f"reports/{made['id']}", body(foreign)) == (401, "Unauthorized")
    assert save_over(umami.bob, made["id"], other)["websiteId"] == other
    assert umami.bob.get("reports", websiteId=website)["count"] == 0


def test_a_report_is_deleted_once(umami: Umami, website: str) -> None:
    made = save(umami.bob, website)
    assert umami.cleo.refused("delete", f"reports/{made['id']}") == (401, "Unauthorized")
    assert umami.bob.delete(f"reports/{made['id']}") == {"ok": True}
    for method in ("get", "delete"):
        assert umami.bob.refused(method, f"reports/{made['id']}") == (404, "Not found")
    assert umami.bob.refused("get", "reports/not-an-id") == (404, "Not found")


def test_who_may_not_see_the_website_sees_no_report(umami: Umami, website: str) -> None:
    made = save(umami.bob, website)
    for person in (umami.cleo, umami.nobody):
        assert person.refused("get", f"reports/{made['id']}") == (401, "Unauthorized")
        assert person.refused("get", "reports", websiteId=website) == (401, "Unauthorized")
        assert person.refused("post", "reports", body(website)) == (401, "Unauthorized")
    assert umami.ada.get(f"reports/{made['id']}")["id"] == made["id"]
    slug = umami.bob.post(f"websites/{website}/shares", name="All", parameters={})["slug"]
    guest = umami.shared(slug)
    assert guest.get("reports", websiteId=website)["count"] == 1
    assert guest.refused("post", "reports", body(website)) == (401, "Unauthorized")
    assert guest.refused("delete", f"reports/{made['id']}") == (401, "Unauthorized")


def test_without_a_website_the_list_is_of_the_own_ones(umami: Umami, website: str) -> None:
    mine = save(umami.bob, website, name="Findable")
    theirs = umami.cleo.post("websites", name="Cleo's", domain="cleo.example")["id"]
    save(umami.cleo, theirs)
    by_ada = save(umami.ada, website)
    ids = {each["id"] for each in umami.bob.get("reports", pageSize=100)["data"]}
    assert {mine["id"], by_ada["id"]} <= ids
    assert {each["websiteId"] for each in umami.cleo.get("reports", pageSize=100)["data"]} == {theirs}
    for text in ("finDABLE", "ada", "EXAMPLE.com", "insight"):
        assert umami.bob.get("reports", websiteId=website, search=text)["count"] >= 1, text
    assert umami.bob.get("reports", websiteId=website, search="ada")["data"][0]["id"] == by_ada["id"]
    assert umami.bob.get("reports", websiteId=website, search="no such")["count"] == 0
    page = umami.bob.get("reports", websiteId=website, page=2, pageSize=1, orderBy="anything")
    assert [each["id"] for each in page["data"]] == [by_ada["id"]]


def test_the_reports_of_a_team_are_for_its_members(umami: Umami) -> None:
    team = umami.bob.post("teams", name="Makers")
    team_id = (team[0] if isinstance(team, list) else team)["id"]
    website = umami.bob.post("websites", name="Ours", domain="ours.example", teamId=team_id)["id"]
    made = save(umami.bob, website)
    assert [each["id"] for each in umami.bob.get("reports", teamId=team_id)["data"]] == [made["id"]]
    assert umami.cleo.refused("get", "reports", teamId=team_id) == (401, "Unauthorized")
    assert umami.bob.refused("get", "reports", teamId=NOBODY)[0] == 404


TOO_MUCH = ["parameters: The parameters must be at most 65536 bytes and 50 levels of JSON."]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"websiteId": "x"}, ["websiteId: Invalid uuid"]),
        ({"name": "n" * 201}, ["name: String must contain at most 200 character(s)"]),
        ({"description": "d" * 501}, ["description: String must contain at most 500 character(s)"]),
        ({"parameters": []}, ["parameters: Expected object, received array"]),
        ({"parameters": {"dateRange": "y" * 70_000}}, TOO_MUCH),
        ({"parameters": {"dateRange": nested(50)}}, TOO_MUCH),
        ({"parameters": {"dateRange": nested(500)}}, TOO_MUCH),  # which could be kept but never shown
    ],
)
def test_what_can_not_be_kept_is_refused(umami: Umami, website: str, fields: Any, error: list[str]) -> None:
    assert umami.bob.refused("post", "reports", body(website, **fields)) == (400, error)


def test_what_can_not_be_shown_is_not_kept(umami: Umami, website: str) -> None:
    deep = nested(300)
    for path, kept in (
        (f"websites/{website}/segments", {"type": "segment", "name": "x", "parameters": deep}),
        (f"websites/{website}/shares", {"name": "x", "parameters": deep}),
    ):
        assert umami.bob.refused("post", path, kept)[0] == 400
        assert umami.bob.get(path)["data"] == []
        made = umami.bob.post(path, {**kept, "parameters": {}})
        change = path if path.endswith("segments") else "share/id"
        assert umami.bob.refused("post", f"{change}/{made['id']}", {"parameters": deep})[0] == 400


def test_an_unknown_type_is_refused(umami: Umami, website: str) -> None:
    status, error = umami.bob.refused("post", "reports", body(website, type="magic"))
    assert status == 400
    assert error[0].startswith("type: Invalid enum value.")


# currencies


@pytest.fixture(scope="module")
def paid_in(umami: Umami) -> str:
    """A website that was paid in four currencies."""
    made = umami.ada.post("websites", name="Paid", domain="paid.example")["id"]
    runtime = umami.footfall.runtime
    facts = Facts(runtime.catalog.get_project(made).id)
    facts.visit("ann", "2025-03-27 10:00", did("order", {"Currency": "USD", "revenue": "x"}), paid(100))
    facts.visit("ann", "2025-06-24 21:59:59", did("order", {"currency_code": "FR"}))
    facts.visit("ann", "2025-06-24 22:00:00", did("order", {"currency": "GBP"}))
    runtime.store.write(facts.batch(runtime.store.position() + 1))
    return str(made)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (
            "Thu Mar 27 2025 00:00:00 GMT+0100 (Central European Standard Time)",
            "Tue Jun 24 2025 23:59:59 GMT+0200 (Central European Summer Time)",
        ),
        (
            "Thu Mar 27 2025 00:00:00 GMT 0100 (Central European Standard Time)",
            "Tue Jun 24 2025 23:59:59 GMT 0200 (Central European Summer Time)",
        ),
        ("2025-03-27", "2025-06-24T21:59:59.000Z"),
        ("1743030000000", "1750802399999"),
    ],
)
def test_currencies_take_dates_in_every_spelling(umami: Umami, paid_in: str, start: str, end: str) -> None:
    found = umami.ada.get("reports/revenue", websiteId=paid_in, startDate=start, endDate=end)
    assert found == [{"currency": "EUR"}, {"currency": "FR"}, {"currency": "USD"}]


def test_currencies_say_what_is_wrong(umami: Umami, paid_in: str) -> None:
    query = {"websiteId": paid_in, "startDate": "0", "endDate": "2025-03-01"}
    status, error = umami.ada.refused("get", "reports/revenue", **{**query, "startDate": "soon"})
    assert (status, error) == (400, ["startDate: Invalid date"])
    assert umami.bob.refused("get", "reports/revenue", **query) == (401, "Unauthorized")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1742770800000, ms("2025-03-23 23:00")),
        ("2025-03-24T00:00:00.123+01:00", ms("2025-03-23 23:00") + 123),
        ("2025-03-24T00:00", ms("2025-03-24")),
        ("2025", ms("2025-01-01")),
        ("Mon, 24 Mar 2025 00:00:00 GMT", ms("2025-03-24")),
        ("Mon Mar 24 2025 00:00:00 GMT-0330", ms("2025-03-24 03:30")),
        ("Mar 24, 2025", ms("2025-03-24")),
        (None, 0),
        (True, 1),
        ("2025-02-30", None),
        ("0000-00-00T00:00:00.000Z", None),
        ("24.03.2025", None),
        ("", None),
        (1e300, None),
        (10**400, None),
        (float("nan"), None),
        ([], None),
    ],
)
def test_dates_are_read_as_in_javascript(value: object, read: int | None) -> None:
    assert read_date(value) == read
