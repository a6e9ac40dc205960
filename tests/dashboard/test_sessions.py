"""The cookie: how it is given and taken, what it counts for, and which requests it does not count in."""

import time
from collections.abc import Callable
from unittest.mock import patch

import pytest

from support.dashboard import OWN, Browser
from support.footfall import Footfall
from support.umami import PASSWORD

HTTPS = {"x-forwarded-proto": "https"}
METRICS = "/insights/shop/metrics?range=7d"
LOGIN = {"username": "bob", "password": PASSWORD}


def _cookie(browser: Browser, **headers: str) -> tuple[str, set[str]]:
    """The name of the cookie that a sign-in gives, and what is said of it."""
    response = browser.ask("POST", "/dashboard/session", LOGIN, {**OWN, **headers})
    (line,) = response.headers.get_list("set-cookie")
    name, _, rest = line.partition("=")
    return name, set(rest.split("; ")[1:])


def test_who_signs_in_gets_a_cookie_that_scripts_and_other_sites_never_see(looked_at: Footfall) -> None:
    flags = {"Max-Age=2592000", "Path=/", "HttpOnly", "SameSite=Strict"}
    assert _cookie(Browser(looked_at)) == ("footfall", flags)
    assert _cookie(Browser(looked_at), **HTTPS) == ("__Host-footfall", {*flags, "Secure"})


def test_only_a_trusted_proxy_says_that_it_is_https(looked_at: Footfall) -> None:
    response = looked_at.request(
        "POST", "/dashboard/session", peer="203.0.113.9", headers={**OWN, **HTTPS}, json=LOGIN
    )
    assert response.headers["set-cookie"].startswith("footfall=")


def test_over_https_only_the_cookie_of_this_very_host_counts(looked_at: Footfall) -> None:
    browser = Browser(looked_at).signs_in("bob")
    browser.headers |= HTTPS
    assert browser.get("/dashboard/session")["user"] is None


def test_a_session_tells_who_it_is_and_what_may_be_seen(looked_at: Footfall, bob: Browser, cleo: Browser) -> None:
    nobody = Browser(looked_at).get("/dashboard/session")
    assert nobody == {
        "user": None, "setup": False, "version": nobody["version"], "projects": [], "mayCreate": False, "share": None,
    }  # fmt: skip
    session = bob.get("/dashboard/session")
    assert (session["user"]["username"], session["user"]["role"], session["mayCreate"]) == ("bob", "user", True)
    (project,) = session["projects"]
    assert set(project) == {"id", "uuid", "name", "domain", "timezone", "types", "mayChange"}
    assert (project["id"], project["timezone"], project["mayChange"]) == ("bobs", "UTC", True)
    assert cleo.get("/dashboard/session")["projects"] == []


def test_signing_out_takes_the_cookie_away(looked_at: Footfall) -> None:
    browser = Browser(looked_at).signs_in("bob")
    assert browser.good("DELETE", "/dashboard/session")["user"] is None
    assert browser.cookies == {}


@pytest.mark.parametrize("wrong", [{"username": "bob", "password": "wrong"}, {"username": "no", "password": "x"}])
def test_a_wrong_name_or_password_is_401_and_says_no_more(looked_at: Footfall, wrong: dict[str, str]) -> None:
    response = Browser(looked_at).ask("POST", "/dashboard/session", wrong)
    message = "Incorrect username or password"
    assert (response.status_code, response.json()) == (
        401,
        {"status": 401, "error": "Unauthorized", "message": message},
    )
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"username": 7}', b"{", b'{"username": "a", "password": "\\ud800"}']
)
def test_a_body_that_is_none_is_400_or_401(looked_at: Footfall, body: bytes) -> None:
    assert Browser(looked_at).status("POST", "/dashboard/session", body) in (400, 401)


def test_attempts_are_limited_with_those_at_umamis_login(make_looked_at: Callable[..., Footfall]) -> None:
    footfall = make_looked_at(rate_limit_login="3/60s", areas=True)
    wrong = {"username": "bob", "password": "wrong"}
    browser = Browser(footfall)
    assert browser.status("POST", "/dashboard/session", wrong) == 401
    assert browser.status("POST", "/api/auth/login", wrong) == 401
    assert browser.status("POST", "/dashboard/session", wrong) == 401
    refused = browser.ask("POST", "/dashboard/session", LOGIN)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    footfall.advance(seconds=61)
    assert browser.status("POST", "/dashboard/session", LOGIN) == 200


