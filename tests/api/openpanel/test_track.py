"""`POST /track`: what each type answers and what is there to read afterwards. Contract §3.3, §3.4, §3.8."""

import pytest

from support.footfall import GOOGLEBOT, ORIGIN, PYTHON, WRITER, Footfall, Visitor


def test_an_event_is_answered_with_the_visitors_ids(footfall: Footfall, visitor: Visitor) -> None:
    answer = visitor.tracks("signup", plan="pro")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    event = footfall.event("signup")
    assert answer.json() == {"deviceId": event.device_id, "sessionId": event.session_id}
    assert len(event.device_id) == 32
    assert len(event.session_id) == 22


def test_an_event_keeps_what_was_sent(footfall: Footfall, visitor: Visitor) -> None:
    visitor.tracks("signup", plan="pro", seats=3, trial=True, nothing=None, empty="", deep={"a": [1, {"b": "c"}]})

    event = footfall.event("signup")
    assert event.properties == {
        "plan": "pro",
        "seats": "3",
        "trial": "true",
        "deep.a.0": "1",
        "deep.a.1.b": "c",
    }
    assert event.created_at == footfall.clock.now
    assert (event.os, event.browser, event.device) == ("macOS", "Chrome", "desktop")
    assert event.profile_id == event.device_id
    assert event.revenue == 0
    assert event.imported_at is None


