"""Share links, segments, links and pixels (umami contract §3.4, §4.1, §4.2)."""

from typing import Any

import pytest

from support.umami import NOBODY, Person, Umami


@pytest.fixture(scope="module")
def site(umami: Umami) -> Any:
    return umami.bob.post("websites", name="Shown", domain="shown.example", shareId="shown-to-all")


def test_a_share_link_leads_to_a_token_that_reads_one_website(umami: Umami, site: Any) -> None:
    found = umami.nobody.get("share/shown-to-all")
    assert set(found) == {"shareId", "shareType", "parameters", "websiteId", "token"}
    assert (found["shareType"], found["websiteId"], found["parameters"]) == (1, site["id"], {})
    guest = umami.shared("shown-to-all")
    assert guest.get(f"websites/{site['id']}")["name"] == "Shown"
    me = guest.get("me")
    assert (me["user"], me["authType"]) == (None, "share")
    assert me["shareToken"] == {"shareId": "shown-to-all", "websiteId": site["id"]}


def test_it_reads_nothing_else_and_changes_nothing(umami: Umami, site: Any) -> None:
    guest = umami.shared("shown-to-all")
    other = umami.bob.post("websites", name="Hidden", domain="")
    path = f"websites/{site['id']}"
    for method, where in (
        ("get", f"websites/{other['id']}"),
        ("post", path),
        ("delete", path),
        ("post", f"{path}/reset"),
        ("get", f"{path}/shares"),
        ("get", "websites"),
        ("get", "me/websites"),
        ("get", "me/api-keys"),
        ("get", "teams"),
        ("get", f"users/{umami.bob.id}"),
        ("get", "admin/users"),
        ("post", "auth/verify"),
        ("get", "links"),
    ):
        body = {} if method == "post" else None
        assert guest.refused(method, where, body)[0] == 401, where
    transfer = {"userId": umami.cleo.id}
    assert guest.refused("post", f"{path}/transfer", transfer)[0] == 401
    assert guest.refused("post", f"{path}/shares", {"name": "More"})[0] == 401


def test_a_visitor_s_token_is_no_share_token(umami: Umami, site: Any) -> None:
    """The tokens of /api/send are signed with the same key, and name a website too."""
    tokens = umami.footfall.server.questions.made().tokens
    for claims in ({"websiteId": site["id"]}, {"type": "cache", "websiteId": site["id"], "shareId": "x"}):
        headers = {"x-umami-share-token": tokens.sign(claims)}
        guest = Person(umami.footfall, None, headers)
        assert guest.refused("get", f"websites/{site['id']}")[0] == 401
    assert Person(umami.footfall, None, {"x-umami-share-token": "x"}).refused("get", "me")[0] == 401


def test_a_deleted_share_link_ends_its_tokens(umami: Umami, site: Any) -> None:
    made = umami.bob.post(f"websites/{site['id']}/shares", name="For a friend", parameters={"events": False})
    contract = ("id", "entityId", "shareType", "name", "slug", "parameters", "createdAt", "updatedAt")
    assert set(made) == {*contract, "hasPassword", "embedOrigins"}
    assert (made["entityId"], made["shareType"], made["parameters"]) == (site["id"], 1, {"events": False})
    assert len(made["slug"]) == 16
    guest = umami.shared(made["slug"])
    assert guest.get(f"websites/{site['id']}")["id"] == site["id"]
    page = umami.bob.get(f"websites/{site['id']}/shares")
    assert [each["name"] for each in page["data"]] == ["Share", "For a friend"]
    assert umami.bob.get(f"share/id/{made['id']}") == made
    renamed = umami.bob.post(f"share/id/{made['id']}", name="For friends", slug="friends")
    assert (renamed["name"], renamed["slug"], renamed["parameters"]) == (
        "For friends",
        "friends",
        {"events": False},
    )
    taken = {"slug": "shown-to-all"}
    assert umami.bob.refused("post", f"share/id/{made['id']}", taken)[0] == 400
    for other in (umami.cleo, umami.nobody):
        assert other.refused("get", f"share/id/{made['id']}")[0] == 401
        assert other.refused("delete", f"share/id/{made['id']}")[0] == 401
    assert umami.bob.delete(f"share/id/{made['id']}") == {"ok": True}
    assert guest.refused("get", f"websites/{site['id']}")[0] == 401
    assert umami.bob.refused("get", f"share/id/{made['id']}")[0] == 404


def test_a_share_link_of_anything(umami: Umami, site: Any) -> None:
    made = umami.bob.post("share", entityId=site["id"], shareType=1, name="Again", parameters={})
    assert made["entityId"] == site["id"]
    assert umami.cleo.refused("post", "share", {"entityId": site["id"], "name": "No"})[0] == 401
    assert umami.bob.refused("post", "share", {"entityId": "7", "name": "No"})[1]["properties"] == {
        "entityId": {"errors": ["Invalid UUID"]}
    }