def test_a_new_password_ends_every_session(looked_at: Footfall) -> None:
    looked_at.runtime.catalog.create_user("dora", PASSWORD)
    earlier = time.time() - 60
    with patch("footfall.api.umami.tokens.time.time", lambda: earlier):
        one, other = Browser(looked_at).signs_in("dora"), Browser(looked_at).signs_in("dora")
    change = {"currentPassword": PASSWORD, "newPassword": "another horse"}
    assert one.status("POST", "/api/me/password", change) == 200
    assert one.get("/dashboard/session")["user"] is None
    assert other.get("/dashboard/session")["user"] is None
    assert other.status("GET", "/api/me") == 401


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"x-footfall": "0"},
        {"x-footfall": "1", "sec-fetch-site": "cross-site"},
        {"x-footfall": "1", "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-site", "referer": "http://footfall/site/shop"},
        {"referer": "http://evil.example/footfall"},
        {"referer": "http://["},
        {"origin": "http://evil.example"},
    ],
)
def test_the_cookie_counts_in_no_request_of_another_page(ada: Browser, said: dict[str, str]) -> None:
    assert ada.ask("GET", METRICS, headers=said).status_code == 401
    assert ada.ask("GET", "/api/me", headers=said).status_code == 401
    assert ada.ask("GET", "/dashboard/session", headers=said).json()["user"] is None
    new = {"name": "Not by another page"}
    assert ada.ask("POST", "/manage/projects", new, headers=said).status_code == 401
    assert ada.ask("POST", "/api/websites", {**new, "domain": ""}, headers=said).status_code == 401
    assert ada.ask("DELETE", "/dashboard/session", headers=said).status_code == 403


@pytest.mark.parametrize(
    "said", [{"sec-fetch-site": "same-origin"}, {"referer": "http://footfall/site/shop?range=7d"}]
)
def test_downloads_and_streams_of_our_own_pages_need_no_header(ada: Browser, said: dict[str, str]) -> None:
    assert ada.ask("GET", METRICS, headers=said).status_code == 200
    assert ada.ask("POST", "/manage/projects", {"name": "Not so"}, headers=said).status_code == 401


def test_another_site_cannot_sign_a_visitor_in(looked_at: Footfall) -> None:
    for said in ({}, {"sec-fetch-site": "cross-site", "x-footfall": "1"}, {"sec-fetch-site": "same-origin"}):
        response = Browser(looked_at).ask("POST", "/dashboard/session", LOGIN, headers=said)
        assert (response.status_code, response.headers.get("set-cookie")) == (403, None)


@pytest.mark.parametrize(
    "path", ["/dashboard/session", METRICS, "/api/me", "/manage/projects", "/track", "/api/send"]
)
def test_no_other_origin_may_send_credentials(ada: Browser, path: str) -> None:
    asked = {
        "origin": "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-footfall,content-type",
    }
    for response in (ada.ask("OPTIONS", path, headers=asked), ada.ask("GET", path, headers={**OWN, **asked})):
        assert "access-control-allow-credentials" not in response.headers
        assert response.headers.get("access-control-allow-origin", "*") == "*"
        if path.startswith("/dashboard/"):
            assert "access-control-allow-origin" not in response.headers


def test_credentials_of_the_request_itself_win_over_the_cookie(ada: Browser, looked_at: Footfall) -> None:
    wrong = {**OWN, "openpanel-client-id": "11111111-1111-4111-8111-111111111111", "openpanel-client-secret": "no"}
    assert ada.ask("GET", METRICS, headers=wrong).status_code == 401
    assert ada.ask("GET", "/api/me", headers={**OWN, "authorization": "Bearer no"}).status_code == 401


def test_a_cookie_of_nobody_is_as_good_as_none(looked_at: Footfall) -> None:
    browser = Browser(looked_at)
    for text in ("", "x", "a" * 400, "%00", '"'):
        browser.cookies = {"footfall": text, "footfall_share": text}
        assert browser.get("/dashboard/session")["user"] is None
        assert browser.status("GET", METRICS) == 401


def test_people_at_the_dashboard_have_a_limit_of_their_own(make_looked_at: Callable[..., Footfall]) -> None:
    footfall = make_looked_at(rate_limit_insights="2/10s", rate_limit_dashboard="5/10s", reads=True)
    ada = Browser(footfall).signs_in("ada")
    codes = [ada.status("GET", METRICS) for _ in range(6)]
    assert codes == [200] * 5 + [429]
    assert Browser(footfall).signs_in("bob").status("GET", METRICS) == 403
