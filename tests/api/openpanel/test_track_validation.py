"""What a body must be: every rule of contract §3.3, and what is taken all the same (§16.3)."""

import json
from typing import Any

import pytest

from support.footfall import Footfall, Visitor

REPLAY = {
    "chunk_index": 0,
    "events_count": 1,
    "is_full_snapshot": True,
    "started_at": "2026-03-10T12:00:00Z",
    "ended_at": "2026-03-10T12:00:01Z",
    "payload": "[]",
}


@pytest.mark.parametrize(
    ("type", "payload", "field"),
    [
        ("track", {}, "payload"),
        ("track", {"name": ""}, "payload/name"),
        ("track", {"name": None}, "payload/name"),
        ("track", {"name": 5}, "payload/name"),
        ("track", {"name": "x", "properties": []}, "payload/properties"),
        ("track", {"name": "x", "properties": "text"}, "payload/properties"),
        ("track", {"name": "x", "profileId": ""}, "payload/profileId"),
        ("track", {"name": "x", "profileId": True}, "payload/profileId"),
        ("track", {"name": "x", "profileId": {}}, "payload/profileId"),
        ("track", {"name": "x", "groups": "acme"}, "payload/groups"),
        ("track", {"name": "x", "groups": [""]}, "payload/groups"),
        ("track", {"name": "x", "groups": [5]}, "payload/groups"),
        ("identify", {}, "payload"),
        ("identify", {"profileId": None}, "payload/profileId"),
        ("identify", {"profileId": "u", "firstName": 5}, "payload/firstName"),
        ("identify", {"profileId": "u", "properties": 5}, "payload/properties"),
        ("increment", {"profileId": "u"}, "payload"),
        ("increment", {"property": "n"}, "payload"),
        ("increment", {"profileId": "u", "property": ""}, "payload/property"),
        ("increment", {"profileId": "u", "property": "n", "value": 0}, "payload/value"),
        ("increment", {"profileId": "u", "property": "n", "value": -1}, "payload/value"),
        ("increment", {"profileId": "u", "property": "n", "value": "1"}, "payload/value"),
        ("increment", {"profileId": "u", "property": "n", "value": 10**30}, "payload/value"),
        ("decrement", {"profileId": "u", "property": "n", "value": 0}, "payload/value"),
        ("alias", {"profileId": "u"}, "payload"),
        ("group", {"id": "a", "type": "b"}, "payload"),
        ("group", {"id": "", "type": "b", "name": "c"}, "payload/id"),
        ("group", {"id": "a", "type": "", "name": "c"}, "payload/type"),
        ("group", {"id": "a", "type": "b", "name": ""}, "payload/name"),
        ("group", {"id": "a", "type": "b", "name": "c", "properties": []}, "payload/properties"),
        ("assign_group", {}, "payload"),
        ("assign_group", {"groupIds": None}, "payload/groupIds"),
        ("assign_group", {"groupIds": [""]}, "payload/groupIds"),
        ("replay", {**REPLAY, "chunk_index": 65_536}, "payload/chunk_index"),
        ("replay", {**REPLAY, "chunk_index": -1}, "payload/chunk_index"),
        ("replay", {**REPLAY, "events_count": 0}, "payload/events_count"),
        ("replay", {**REPLAY, "is_full_snapshot": "yes"}, "payload/is_full_snapshot"),
        ("replay", {**REPLAY, "payload": "x" * (2 * 1024 * 1024 + 1)}, "payload/payload"),
        ("replay", {**REPLAY, "sessionId": "x" * 65}, "payload/sessionId"),
        ("purchase", {"name": "x"}, "type"),
        (None, {"name": "x"}, "type"),
        (5, {"name": "x"}, "type"),
    ],
)
def test_a_payload_that_breaks_a_rule_is_400_and_names_the_field(
    house: Footfall, type: Any, payload: Any, field: str
) -> None:
    answer = house.visitor().sends({"type": type, "payload": payload})

    assert answer.status_code == 400
    body = answer.json()
    assert (body["status"], body["error"]) == (400, "Bad Request")
    assert body["message"].startswith(f"body/{field}")
    assert body["details"][0]["path"][0] == field.split("/")[0]


