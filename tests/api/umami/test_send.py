"""`POST /api/send`: ids, visits, events, what is refused (umami contract §1)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from api.umami.sending import Page
from footfall.api.umami.cache_token import CacheTokens
from footfall.catalog.projects import NewProject
from footfall.ingest.enrich.umami_ids import Identities, key_text
from support.footfall import CHROME, FIREFOX, GOOGLEBOT, Footfall

SECRET = "test-secret"
WEBSITE = "0d0d0d0d-1111-4222-8333-444455556666"
SESSION, VISIT = "327aeae8-a156-5101-a177-6dcfb366fb28", "e9d3ef5b-3149-5617-a415-3b8df5cce118"
AT = datetime(2025, 5, 20, 13, 45, 12, tzinfo=UTC)


@pytest.fixture
def server(make_footfall: Callable[..., Footfall]) -> Footfall:
    """An empty server with the secret of the contract's vectors."""
    return make_footfall(secret=SECRET)


@pytest.fixture
def page(server: Footfall) -> Page:
    """Somebody's browser on a page of the shop."""
    return Page(server)


# -- who and which visit


def test_the_ids_are_those_of_the_contracts_vector() -> None:
    ids = Identities(key_text(SECRET))
    at = int(AT.timestamp() * 1000)
    assert ids.session(WEBSITE, "203.0.113.5", "Mozilla/5.0", at) == SESSION
    assert ids.visit(SESSION, at) == VISIT
    assert ids.session(WEBSITE, "203.0.113.5", "Mozilla/5.0", at, "user-42") == (
        "4b997e3a-aba1-572e-b0a5-b7f6176f8fbc"
    )


def test_the_token_is_that_of_the_contracts_vector() -> None:
    tokens = CacheTokens(key_text(SECRET))
    token = tokens.make(WEBSITE, SESSION, VISIT, 1747748712)
    assert token.endswith(".yOg55gsxeeAwAZhOmbS_iRz7HR9pVtYBFX7EZTbswcU")
    read = tokens.read(token)
    assert read is not None
    assert (read.website_id, read.session_id, read.visit_id, read.iat) == (WEBSITE, SESSION, VISIT, 1747748712)


def test_a_moved_website_keeps_its_visitors(server: Footfall) -> None:
    server.runtime.catalog.create_owned_project(NewProject(name="Moved", uuid=WEBSITE))
    page = Page(server, website=WEBSITE, ua="Mozilla/5.0 Umami/v20")
    found = page.sends(url="/", id="user-42", timestamp=int(AT.timestamp()))
    assert found["sessionId"] == "4b997e3a-aba1-572e-b0a5-b7f6176f8fbc"
    expected = Identities(key_text(SECRET)).visit(found["sessionId"], int(AT.timestamp() * 1000))
    assert found["visitId"] == expected


def test_the_answer_names_what_is_stored(server: Footfall, page: Page) -> None:
    found = page.sends(url="/pricing")
    assert set(found) == {"cache", "sessionId", "visitId"}
    event = server.event("screen_view")
    assert (event.device_id, event.session_id) == (found["sessionId"], found["visitId"])
    session = server.session()
    assert (session.id, session.device_id) == (found["visitId"], found["sessionId"])


def test_a_visitor_is_an_address_and_a_browser_for_a_month(server: Footfall) -> None:
    def who(**who: Any) -> str:
        return str(Page(server, **who).sends(url="/")["sessionId"])

    assert who() == who()
    assert len({who(), who(ip="203.0.113.6"), who(ua=FIREFOX)}) == 3
    before = who()
    server.advance(days=22)
    assert who() != before, "a month later"


def test_without_a_token_a_visit_is_a_clock_hour(server: Footfall) -> None:
    def visit() -> str:
        return str(Page(server).sends(url="/")["visitId"])

    first = visit()
    server.advance(minutes=59)
    assert visit() == first
    server.advance(minutes=2)
    assert visit() != first
    assert [session.screen_view_count for session in server.sessions()] == [2, 1]


