"""`POST /api/batch`, short links and pixels (umami contract §1.7, §1.8)."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response

from api.umami.sending import Page
from footfall.catalog.projects import NewProject
from footfall.model.project import Project, ProjectKind
from support.footfall import GOOGLEBOT, Footfall

GOAL = "https://elsewhere.example/a?b=c#d"


def _bodies(page: Page, *urls: str) -> list[dict[str, Any]]:
    return [{"type": "event", "payload": page.payload(url=url)} for url in urls]


# -- batches


def test_a_batch_counts_each_body(footfall: Footfall) -> None:
    page = Page(footfall)
    token = page.sends(url="/")["cache"]
    answer = page.posts(_bodies(page, "/a", "/b"), "/api/batch", x_umami_cache=token)
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("cache") == token
    assert body == {"size": 2, "processed": 2, "errors": 0, "details": []}
    assert sorted(event.path for event in footfall.events()) == ["/", "/a", "/b"]
    assert footfall.session().screen_view_count == 3


def test_what_is_wrong_with_one_does_not_stop_the_others(footfall: Footfall) -> None:
    page = Page(footfall)
    unknown = {"type": "event", "payload": {"website": "0d0d0d0d-1111-4222-8333-444455556666"}}
    good, last = _bodies(page, "/a", "/b")
    robot = {"type": "event", "payload": page.payload(url="/", userAgent=GOOGLEBOT)}
    answer = page.posts([good, 7, unknown, robot, {"type": "event"}, last], "/api/batch").json()
    assert (answer["size"], answer["processed"], answer["errors"]) == (6, 3, 3)
    assert [detail["index"] for detail in answer["details"]] == [1, 2, 4]
    errors = [detail["response"]["error"] for detail in answer["details"]]
    assert [error["message"] for error in errors] == ["Bad request", "Website not found.", "Bad request"]
    assert set(errors[2]["properties"]) == {"payload"}
    assert sorted(event.path for event in footfall.events()) == ["/a", "/b"]


def test_batches_in_the_words_of_generation_2(make_footfall: Callable[..., Footfall]) -> None:
    page = Page(make_footfall(umami_stats="v2"))
    answer = page.posts([{}], "/api/batch").json()
    assert answer["details"] == [{"index": 0, "response": {"error": ["type: Required", "payload: Required"]}}]


@pytest.mark.parametrize(("body", "kind"), [({}, "object"), ("x", "string"), (None, "null"), (7, "number")])
def test_a_batch_is_a_list(footfall: Footfall, body: object, kind: str) -> None:
    answer = Page(footfall).posts(body, "/api/batch")
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "message": "Bad request",
        "code": "bad-request",
        "status": 400,
        "errors": [f"Invalid input: expected array, received {kind}"],
    }


def test_an_empty_and_a_large_batch(footfall: Footfall) -> None:
    page = Page(footfall)
    assert page.posts([], "/api/batch").json() == {"size": 0, "processed": 0, "errors": 0, "details": []}
    answer = page.posts(_bodies(page, *(f"/{number}" for number in range(1200))), "/api/batch").json()
    assert answer["processed"] == 1200
    assert len(footfall.events()) == 1200


def test_a_batch_of_nonsense_takes_little(footfall: Footfall) -> None:
    page = Page(footfall)
    answer = page.posts([0] * 30_000, "/api/batch")
    assert (answer.status_code, answer.json()["errors"]) == (200, 30_000)
    assert len(answer.content) < 2**22 * 1.2  # what is told of them, and where they stood
    assert answer.json()["details"][0]["index"] == 0
    refused = page.posts(b"[0" + b",0" * 50_000 + b"]", "/api/batch")
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "payload-too-large")


# -- links and pixels


@pytest.fixture
def link(footfall: Footfall) -> Project:
    """A short link to another site."""
    new = NewProject(name="Link", kind=ProjectKind.LINK)
    return footfall.runtime.catalog.links.create(new, "go", GOAL)[1]


@pytest.fixture
def pixel(footfall: Footfall) -> Project:
    """A pixel."""
    new = NewProject(name="Pixel", kind=ProjectKind.PIXEL)
    return footfall.runtime.catalog.links.create(new, "dot", None)[1]


def _goes(footfall: Footfall, path: str, method: str = "GET", **headers: str) -> Response:
    page = Page(footfall)
    return footfall.request(method, path, headers={**page.headers, "host": "go.example", **headers})


def test_a_link_leads_to_its_url_and_counts(footfall: Footfall, link: Project) -> None:
    answer = _goes(footfall, "/q/go?utm_source=mail&to=https://evil.example", referer="https://news.example/x")
    assert (answer.status_code, answer.headers["location"]) == (302, GOAL)
    assert answer.headers["cache-control"] == "no-store"
    event = footfall.event("screen_view")
    assert (event.project_id, event.path, event.origin) == (link.id, "/q/go", "https://go.example")
    assert event.properties["__query.utm_source"] == "mail"
    assert event.referrer == "https://news.example/x"
    assert footfall.session().project_id == link.id


def test_a_link_leads_there_even_if_nothing_counts(footfall: Footfall, link: Project) -> None:
    assert _goes(footfall, "/q/go", user_agent="").status_code == 302
    for headers in ({"user-agent": GOOGLEBOT}, {"referer": "http://"}):
        assert _goes(footfall, "/q/go", **headers).headers["location"] == GOAL
    assert _goes(footfall, "/q/go", "HEAD").headers["location"] == GOAL
    footfall.server.commit.refuse("the disk is full")
    assert _goes(footfall, "/q/go").headers["location"] == GOAL
    assert len(footfall.events()) == 1


def test_a_pixel_is_a_picture_and_counts(footfall: Footfall, pixel: Project) -> None:
    answer = _goes(footfall, "/p/dot")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content[:6] == b"GIF89a"
    assert answer.headers["cache-control"] == "no-store"
    assert footfall.event("screen_view").project_id == pixel.id


def test_a_slug_is_of_one_kind(footfall: Footfall, link: Project, pixel: Project) -> None:
    for path in ("/q/dot", "/p/go", "/q/nowhere", "/p/shop"):
        answer = _goes(footfall, path)
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Not found")
    assert _goes(footfall, "/q/go", "POST").status_code == 405


def test_a_hit_may_name_a_link_or_a_pixel(footfall: Footfall, link: Project, pixel: Project) -> None:
    page = Page(footfall)
    for kind, project in (("link", link), ("pixel", pixel)):
        body = {"type": "event", "payload": {kind: str(project.uuid), "url": "/here"}}
        assert "visitId" in page.posts(body).json()
        wrong = {"type": "event", "payload": {"website": str(project.uuid), "url": "/here"}}
        assert page.posts(wrong).json()["error"]["message"] == "Website not found."
    assert {event.project_id for event in footfall.events()} == {link.id, pixel.id}