@pytest.mark.parametrize(
    ("type", "payload", "message"),
    [
        ("track", {"name": "session_start"}, "payload.name session_start is reserved."),
        ("track", {"name": "session_end"}, "payload.name session_end is reserved."),
        ("track", {"name": " session_start"}, "payload.name session_start is reserved."),
        ("track", {"name": "session_end\u0000 "}, "payload.name session_end is reserved."),
        ("track", {"name": "x" * 81}, "payload.name is longer than 80 characters."),
        ("track", {"name": " \t "}, "payload.name must not be empty."),
        ("track", {"name": "\u0000"}, "payload.name must not be empty."),
        ("track", {"name": "a\nb"}, "Event name contains blocked content"),
        ("track", {"name": "a\rb"}, "Event name contains blocked content"),
        ("track", {"name": "x", "profileId": "p" * 513}, "payload.profileId is longer than 512 characters."),
        ("track", {"name": "x", "groups": ["g" * 256]}, "payload.groups must be 1 to 255 characters that show."),
        ("identify", {"profileId": " "}, "payload.profileId must not be empty."),
        ("identify", {"profileId": "u", "email": "nobody"}, "payload.email must be an e-mail address."),
        ("identify", {"profileId": "u", "email": "a@b"}, "payload.email must be an e-mail address."),
        ("identify", {"profileId": "u", "avatar": "me.png"}, "payload.avatar must be a URL."),
        ("identify", {"profileId": "u", "avatar": "javascript:alert(1)"}, "payload.avatar must be a URL."),
        ("identify", {"profileId": "u", "avatar": " JavaScript:alert(1)"}, "payload.avatar must be a URL."),
        ("identify", {"profileId": "u", "avatar": "https://"}, "payload.avatar must be a URL."),
        ("group", {"id": "\u0000", "type": "t", "name": "n"}, "payload.id must be 1 to 255 characters that show."),
    ],
)
def test_a_value_that_breaks_a_rule_is_400_and_says_which(
    house: Footfall, type: str, payload: Any, message: str
) -> None:
    answer = house.visitor().sends({"type": type, "payload": payload})
    assert (answer.status_code, answer.json()["message"]) == (400, message)


@pytest.mark.parametrize(("amount", "stored"), [(b"1999.0", 1999), (b"1e3", 1000), (b"0.0", 0), (b"-0.0", 0)])
def test_a_whole_number_of_cents_may_have_a_point(footfall: Footfall, amount: bytes, stored: int) -> None:
    body = b'{"type": "track", "payload": {"name": "revenue", "properties": {"__revenue": %s, "n": %d}}}'
    assert footfall.backend().sends(body % (amount, 1)).status_code == 200
    assert footfall.backend().sends(body % (amount, 10**30)).status_code == 200
    assert [event.revenue for event in footfall.events("revenue")] == [stored, stored]


@pytest.mark.parametrize("amount", [-1, 1.5, "100", True, [1], {}, 10**17])
def test_revenue_is_a_whole_number_of_cents(house: Footfall, amount: Any) -> None:
    answer = house.backend().tracks("revenue", __revenue=amount)
    assert answer.status_code == 400
    assert answer.json()["details"][0]["path"] == ["payload", "properties", "__revenue"]
    assert house.backend().tracks("other", __revenue=amount).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "${jndi:ldap://x}",
        "x' OR 1=1 --",
        "1 UNION SELECT password",
        "SELECT * FROM users",
        "(select(0)from(select(sleep(15)))v)/*",
        "1' AND (SELECT 'x' FROM users)",
        "select password from users where id=1",
        "insert into users values (1)",
        "INSERT INTO users(name) VALUES('x')",
        "1; drop table users",
        "if(now()=sysdate(),sleep(15),0)",
        "x|id",
        "x; id",
        "/wp-login.php",
        "/index.php",
        "/.env",
        "/config.yml",
        "/phpMyAdmin/",
        "{{7*7}}",
        "a.oast.fun",
        "<!ENTITY x SYSTEM>",
    ],
)
def test_names_of_attacks_are_refused(house: Footfall, name: str) -> None:
    answer = house.visitor().tracks(name)
    assert (answer.status_code, answer.json()["message"]) == (400, "Event name contains blocked content")


@pytest.mark.parametrize(
    "name",
    [
        "signup",
        "Add to cart",
        "added $5",
        "ünï 🦉",
        "a" * 80,
        "checkout/step-2",
        "select plan",
        "50% off",
        "env",
        "x.y",
        "update profile set",
        "Select plan from pricing page",
        "Button (Select size from list)",
        "Select (all)",
        "onSelect(item)",
        "Insert into document",
        "Sleep (8 h) logged",
        "KYC | ID uploaded",
        "Step 2; ID checked",
    ],
)
def test_names_of_products_are_taken(house: Footfall, name: str) -> None:
    assert house.visitor().tracks(name).status_code == 200


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        ("track", {"name": "x", "properties": None, "profileId": None, "groups": None}),
        (
            "identify",
            {
                "profileId": "u",
                "firstName": None,
                "lastName": None,
                "email": None,
                "avatar": None,
                "properties": None,
            },
        ),
        ("identify", {"profileId": "u", "email": "", "avatar": ""}),
        ("increment", {"profileId": "u", "property": "n", "value": None}),
        ("decrement", {"profileId": "u", "property": "n", "value": None}),
        ("group", {"id": "a", "type": "b", "name": "c", "properties": None}),
        ("assign_group", {"groupIds": ["a"], "profileId": None}),
        ("assign_group", {"groupIds": []}),
    ],
)
def test_null_is_absent_everywhere(house: Footfall, type: str, payload: Any) -> None:
    visitor = house.visitor()
    visitor.does("identify", profileId="u")
    body = {"clientId": None, "clientSecret": None, "type": type, "payload": payload}
    assert visitor.sends(body).status_code == 200