def test_a_token_carries_a_visit_over_the_hour_for_half_an_hour(server: Footfall, page: Page) -> None:
    server.advance(minutes=50)
    first = page.sends(url="/a")["visitId"]
    server.advance(minutes=20)
    assert page.sends(url="/b")["visitId"] == first
    server.advance(minutes=10)
    assert page.sends(url="/c")["visitId"] == first
    server.advance(minutes=1)
    assert page.sends(url="/d")["visitId"] != first, "31 minutes after its first hit, however busy"
    assert [session.screen_view_count for session in server.sessions()] == [3, 1]


def test_a_renewed_visit_of_the_same_hour_goes_on(server: Footfall, page: Page) -> None:
    first = page.sends(url="/a")
    server.advance(minutes=31)
    second = page.sends(url="/b")
    assert second["visitId"] == first["visitId"]
    assert second["cache"] != first["cache"]
    assert server.session().screen_view_count == 2


def test_a_hit_with_a_time_keeps_its_visit(server: Footfall, page: Page) -> None:
    first = page.sends(url="/a")["visitId"]
    server.advance(hours=3)
    later = page.sends(url="/b", timestamp=server.clock() // 1000)["visitId"]
    assert later == first
    session = server.session()
    assert (session.screen_view_count, session.duration) == (2, 3 * 3_600_000)
    server.advance(hours=30)
    assert page.sends(url="/c", timestamp=server.clock() // 1000)["visitId"] != first


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "null", "é", "a" * 5000])
def test_a_token_that_is_none_is_ignored(page: Page, token: str) -> None:
    plain = page.asks(url="/").json()
    body = {"type": "event", "payload": page.payload(url="/")}
    answer = page.footfall.request(
        "POST", "/api/send", json=body, headers={**page.headers, "x-umami-cache": token.encode()}
    )
    assert answer.json()["visitId"] == plain["visitId"]


