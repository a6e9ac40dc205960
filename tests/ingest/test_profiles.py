"""Profiles: how what is known of a person grows. Contract §3.10, §3.11, §6.3."""

from typing import Any

import pytest

from support.footfall import FIREFOX, Footfall, Visitor


def test_an_anonymous_visitor_has_no_profile(footfall: Footfall, visitor: Visitor) -> None:
    device = visitor.views("/").json()["deviceId"]
    assert footfall.profile(device) is None


def test_empty_values_erase_nothing_and_new_ones_win(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1", firstName="Ann", email="a@b.example", properties={"plan": "free", "city": "Ulm"})
    footfall.settle()
    visitor.identifies("u1", firstName="", email=None, lastName="Lee", properties={"plan": "pro", "city": None})

    profile = footfall.profile("u1")
    assert (profile.first_name, profile.last_name, profile.email) == ("Ann", "Lee", "a@b.example")
    assert profile.properties["plan"] == "pro"
    assert profile.properties["city"] == "Ulm"


@pytest.mark.parametrize(
    "avatar", ["https://a.example/me.png", "data:image/png;base64,iVBORw0KGgo=", "app://me/1"]
)
def test_an_avatar_is_any_url(house: Footfall, avatar: str) -> None:
    assert house.visitor().identifies(f"of {avatar}", avatar=avatar).status_code == 200
    assert house.profile(f"of {avatar}").avatar == avatar


def test_an_avatar_that_is_too_large_to_keep_costs_nothing_else(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1", avatar="https://a.example/me.png")
    visitor.identifies("u1", firstName="Ann", avatar="data:image/png;base64," + "A" * 50_000)
    assert (footfall.profile("u1").first_name, footfall.profile("u1").avatar) == (
        "Ann",
        "https://a.example/me.png",
    )


def test_nested_traits_are_merged_deeply(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1", properties={"address": {"city": "Ulm", "zip": "1"}})
    visitor.identifies("u1", properties={"address": {"zip": "2"}})
    properties = footfall.profile("u1").properties
    assert (properties["address.city"], properties["address.zip"]) == ("Ulm", "2")


def test_first_and_last_seen(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1")
    first = footfall.clock.now
    footfall.advance(days=3)
    visitor.identifies("u1")
    profile = footfall.profile("u1")
    assert (profile.created_at, profile.last_seen_at) == (first, footfall.clock.now)


def test_a_server_does_not_overwrite_the_persons_own_device(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1")
    footfall.backend().does("identify", profileId="u1", properties={"plan": "pro"})

    properties = footfall.profile("u1").properties
    assert (properties["device"], properties["browser"], properties["plan"]) == ("desktop", "Chrome", "pro")


def test_a_browser_overwrites_what_a_server_said(footfall: Footfall, visitor: Visitor) -> None:
    footfall.backend().does("identify", profileId="u1")
    assert footfall.profile("u1").properties["device"] == "server"
    visitor.identifies("u1")
    assert footfall.profile("u1").properties["device"] == "desktop"


def test_steps_before_the_drain_add_up(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1", properties={"n": 0})
    footfall.settle()
    for value in (3, 4, 5):
        visitor.does("increment", profileId="u1", property="n", value=value)
    visitor.does("decrement", profileId="u1", property="n", value=1.5)
    assert footfall.profile("u1").properties["n"] == "10.5"


def test_steps_right_after_identify_find_the_profile(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1")
    assert visitor.does("increment", profileId="u1", property="n").status_code == 200
    assert footfall.profile("u1").properties["n"] == "1"


@pytest.mark.parametrize(
    ("before", "after"),
    [("5 apples", "6"), ("-2", "-1"), ("1.5", "2.5"), (7, "8"), ("", "1"), (True, None), ("x1", None)],
)
def test_text_counts_by_its_leading_number(house: Footfall, before: Any, after: str | None) -> None:
    visitor, id = house.visitor(), f"u{before}"
    visitor.identifies(id, properties={"n": before})
    answer = visitor.does("increment", profileId=id, property="n")
    if after is None:
        assert answer.json()["message"] == "Property value is not a number"
    else:
        assert house.profile(id).properties["n"] == after


def test_nested_properties_are_stepped_by_their_path(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1", properties={"stats": {"logins": 1}})
    visitor.does("increment", profileId="u1", property="stats.logins")
    assert footfall.profile("u1").properties["stats.logins"] == "2"


def test_an_object_is_no_number(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1", properties={"stats": {"logins": 1}})
    footfall.settle()
    answer = visitor.does("increment", profileId="u1", property="stats")
    assert (answer.status_code, answer.json()["message"]) == (400, "Property value is not a number")
    assert "stats" not in footfall.profile("u1").properties


def test_a_step_sees_what_was_acknowledged_a_moment_ago(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1", properties={"n": "many"})
    footfall.settle()
    visitor.identifies("u1", properties={"n": 5})
    assert visitor.does("increment", profileId="u1", property="n").status_code == 200
    assert footfall.profile("u1").properties["n"] == "6"


def test_a_step_does_not_overwrite_a_text_that_came_before_it(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1")
    footfall.settle()
    visitor.identifies("u1", properties={"level": "gold", "stats": {"logins": 1}})
    visitor.does("increment", profileId="u1", property="level")
    visitor.does("increment", profileId="u1", property="stats")
    properties = footfall.profile("u1").properties
    assert properties["level"] == "gold"
    assert "stats" not in properties


def test_an_event_may_identify_its_visitor(footfall: Footfall, visitor: Visitor) -> None:
    inline = {"profileId": "u7", "firstName": "Ann", "email": "a@b.example", "properties": {"plan": "pro"}}
    visitor.tracks("signup", profile="other", __identify=inline)

    assert footfall.event("signup").profile_id == "u7"
    assert footfall.event("signup").properties == {}
    profile = footfall.profile("u7")
    assert (profile.first_name, profile.email, profile.properties["plan"]) == ("Ann", "a@b.example", "pro")
    assert footfall.profile("other") is None
    assert footfall.session().profile_id == "u7"


@pytest.mark.parametrize("inline", [{"profileId": 7}, {"profileId": 7.0}, {"profileId": " 7"}])
def test_an_inline_id_alone_only_names_the_visitor(footfall: Footfall, visitor: Visitor, inline: Any) -> None:
    visitor.tracks("x", __identify=inline)
    assert footfall.event("x").profile_id == "7"
    assert footfall.profile("7").first_name == ""


@pytest.mark.parametrize(
    "inline",
    [None, "u1", 5, [], {}, {"firstName": "Ann"}, {"profileId": None, "a": 1}, {"profileId": "x" * 600, "a": 1}],
)
def test_an_inline_identify_without_an_id_is_left_out(house: Footfall, inline: Any) -> None:
    name = f"x {inline!r}"[:80]
    device = house.visitor().tracks(name, __identify=inline).json()["deviceId"]
    assert house.event(name).profile_id == device


def test_a_known_visitor_leaves_place_and_browser_on_the_profile(footfall: Footfall, visitor: Visitor) -> None:
    visitor.profile = "u1"
    visitor.views("/welcome", referrer="https://bing.com/")
    properties = footfall.profile("u1").properties
    assert properties["path"] == "/welcome"
    assert properties["browser"] == "Chrome"
    assert properties["referrer"] == "https://bing.com"


def test_a_login_in_the_middle_of_a_visit_makes_the_profile(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/")
    visitor.tracks("login", profile="u1")
    assert footfall.profile("u1").is_external


def test_a_second_login_in_one_visit_makes_a_profile_too(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/")
    visitor.tracks("login", profile="u1")
    footfall.settle()
    footfall.advance(minutes=5)
    visitor.tracks("login", profile="u2")

    assert footfall.profile("u2").properties["browser"] == "Chrome"
    assert footfall.profile("u2").last_seen_at == footfall.clock.now
    assert visitor.does("increment", profileId="u2", property="logins").status_code == 200


def test_events_from_the_past_make_the_profile(footfall: Footfall, visitor: Visitor) -> None:
    """An app that was offline sends what happened, and says who it was."""
    visitor.tracks("read", profile="u1", ago=3_600)
    profile = footfall.profile("u1")
    assert profile.is_external
    assert (profile.created_at, profile.last_seen_at) == (footfall.clock.now - 3_600_000,) * 2


def test_events_from_the_past_do_not_hide_what_is_newer(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/now")
    visitor.identifies("u1")
    visitor.tracks("login")
    footfall.settle()
    phone = footfall.visitor(ua=FIREFOX)
    phone.profile = "u1"
    phone.views("/then", ago=7_200)

    properties = footfall.profile("u1").properties
    assert (properties["browser"], properties["os"]) == ("Chrome", "macOS")
    assert footfall.profile("u1").last_seen_at == footfall.clock.now


def test_identify_does_not_undo_groups(footfall: Footfall, visitor: Visitor) -> None:
    visitor.does("assign_group", profileId="u1", groupIds=["acme"])
    visitor.identifies("u1", firstName="Ann")
    assert footfall.profile("u1").groups == ("acme",)


def test_strange_ids_are_as_good_as_any(footfall: Footfall, visitor: Visitor) -> None:
    for id in ("o'neill", "100%", "a/b?c=d", "日本", "\\", '"', "a;b--"):
        visitor.identifies(id, firstName=id)
        assert footfall.profile(id).first_name == id