def test_unknown_keys_are_left_alone(house: Footfall) -> None:
    body = {"more": 1, "type": "track", "payload": {"name": "x", "plan": "pro", "nested": {"a": [1]}}}
    assert house.visitor().sends(body).status_code == 200


@pytest.mark.parametrize(
    ("id", "text"),
    [(17, "17"), (17.0, "17"), (17.5, "17.5"), (10**25, "1e+25"), (-3, "-3"), ("  u1 ", "u1"), ("a\u0000b", "ab")],
)
def test_profile_ids_become_text(house: Footfall, id: Any, text: str) -> None:
    name = f"id {id!r}"
    assert house.visitor().tracks(name, profile=id).status_code == 200
    assert house.event(name).profile_id == text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b"null",
        b"[]",
        b'"track"',
        b"17",
        b"{}",
        b"\xff\xfe\x00",
        b'{"type":"track","payload":{"name":"\xff"}}',
        b'{"type":"track","payload":{"name":"\\ud800"}}',
        b'{"type":"track","payload":{"name":"x"}} trailing',
        b'{"type":"track","payload":{"name":"x","properties":{"n":NaN}}}',
        b'{"type":"track","payload":{"name":"x","properties":{"n":1e999}}}',
        b'{"type":"track","payload":null}',
        b'{"type":"track","payload":[]}',
        b'{"payload":{"name":"x"}}',
        b"name=x&type=track",
        b'{"type":"track","payload":{"name":"x","properties":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_002,
        b"[" * 100_000,
        b'{"type":"track","payload":{"name":"x","properties":{"n":' + b"9" * 100_000 + b"}}}",
    ],
)
def test_what_is_no_such_json_is_400(house: Footfall, body: bytes) -> None:
    answer = house.visitor().sends(body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (r"cut \ud83d", "cut"),
        (r"\uDE00 tail", "tail"),
        (r"a\ud83d\ud83d\ude00b", "a😀b"),
        (r"C:\\ud83d \ud83d", r"C:\ud83d"),
        (r"\\\ud83d\n.", "\\\n."),
    ],
)
def test_halves_of_emoji_are_taken_out(house: Footfall, sent: str, kept: str) -> None:
    body = '{"type":"track","payload":{"name":"%s","properties":{"label":"%s"}}}'
    name = f"cut {len(sent)} {len(kept)}"
    assert house.visitor().sends((body % (name, sent)).encode()).status_code == 200
    assert house.event(name).properties["label"] == kept


def test_a_byte_order_mark_is_passed_over(house: Footfall) -> None:
    assert house.visitor().sends(b'\xef\xbb\xbf{"type":"track","payload":{"name":"marked"}}').status_code == 200
    assert house.event("marked")


def test_every_invalid_body_is_counted(footfall: Footfall, visitor: Visitor) -> None:
    visitor.sends(b"{")
    visitor.tracks("session_start")
    visitor.does("identify", profileId="u", email="nobody")
    visitor.sends({"name": "<script>"}, "/event")
    visitor.sends({}, "/profile")
    assert footfall.drops() == {"invalid": 5}


@pytest.mark.parametrize("depth", [15, 100, 500, 900])
def test_deep_nesting_is_cut_not_refused(house: Footfall, depth: int) -> None:
    deep: Any = "bottom"
    for _ in range(depth):
        deep = {"a": deep}
    assert house.visitor().tracks(f"deep {depth}", deep=deep, flat="kept").status_code == 200
    assert house.event(f"deep {depth}").properties["flat"] == "kept"


