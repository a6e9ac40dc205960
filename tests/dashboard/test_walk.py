"""Every route of OpenPanel's APIs, asked with a cookie that does not reach the project."""

import re

import pytest

from support.dashboard import Browser
from support.footfall import Footfall

SHARED = re.compile(
    r"/insights/bobs/(metrics|live|overview|events/names|pages|pages/(top|entry_exit|performance)|traffic/\w+"
    r"|\w*referrer\w*|utm_\w+|country|region|city|device|brand|model|browser\w*|os\w*)|/export/charts"
)
"""What a share link shows. A route that is new is not in here, and must be refused."""
INGESTION = re.compile(r"/(track|event|profile|import)(/.*)?")
"""What takes a client's id, and no cookie."""
OWN_LISTS = {"/manage/projects", "/manage/clients", "/manage/references"}


def _routes(looked_at: Footfall) -> list[tuple[str, str]]:
    """Method and path of each, about bob's project or a thing of it."""
    described = looked_at.request("GET", "/documentation/json").json()["paths"]
    found = []
    for path, methods in described.items():
        about = re.sub(r"\{\w+\}", "11111111-1111-4111-8111-111111111111", path.replace("{project_id}", "bobs"))
        query = "?projectId=bobs" if path.startswith("/export/") else ""
        found.extend((method.upper(), about + query) for method in methods)
    assert len(found) > 80
    return found


@pytest.mark.parametrize("name", ["cleo", "vic"])
def test_a_stranger_reaches_nothing_of_a_project(looked_at: Footfall, bobs: str, name: str) -> None:
    stranger = Browser(looked_at).signs_in(name)
    for method, path in _routes(looked_at):
        response = stranger.ask(method, path, {} if method in ("POST", "PATCH") else None)
        if path in OWN_LISTS:
            expected = {200, 400} if method == "GET" or name == "cleo" else {400, 403}
            assert response.status_code in expected, (method, path)
            assert method != "GET" or response.json() == {"data": []}
        else:
            expected = {401} if INGESTION.fullmatch(path) else {403, 404}
            assert response.status_code in expected, (method, path, response.text)


def test_a_share_link_shows_what_is_listed_here_and_no_more(looked_at: Footfall, bobs: str) -> None:
    looked_at.runtime.catalog.shares.create(bobs, slug="walked")
    guest = Browser(looked_at)
    guest.good("POST", "/dashboard/share/walked")
    shown = set()
    for method, path in _routes(looked_at):
        status = guest.status(method, path, {} if method in ("POST", "PATCH") else None)
        if status in (200, 400):
            assert method == "GET"
            shown.add(path.partition("?")[0])
        else:
            assert status in (401, 403, 404), (method, path)
    assert shown == {path for path in shown if SHARED.fullmatch(path)}
    assert {"/insights/bobs/metrics", "/insights/bobs/country", "/export/charts"} <= shown