def test_an_unknown_share_link_is_404(umami: Umami) -> None:
    missing = (404, {"message": "Not found", "code": "not-found", "status": 404})
    assert umami.nobody.refused("get", "share/no-such-link") == missing


def test_segments_are_kept_with_their_website(umami: Umami, site: Any) -> None:
    path = f"websites/{site['id']}/segments"
    filters = {"filters": [{"name": "country", "operator": "eq", "value": "DE"}], "match": "all"}
    made = umami.bob.post(path, type="segment", name="Germans", parameters=filters)
    assert set(made) == {"id", "websiteId", "type", "name", "parameters", "createdAt", "updatedAt"}
    assert (made["websiteId"], made["parameters"]) == (site["id"], filters)
    umami.bob.post(path, type="cohort", name="Buyers", parameters={})
    assert [each["name"] for each in umami.bob.get(path)["data"]] == ["Buyers", "Germans"]
    assert [each["name"] for each in umami.bob.get(path, type="cohort")["data"]] == ["Buyers"]
    assert umami.shared("shown-to-all").get(f"{path}/{made['id']}") == made
    assert umami.bob.post(f"{path}/{made['id']}", name="All Germans")["parameters"] == filters
    other = umami.bob.post("websites", name="Other", domain="")
    assert umami.bob.refused("get", f"websites/{other['id']}/segments/{made['id']}")[0] == 404
    assert umami.cleo.refused("get", path)[0] == 401
    assert umami.cleo.refused("post", path, {"type": "segment", "name": "x", "parameters": {}})[0] == 401
    huge = {"type": "segment", "name": "x", "parameters": {"x": "y" * 70_000}}
    assert umami.bob.refused("post", path, huge)[0] == 400
    assert umami.bob.refused("post", path, {"type": "x", "name": "x", "parameters": []})[1]["properties"] == {
        "type": {"errors": ['Invalid option: expected one of "segment"|"cohort"']},
        "parameters": {"errors": ["Invalid input: expected object, received array"]},
    }
    assert umami.bob.delete(f"{path}/{made['id']}") == {"ok": True}
    assert umami.bob.refused("get", f"{path}/{made['id']}")[0] == 404


def test_a_link_and_a_pixel_are_kept_beside_the_websites(umami: Umami) -> None:
    before = [each["id"] for each in umami.bob.get("websites", pageSize=500)["data"]]
    link = umami.bob.post("links", name="Ad", url="https://shown.example/?utm_source=ad", slug="ad")
    assert set(link) == {*("id", "name", "slug", "url", "userId", "teamId", "createdAt", "updatedAt", "deletedAt")}
    pixel = umami.bob.post("pixels", name="Newsletter")
    assert set(pixel) == set(link) - {"url"}
    assert len(pixel["slug"]) == 16
    assert umami.bob.get("links")["data"] == [link]
    assert umami.bob.get("pixels")["data"] == [pixel]
    assert umami.bob.get(f"links/{link['id']}") == link
    assert umami.bob.refused("get", f"pixels/{link['id']}")[0] == 404
    assert [each["id"] for each in umami.bob.get("websites", pageSize=500)["data"]] == before
    assert link["id"] not in {str(project.uuid) for project in umami.catalog.list_projects()}
    changed = umami.bob.post(f"links/{link['id']}", url="https://elsewhere.example/")
    assert (changed["url"], changed["slug"], changed["name"]) == ("https://elsewhere.example/", "ad", "Ad")
    share = umami.bob.post(f"links/{link['id']}/shares", name="The ad")
    assert share["shareType"] == 2
    assert umami.nobody.get(f"share/{share['slug']}")["linkId"] == link["id"]
    assert umami.cleo.refused("get", f"links/{link['id']}")[0] == 401
    assert umami.cleo.refused("delete", f"links/{link['id']}")[0] == 401
    assert umami.cleo.get("links")["data"] == []
    assert umami.bob.refused("post", "links", {"name": "x", "url": "https://x.example", "slug": "ad"})[0] == 400
    assert umami.bob.delete(f"links/{link['id']}") == {"ok": True}
    assert umami.bob.get("links")["data"] == []
    assert umami.bob.refused("delete", f"links/{NOBODY}")[0] == 404


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x.example", "https://a\r\nb", ""])
def test_a_link_leads_to_the_web_only(umami: Umami, url: str) -> None:
    assert umami.bob.refused("post", "links", {"name": "x", "url": url})[0] == 400


def test_links_of_a_team(umami: Umami) -> None:
    team = umami.bob.post("teams", name="Ads")[0]
    link = umami.bob.post("links", name="Team ad", url="https://x.example/", teamId=team["id"])
    assert (link["teamId"], link["userId"]) == (team["id"], None)
    assert umami.bob.get(f"teams/{team['id']}/links")["data"] == [link]
    assert umami.cleo.refused("get", f"teams/{team['id']}/links")[0] == 401