def test_a_token_of_another_website_or_secret_is_ignored(server: Footfall, page: Page) -> None:
    other = str(server.runtime.catalog.create_project("Other").uuid)
    ids = Identities(key_text(SECRET))
    for key, website in ((key_text(SECRET), other), (key_text("guessed"), page.website)):
        page.cache = CacheTokens(key).make(website, SESSION, VISIT, server.clock() // 1000)
        found = page.sends(url="/")
        assert found["visitId"] == ids.visit(found["sessionId"], server.clock())


def test_a_new_address_in_a_visit_makes_no_second_session(server: Footfall, page: Page) -> None:
    first = page.sends(url="/a")
    page.headers["x-forwarded-for"] = "198.51.100.9"
    second = page.sends(url="/b")
    assert second["sessionId"] != first["sessionId"]
    assert second["visitId"] == first["visitId"]
    assert server.session().screen_view_count == 2
    assert {event.device_id for event in server.events()} == {first["sessionId"]}
    page.sends(url="/offline", timestamp=server.clock() // 1000 - 3_600)
    assert server.session().screen_view_count == 3
    assert {event.device_id for event in server.events()} == {first["sessionId"]}


def test_two_tabs_with_visits_of_their_own_both_count(server: Footfall) -> None:
    server.advance(minutes=50)
    early = Page(server)
    first = early.sends(url="/a")["visitId"]
    server.advance(minutes=15)
    late = Page(server)
    second = late.sends(url="/b")["visitId"]
    assert first != second
    early.sends(url="/c")
    late.sends(url="/d")
    assert {session.id: session.screen_view_count for session in server.sessions()} == {first: 2, second: 2}


def test_the_visits_survive_a_restart(server: Footfall, page: Page) -> None:
    first = page.sends(url="/a")["visitId"]
    server.restart()
    assert page.sends(url="/b")["visitId"] == first
    assert server.session().screen_view_count == 2


def test_what_was_acknowledged_survives_a_crash(make_footfall: Callable[..., Footfall]) -> None:
    server = make_footfall()
    page = Page(server)
    page.sends(url="/a")
    page.sends("identify", id="ada", data={"plan": "pro"})
    server.crash()
    assert server.event("screen_view").path == "/a"
    assert server.profile("ada").properties["plan"] == "pro"


def test_the_past_is_late_and_the_future_is_now(server: Footfall, page: Page) -> None:
    now = server.clock()
    found = page.asks(url="/old", timestamp=now // 1000 - 40 * 86_400).json()
    page.asks(url="/ahead", timestamp=now // 1000 + 86_400)
    old, ahead = server.events()
    assert (old.path, old.created_at, old.session_id) == ("/old", now - 40 * 86_400_000, found["visitId"])
    assert (ahead.path, ahead.created_at) == ("/ahead", now)
    assert [session.created_at for session in server.sessions()] == [now - 40 * 86_400_000, now]


def test_hits_of_the_past_make_the_visits_of_their_hours(server: Footfall, page: Page) -> None:
    start = server.clock() // 1000 - 86_400
    for minutes, path in ((0, "/a"), (20, "/b"), (70, "/c")):
        page.asks(url=path, timestamp=start + minutes * 60)
    assert [(session.screen_view_count, session.duration) for session in server.sessions()] == [
        (2, 20 * 60_000),
        (1, 0),
    ]
    assert server.dwells()["/a"] == [20 * 60_000]


def test_a_visit_of_hours_ago_that_a_token_brings_goes_on(server: Footfall, page: Page) -> None:
    # What was done without a network is sent first, then what is done now, with the token of the answer.
    page.sends(url="/offline", timestamp=server.clock() // 1000 - 5 * 3600)
    server.settle()
    page.sends(url="/online")
    session = server.session()
    assert (session.screen_view_count, session.duration) == (2, 5 * 3_600_000)


# -- who may not


@pytest.mark.parametrize("agent", ["Mozilla/5.0", "curl/8.4.0", "python-requests/2.31.0", GOOGLEBOT, "node"])
def test_bots_hear_a_boop(server: Footfall, agent: str) -> None:
    answer = Page(server, ua=agent).asks(url="/")
    assert (answer.status_code, answer.json()) == (200, {"beep": "boop"})
    assert server.events() == []
    assert server.drops() == {"bot": 1}


def test_bots_count_where_the_owner_says_so(make_footfall: Callable[..., Footfall]) -> None:
    server = make_footfall(disable_bot_check=True)
    assert "visitId" in Page(server, ua="curl/8.4.0").asks(url="/").json()
    assert server.session().screen_view_count == 1


@pytest.mark.parametrize("agent", ["Mozilla/5.0 Umami/v20.1.0", "Umami-Client v1.0 / Python 3.12", "", CHROME])
def test_senders_on_behalf_of_visitors_are_no_bots(server: Footfall, agent: str) -> None:
    assert "sessionId" in Page(server, ua=agent).asks(url="/").json()


def test_the_payload_may_name_browser_and_address(server: Footfall) -> None:
    program = Page(server, ua="python-requests/2.31.0", ip="198.51.100.1")
    told = program.sends(url="/", userAgent=CHROME, ip="203.0.113.5")
    assert told["sessionId"] == Page(server).sends(url="/")["sessionId"]
    assert {event.browser for event in server.events()} == {"Chrome"}
    assert Page(server).asks(url="/", userAgent=GOOGLEBOT).json() == {"beep": "boop"}


@pytest.mark.parametrize(
    ("stats", "body"), [("v2", "Forbidden"), ("v3", {"message": "Forbidden", "code": "forbidden", "status": 403})]
)
def test_ignored_addresses_are_refused(make_footfall: Callable[..., Footfall], stats: str, body: object) -> None:
    server = make_footfall(ignore_ip=("198.51.100.0/24", "2001:db8::7"), umami_stats=stats)
    for ip in ("198.51.100.77", "2001:db8::7"):
        answer = Page(server, ip=ip).asks(url="/")
        assert (answer.status_code, answer.json()) == (403, {"error": body})
    assert Page(server, ip="198.51.101.1").asks(url="/").status_code == 200
    assert len(server.events()) == 1
    assert server.drops() == {"blocked_ip": 2}


def test_bots_come_before_addresses_and_websites_before_bots(make_footfall: Callable[..., Footfall]) -> None:
    server = make_footfall(ignore_ip=("198.51.100.0/24",))
    bot = Page(server, ip="198.51.100.7", ua="curl/8.4.0")
    assert bot.asks(url="/").json() == {"beep": "boop"}
    bot.website = WEBSITE
    assert bot.asks(url="/").status_code == 400


def test_visitors_of_an_intranet_are_told_apart(server: Footfall) -> None:
    assert (
        Page(server, ip="10.0.0.5").sends(url="/")["sessionId"]
        != Page(server, ip="10.0.0.6").sends(url="/")["sessionId"]
    )


# -- what is wrong with a body

BAD_REQUEST = {"message": "Bad request", "code": "bad-request", "status": 400}
NO_WEBSITE = {"message": "Website not found.", "code": "bad-request", "status": 400}


@pytest.mark.parametrize(("stats", "error"), [("v2", "Website not found."), ("v3", NO_WEBSITE)])
def test_an_unknown_website(make_footfall: Callable[..., Footfall], stats: str, error: object) -> None:
    answer = Page(make_footfall(umami_stats=stats), website=WEBSITE).asks(url="/")
    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.fixture(scope="module")
def still(house: Footfall) -> Page:
    """A page on a server where nothing changes."""
    return Page(house)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("website", "shop!", "Invalid UUID"),
        ("website", 7, "Invalid input: expected string, received number"),
        ("data", [1], "Invalid input: expected object, received array"),
        ("data", "x", "Invalid input: expected object, received string"),
        ("hostname", "h" * 101, "Too big: expected string to have <=100 characters"),
        ("language", "l" * 36, "Too big: expected string to have <=35 characters"),
        ("referrer", "http://", "Invalid URL."),
        ("screen", "1" * 12, "Too big: expected string to have <=11 characters"),
        ("title", 1, "Invalid input: expected string, received number"),
        ("url", "http://a b/", "Invalid URL."),
        ("name", "n" * 51, "Too big: expected string to have <=50 characters"),
        ("name", "session_start", "Reserved name"),
        ("name", " session_end\n", "Reserved name"),  # would be stored without the blanks
        ("name", "__error", "Reserved name"),
        ("tag", "t" * 51, "Too big: expected string to have <=50 characters"),
        ("ip", 1, "Invalid input: expected string, received number"),
        ("userAgent", 1, "Invalid input: expected string, received number"),
        ("timestamp", "soon", "Invalid input: expected number, received NaN"),
        ("timestamp", 1.5, "Invalid input: expected int, received number"),
        ("timestamp", -1, "Too small: expected number to be >=0"),
        ("timestamp", 10**300, "Invalid input: number is out of range"),
        ("timestamp", -(10**400), "Invalid input: number is out of range"),  # which no float can hold
        ("id", 7, "Invalid input: expected string, received number"),
        ("lcp", 60_001, "Too big: expected number to be <=60000"),
        ("lcp", 10**400, "Invalid input: number is out of range"),
        ("cls", 101, "Too big: expected number to be <=100"),
        ("engagement", 0, "Too small: expected number to be >=1"),
    ],
)
def test_a_field_that_can_not_be_used(still: Page, field: str, value: object, message: str) -> None:
    answer = still.asks(**{"url": "/", field: value})
    error = answer.json()["error"]
    assert (answer.status_code, error["message"], error["code"]) == (400, "Bad request", "bad-request")
    assert error["properties"]["payload"]["properties"] == {field: {"errors": [message]}}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a":"\\ud800'])
def test_a_body_that_is_no_json(still: Page, body: bytes) -> None:
    answer = still.posts(body)
    assert answer.status_code == 400, answer.text
    assert answer.json() == {"error": {**BAD_REQUEST, "errors": []}}


def test_a_title_cut_in_the_middle_of_an_emoji(server: Footfall, page: Page) -> None:
    page.sends(url="/", title="Wow \ud83d")
    assert server.event("screen_view").title == "Wow"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("[]", {"errors": ["Invalid input: expected object, received array"]}),
        ("null", {"errors": ["Invalid input: expected object, received null"]}),
        ('"x"', {"errors": ["Invalid input: expected object, received string"]}),
        (
            '{"type":"event"}',
            {
                "errors": [],
                "properties": {"payload": {"errors": ["Invalid input: expected object, received undefined"]}},
            },
        ),
        (
            '{"type":"event","payload":[]}',
            {
                "errors": [],
                "properties": {"payload": {"errors": ["Invalid input: expected object, received array"]}},
            },
        ),
    ],
)
def test_a_body_of_another_kind(still: Page, body: str, told: dict[str, Any]) -> None:
    answer = still.posts(body.encode())
    assert answer.status_code == 400, answer.text
    assert answer.json() == {"error": {**BAD_REQUEST, **told}}


def test_an_unknown_type(still: Page) -> None:
    error = still.asks("vanish", url="/").json()["error"]
    assert set(error["properties"]) == {"type"}


@pytest.mark.parametrize("levels", range(900, 1_000, 5))
def test_a_type_that_takes_more_to_print_than_to_read(still: Page, levels: int) -> None:
    body = b'{"type":' + b"[" * levels + b"]" * levels + b',"payload":{}}'
    assert still.posts(body).status_code == 400


def test_one_source_exactly(still: Page) -> None:
    wanted = "Exactly one of website, link, or pixel must be provided"
    for payload in ({}, {"website": still.website, "link": WEBSITE}):
        answer = still.posts({"type": "event", "payload": payload})
        assert answer.status_code == 400
        assert answer.json()["error"]["properties"]["payload"]["errors"] == [wanted]


def test_the_words_of_generation_2(make_footfall: Callable[..., Footfall]) -> None:
    page = Page(make_footfall(umami_stats="v2"))
    assert page.asks(name="n" * 51).json() == {"error": ["payload: "]}
    assert page.posts(b"nonsense").json() == {"error": []}
    assert page.posts({"payload": page.payload()}).json() == {"error": ["type: Required"]}
    assert page.posts({}).json() == {"error": ["type: Required", "payload: Required"]}
    assert page.posts([]).json() == {"error": []}


def test_an_error_repeats_little_of_what_was_sent(make_footfall: Callable[..., Footfall]) -> None:
    answer = Page(make_footfall(umami_stats="v2")).asks("x" * 100_000, url="/")
    assert answer.status_code == 400
    assert len(answer.content) < 500


def test_unknown_keys_content_types_and_credentials_do_not_matter(still: Page) -> None:
    body = {"type": "event", "more": 1, "payload": still.payload(url="/", cache="x", nested={"a": 1})}
    answer = still.posts(body, content_type="text/plain", authorization="Bearer None")
    assert answer.status_code == 200


def test_any_page_may_send(still: Page) -> None:
    answer = still.asks(url="/")
    preflight = still.footfall.request("OPTIONS", "/api/send", headers={"origin": "https://x.example"})
    assert preflight.status_code == 204
    for each in (answer, preflight):
        assert each.headers["access-control-allow-origin"] == "*"
        assert each.headers["access-control-allow-headers"] == "*"
        assert each.headers["access-control-allow-methods"] == "GET, DELETE, POST, PUT"
        assert each.headers["access-control-max-age"] == "86400"
        assert each.headers["cache-control"] == "no-cache"


def test_only_post_is_taken(still: Page) -> None:
    answer = still.footfall.request("GET", "/api/send")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_full_disk_is_a_503(server: Footfall, page: Page) -> None:
    server.server.commit.refuse("the disk is full")
    answer = page.asks(url="/")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["error"]["code"] == "service-unavailable"
    assert page.posts([{"type": "event", "payload": page.payload()}], "/api/batch").status_code == 503
    assert server.events() == []