def test_a_hundred_thousand_keys_are_cut_not_refused(footfall: Footfall, visitor: Visitor) -> None:
    assert visitor.tracks("wide", **{f"k{n}": n for n in range(100_000)}).status_code == 200
    assert len(footfall.event("wide").properties) == 256


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2**63, "9223372036854775808"),
        (2**64, "18446744073709551616"),
        (-(2**63) - 1, "-9223372036854775809"),
        (10**20, "100000000000000000000"),
        (10**25, "1e+25"),
    ],
)
def test_huge_numbers_are_stored_as_javascript_prints_them(house: Footfall, number: int, text: str) -> None:
    visitor, id = house.visitor(), f"n{number}"
    answers = [
        visitor.tracks(id, __path="/big", __title="Big", number=number, list=[number]),
        visitor.does("identify", profileId=id, properties={"n": number}),
        visitor.does("group", id=id, type="t", name="n", properties={"n": number}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    event = house.event(id)
    assert event.properties == {"number": text, "list.0": text}
    assert (event.path, event.title) == ("/big", "Big")
    assert house.profile(id).properties["n"] == text
    assert [group.properties["n"] for group in house.groups() if group.id == id] == [text]


def test_money_beside_a_huge_number_still_counts(footfall: Footfall) -> None:
    footfall.backend().tracks("revenue", __revenue=500, order=10**20)
    assert footfall.event("revenue").revenue == 500


ATTACKS = [
    "'; DROP TABLE events; --",
    "<script>alert(1)</script>",
    "${jndi:ldap://x/a}",
    "{{7*7}}",
    "=cmd|' /C calc'!A0",
    "%s%n$1 :name ?",
    "a\u202eb",
    "\U0001f989" * 10,
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_in_values_are_kept_as_text(house: Footfall, text: str) -> None:
    visitor, name = house.visitor(), f"attack {ATTACKS.index(text)}"
    visitor.tracks(name, __title=text, __referrer=text, __path=text, value="a" + text, **{"k" + text: 1})
    visitor.does("identify", profileId=text, firstName=text, properties={"value": "a" + text})

    event = house.event(name)
    assert event.title == text
    assert event.properties["value"] == "a" + text
    assert event.properties["k" + text] == "1"
    assert house.profile(text).first_name == text
    assert house.profile(text).properties["value"] == "a" + text


def test_control_characters_do_not_get_in(footfall: Footfall, visitor: Visitor) -> None:
    visitor.tracks(
        "na\u0001me", **{"ke\u0000y": "va\u0000l\u001bue"}, __title="ti\u0000tle", groups=["ac\u0000me"]
    )
    visitor.views("scr\u0000een", referrer="no\u0000where")
    visitor.does("identify", profileId="u\u00001", firstName="A\u0000nn", email="a@b.example")
    visitor.does("group", id="ac\u0000me", type="co\u0000", name="A\u0000", properties={"a": "\u0000b"})

    event = footfall.event("name")
    assert event.properties == {"key": "value"}
    assert event.title == "title"
    assert event.groups == ["acme"]
    view = footfall.event("screen_view")
    assert (view.path, view.referrer, view.referrer_name) == ("screen", "nowhere", "nowhere")
    assert footfall.profile("u1").first_name == "Ann"
    (group,) = footfall.groups()
    assert (group.id, group.type, group.name, group.properties) == ("acme", "co", "A", {"a": "b"})


def test_overlong_text_is_cut_in_what_has_a_column(footfall: Footfall, visitor: Visitor) -> None:
    long = "x" * 100_000
    answer = visitor.views(
        "/" + long, title=long, referrer="https://a.example/" + long, __deviceId=long, __ip=long
    )
    assert answer.status_code == 200
    visitor.does("identify", profileId="u1", firstName=long)

    view = footfall.event("screen_view")
    assert len(view.path) <= 2_048
    assert len(view.title) <= 2_048
    assert len(view.referrer) <= 2_048
    assert len(view.device_id) == 32
    assert len(footfall.profile("u1").first_name) == 2_048


def test_wrong_types_in_special_properties_harm_nothing(footfall: Footfall, visitor: Visitor) -> None:
    names = [
        *(
            "__path",
            "__title",
            "__referrer",
            "__timestamp",
            "__ip",
            "__deviceId",
            "__identify",
            "__os",
            "__browser",
        ),
        *(
            "__osVersion",
            "__device",
            "__brand",
            "__model",
            "__bot",
            "__bot_reasons",
            "__query",
            "__hash",
            "__bounce",
        ),
        *("path", "referrer", "currency"),
    ]
    for value in (None, 5, -1.5, True, [], [1], {}, {"a": 1}, "", "x", "[", "\u0000"):
        answer = visitor.tracks("odd", **dict.fromkeys(names, value), mark=json.dumps(value))
        assert answer.status_code == 200, value
    assert len(footfall.events("odd")) == 12
    assert not any(event.properties.get("__bot") for event in footfall.events("odd"))