def test_a_page_view_is_taken_apart(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views(
        "/pricing?utm_source=news&utm_medium=email&utm_campaign=may&utm_term=t&utm_content=c&q=1#top",
        title="Prices",
        referrer="https://www.google.com/",
    )

    view = footfall.event("screen_view")
    assert (view.origin, view.path, view.title) == (ORIGIN, "/pricing", "Prices")
    assert view.referrer == "https://www.google.com"
    assert view.properties["__hash"] == "#top"
    assert view.properties["__query.q"] == "1"
    assert not view.properties.keys() & {"__path", "__title", "__referrer"}
    session = footfall.session()
    assert session.utm_source == "news"
    assert session.utm_medium == "email"
    assert session.utm_campaign == "may"
    assert session.utm_term == "t"
    assert session.utm_content == "c"
    assert session.referrer == "https://www.google.com"


def test_an_sdk_names_itself_and_what_it_runs_on(footfall: Footfall) -> None:
    app = footfall.visitor(headers={"openpanel-sdk-name": "react-native", "openpanel-sdk-version": "1.2.3"})
    app.tracks(
        "opened",
        __os="iOS",
        __osVersion="17.1",
        __brand="Apple",
        __model="iPhone",
        __device="mobile",
        __version="9",
    )

    event = footfall.event("opened")
    assert (event.sdk_name, event.sdk_version) == ("react-native", "1.2.3")
    assert (event.os, event.os_version, event.brand, event.model, event.device) == (
        "iOS", "17.1", "Apple", "iPhone", "mobile",
    )  # fmt: skip
    assert event.properties["__version"] == "9"


def test_money_counts_on_the_revenue_event_only(footfall: Footfall) -> None:
    shop = footfall.visitor(headers={"openpanel-client-secret": "sec_0123456789abcdef0123"})
    shop.tracks("revenue", __revenue=1999, currency="eur")
    shop.tracks("signup", __revenue=500)

    assert footfall.event("revenue").revenue == 1999
    assert footfall.event("revenue").currency == "EUR"
    assert footfall.event("signup").revenue == 0
    assert footfall.session().revenue == 1999


def test_identify_makes_a_profile(footfall: Footfall, visitor: Visitor) -> None:
    answer = visitor.does(
        "identify",
        profileId="u1",
        firstName="Ann",
        lastName="Lee",
        email="ann@example.com",
        avatar="https://a.example/a.png",
        properties={"plan": "pro", "address": {"city": "Ulm"}},
    )

    assert answer.status_code == 200
    assert answer.json().keys() == {"deviceId", "sessionId"}
    profile = footfall.profile("u1")
    assert profile.is_external
    assert (profile.first_name, profile.last_name, profile.email) == ("Ann", "Lee", "ann@example.com")
    assert profile.avatar == "https://a.example/a.png"
    assert profile.properties["plan"] == "pro"
    assert profile.properties["address.city"] == "Ulm"
    assert profile.properties["browser"] == "Chrome"
    assert footfall.events() == []


def test_identify_names_the_session_that_the_next_event_opens(footfall: Footfall, visitor: Visitor) -> None:
    said = visitor.identifies("u1").json()
    assert visitor.views("/").json() == said


def test_increment_and_decrement(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1", properties={"logins": 5})
    assert visitor.does("increment", profileId="u1", property="logins", value=3).status_code == 200
    assert visitor.does("decrement", profileId="u1", property="logins").status_code == 200
    assert visitor.does("increment", profileId="u1", property="fresh", value=None).status_code == 200

    properties = footfall.profile("u1").properties
    assert properties["logins"] == "7"
    assert properties["fresh"] == "1"


def test_increment_of_nobody_is_404(visitor: Visitor) -> None:
    answer = visitor.does("increment", profileId="nobody", property="logins")
    assert answer.status_code == 404
    assert answer.json() == {"status": 404, "error": "Not Found", "message": "Profile not found"}


def test_increment_of_text_is_400(visitor: Visitor) -> None:
    visitor.identifies("u1", properties={"plan": "pro"})
    answer = visitor.does("increment", profileId="u1", property="plan")
    assert answer.status_code == 400
    assert answer.json()["message"] == "Property value is not a number"


def test_a_group_is_stored_and_changed(footfall: Footfall, visitor: Visitor) -> None:
    visitor.does("group", id="acme", type="company", name="Acme", properties={"size": 10})
    visitor.does("group", id="acme", type="company", name="Acme Inc", properties={"size": 11})

    (group,) = footfall.groups()
    assert (group.id, group.type, group.name, group.properties) == ("acme", "company", "Acme Inc", {"size": "11"})


def test_a_group_was_created_when_it_was_first_told_of(footfall: Footfall, visitor: Visitor) -> None:
    began = footfall.clock()
    visitor.does("group", id="acme", type="company", name="Acme")
    footfall.advance(minutes=1)
    visitor.does("group", id="acme", type="company", name="Acme")
    assert footfall.groups()[0].created_at == began
    footfall.advance(days=1)
    for name in ("Acme Inc", "Acme Ltd"):
        visitor.does("group", id="acme", type="company", name=name)
        footfall.advance(minutes=1)
    (group,) = footfall.groups()
    assert (group.name, group.created_at) == ("Acme Ltd", began)


def test_groups_are_assigned_to_a_profile(footfall: Footfall, visitor: Visitor) -> None:
    visitor.does("assign_group", profileId="u1", groupIds=["acme", "emca"])
    visitor.does("assign_group", profileId="u1", groupIds=["acme", "third"])

    assert footfall.profile("u1").groups == ("acme", "emca", "third")


def test_groups_without_a_profile_are_the_devices(footfall: Footfall, visitor: Visitor) -> None:
    device = visitor.does("assign_group", groupIds=["acme"]).json()["deviceId"]

    profile = footfall.profile(device)
    assert profile.groups == ("acme",)
    assert not profile.is_external


def test_alias_is_refused_in_the_contracts_words(visitor: Visitor) -> None:
    answer = visitor.does("alias", profileId="u1", alias="u2")
    assert answer.status_code == 400
    assert answer.json() == {"status": 400, "error": "Bad Request", "message": "Alias is not supported"}


def test_replay_is_refused(footfall: Footfall, visitor: Visitor) -> None:
    answer = visitor.does(
        "replay",
        chunk_index=0,
        events_count=1,
        is_full_snapshot=True,
        started_at="2026-03-10T12:00:00Z",
        ended_at="2026-03-10T12:00:01Z",
        payload="[]",
    )
    assert answer.status_code == 400
    assert "replay" in answer.json()["message"]
    assert footfall.drops() == {"replay": 1}


def test_track_device_id_tells_where_the_visitor_is(footfall: Footfall, visitor: Visitor) -> None:
    before = visitor.asks("/track/device-id")
    assert before.status_code == 200
    assert before.json()["sessionId"] == ""
    assert before.json()["message"] == "No session exists for this device id"

    visit = visitor.views("/").json()
    assert visitor.asks("/track/device-id").json() == {
        **visit,
        "message": "current session exists for this device id",
    }


def test_track_device_id_knows_the_session_of_yesterdays_salt(footfall: Footfall, visitor: Visitor) -> None:
    footfall.clock.set("2026-03-10T23:50:00")
    visit = visitor.views("/").json()
    footfall.clock.set("2026-03-11T00:10:00")

    assert visitor.asks("/track/device-id").json() == {
        **visit,
        "message": "previous session exists for this device id",
    }


def test_track_device_id_needs_a_user_agent(footfall: Footfall) -> None:
    answer = footfall.visitor(ua="").asks("/track/device-id")
    assert answer.status_code == 400
    assert answer.text == "Missing header: user-agent"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_track_device_id_of_a_bot_is_no_failure(footfall: Footfall) -> None:
    assert footfall.visitor(ua=GOOGLEBOT).asks("/track/device-id").status_code == 202


@pytest.mark.parametrize("path", ["/track", "/api/track"])
def test_both_prefixes_answer(house: Footfall, path: str) -> None:
    body = {"type": "track", "payload": {"name": "hello"}}
    assert house.visitor().sends(body, path).status_code == 200
    assert house.visitor().asks(f"{path}/device-id").status_code == 200


def test_the_same_visitor_is_the_same_device_whatever_the_prefix(footfall: Footfall, visitor: Visitor) -> None:
    body = {"type": "track", "payload": {"name": "hello"}}
    assert visitor.sends(body, "/track").json() == visitor.sends(body, "/api/track").json()


def test_credentials_in_the_body_are_enough(house: Footfall) -> None:
    answer = house.request(
        "POST",
        "/track",
        json={"type": "track", "payload": {"name": "zaraz"}, "clientId": WRITER},
        headers={"origin": ORIGIN, "user-agent": PYTHON},
    )
    assert answer.status_code == 200
