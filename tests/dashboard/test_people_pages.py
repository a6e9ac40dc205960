"""Realtime, events, sessions, profiles and the drop ledger, in Chromium over a real server."""

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.pages import PASSWORD, Dashboard, serious
from support.process import PLAIN

Pages = Callable[..., Page]
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
NASTY = "<img src=x onerror=\"document.title='taken over'\">"
NOON = int(time.time()) // 86_400 * 86_400 - 43_200
"""Yesterday at twelve, in seconds: what happened then is one visit, at whatever time the tests run."""


class Sender:
    """Tells a project of its visitors."""

    def __init__(self, url: str, project: str) -> None:
        self.url, self.project = url, project

    def __call__(
        self, path: str, *, kind: str = "event", visitor: int = 1, country: str = "DE", **more: Any
    ) -> None:
        """One hit, acknowledged."""
        self.batch([{"type": kind, "payload": {"url": path, **more}}], visitor, country)

    def batch(self, bodies: list[dict[str, Any]], visitor: int, country: str) -> None:
        """Several at once."""
        for body in bodies:
            body["payload"] |= {"website": self.project, "hostname": "orchard.example"}
        headers = {"user-agent": AGENT, "cf-ipcountry": country, "x-forwarded-for": f"203.0.113.{visitor}"}
        httpx.post(f"{self.url}/api/batch", json=bodies, headers=headers, **PLAIN).raise_for_status()


def wait_for(dashboard: Dashboard, send: Sender, events: int) -> None:
    """Until that many events, marks aside, can be read: a second after they were acknowledged."""
    asked = {"projectId": send.project, "filters": ONLY}
    with dashboard.http() as http:
        until = time.monotonic() + 20
        while http.get("/export/events", params=asked).json()["meta"]["totalCount"] < events:
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.fixture(scope="module")
def orchard(dashboard: Dashboard) -> Sender:
    """A project where grace bought a pear in a minute, somebody was nasty, and a hundred views came in at once."""
    send = Sender(dashboard.url, dashboard.project("Orchard"))
    send("/", id="grace", referrer="https://www.google.com/", timestamp=NOON)
    send("/pears", id="grace", title="Pears", timestamp=NOON + 20)
    send(
        "/pears",
        id="grace",
        name="order",
        data={"fruit": "pear", "revenue": 12.5, "currency": "EUR"},
        timestamp=NOON + 50,
    )
    send("/", kind="identify", id="grace", data={"plan": "pro"}, timestamp=NOON + 60)
    send("/plums", visitor=2, country="FR", title=NASTY, name=NASTY, data={NASTY: NASTY}, timestamp=NOON + 100)
    views = [{"type": "event", "payload": {"url": f"/crate/{at}", "timestamp": NOON + 200}} for at in range(100)]
    send.batch(views, visitor=3, country="FR")
    wait_for(dashboard, send, 104)
    return send


ONLY = '[{"name":"name","operator":"isNot","value":["session_start","session_end"]}]'


@pytest.fixture
def ada(make_page: Pages, dashboard: Dashboard) -> Page:
    """The admin, signed in."""
    return make_page(storage_state=dashboard.state())


def at(sender: Sender, page: str) -> str:
    """The address of a page of the project."""
    return f"{sender.url}/site/{sender.project}/{page}"


def lines(page: Page) -> Locator:
    """What a list shows."""
    return page.get_by_role("table").locator("tbody tr:not(:has(.skeleton))")


def test_events_are_searched_and_one_is_shown_in_full(ada: Page, orchard: Sender) -> None:
    ada.goto(at(orchard, "events?kind=custom"))
    expect(lines(ada)).to_have_count(2)
    ada.keyboard.press("/")
    ada.keyboard.type("pears")
    expect(lines(ada)).to_have_count(1)
    expect(ada).to_have_url(re.compile(r"[?&]q=pears"))
    lines(ada).first.click()
    shown = ada.get_by_role("dialog", name="Event")
    expect(shown.get_by_role("link", name="grace")).to_be_visible()
    expect(shown).to_contain_text("€12.50")
    expect(shown.get_by_role("link", name="pear", exact=True)).to_have_attribute(
        "title", "Show events with fruit = pear"
    )
    ada.reload()
    expect(shown).to_contain_text("€12.50")
    ada.go_back()
    expect(shown).to_be_hidden()
    ada.get_by_role("combobox", name="Search in").select_option("Event")
    expect(ada.get_by_text("Nothing passes these filters.")).to_be_visible()


def test_what_a_visitor_sent_is_shown_as_text(ada: Page, orchard: Sender) -> None:
    ada.goto(at(orchard, "events?kind=custom&q=plums"))
    expect(lines(ada)).to_contain_text(NASTY)
    lines(ada).first.click()
    shown = ada.get_by_role("dialog")
    expect(shown.get_by_text(NASTY)).to_have_count(4)
    shown.get_by_role("link", name="Show the session").click()
    expect(ada.get_by_role("list", name="What happened")).to_contain_text(NASTY)
    ada.goto(at(orchard, "events/names"))
    expect(lines(ada).filter(has_text=NASTY)).to_be_visible()
    assert ada.locator("img").count() == 0
    assert "taken over" not in ada.title()


def test_a_long_list_goes_on_to_its_end_without_gaps_or_repetitions(ada: Page, orchard: Sender) -> None:
    ada.goto(at(orchard, "events?kind=views"))
    expect(ada.get_by_text("of 102")).to_be_visible()
    for _ in range(10):
        ada.mouse.wheel(0, 4000)
        if lines(ada).count() == 102:
            break
        ada.wait_for_timeout(100)
    expect(lines(ada)).to_have_count(102)
    paths = ada.locator("tbody .path").all_inner_texts()
    assert len({path for path in paths if path.startswith("/crate/")}) == 100
    expect(ada.get_by_role("button", name="Show more")).to_have_count(0)


def test_what_an_event_means_is_saved_and_an_error_is_told(
    ada: Page,
    orchard: Sender,
    dashboard: Dashboard,
) -> None:
    ada.goto(at(orchard, "events/names"))
    ada.get_by_role("button", name="Say what order means").click()
    form = ada.get_by_role("dialog", name="What “order” means")
    form.get_by_label("This is a goal").check()
    form.get_by_label("Description").fill("Somebody pays")
    form.get_by_role("radio", name="Pink").check(force=True)
    form.get_by_role("radio", name="gift").check(force=True)
    ada.route(
        "**/event-meta", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text("The server can’t be reached. Is it running?")
    ada.unroute_all()
    form.get_by_role("button", name="Save").click()
    row = lines(ada).filter(has_text="order")
    expect(row.get_by_text("Goal")).to_be_visible()
    expect(row).to_contain_text("Somebody pays")
    with dashboard.http() as http:
        (kept,) = http.get(f"/manage/projects/{orchard.project}/event-meta").json()["data"]
    told = [kept[key] for key in ("name", "description", "conversion", "color", "icon")]
    assert told == ["order", "Somebody pays", True, "pink", "gift"]


def test_a_session_tells_what_happened_in_order(ada: Page, orchard: Sender) -> None:
    ada.goto(at(orchard, "sessions?kind=paid"))
    expect(lines(ada)).to_have_count(1)
    expect(lines(ada)).to_contain_text("Google")
    lines(ada).first.click()
    expect(ada).to_have_url(re.compile("/sessions/"))
    happened = ada.get_by_role("list", name="What happened").get_by_role("listitem")
    expect(happened).to_have_count(3)
    texts = happened.all_inner_texts()
    assert ["20s" in texts[0], "/pears" in texts[1], "order" in texts[2], "€12.50" in texts[2]] == [True] * 4
    ada.goto(at(orchard, "sessions/none-such"))
    expect(ada.get_by_text("There is no such session.")).to_be_visible()


def test_a_person_is_found_read_and_deleted_with_a_report(ada: Page, dashboard: Dashboard) -> None:
    send = Sender(dashboard.url, dashboard.project("Forgetful"))
    send("/", id="alan", timestamp=NOON)
    send("/garden", id="alan", timestamp=NOON + 30)
    send("/", kind="identify", id="alan", data={"plan": "free"}, timestamp=NOON + 40)
    send("/", visitor=2, timestamp=NOON)
    wait_for(dashboard, send, 3)
    ada.goto(at(send, "profiles?in=id&q=al"))
    expect(lines(ada)).to_have_count(1)
    ada.get_by_role("tab", name="All visitors").click()
    expect(lines(ada)).to_have_count(2)
    ada.get_by_role("tab", name="Known people").click()
    ada.get_by_role("link", name="alan").click()
    expect(ada.get_by_role("region", name="Properties")).to_contain_text("free")
    expect(ada.get_by_role("list", name="History").get_by_role("listitem")).to_have_count(2)
    expect(ada.get_by_role("table", name="The last year").locator("tbody tr")).to_have_count(1)
    ada.get_by_role("tab", name="Sessions").click()
    expect(ada.get_by_role("table", name="Sessions, newest first").locator("tbody tr")).to_have_count(1)
    ada.get_by_role("button", name="Delete…").click()
    asked = ada.get_by_role("dialog", name="Delete everything about alan?")
    expect(asked.get_by_role("button", name="Delete")).to_be_disabled()
    asked.get_by_label("To confirm").fill("delete")
    asked.get_by_role("button", name="Delete").click()
    report = ada.get_by_role("dialog", name="Deleted")
    expect(report.locator("div", has_text=re.compile(r"^Profiles"))).to_contain_text("1")
    report.get_by_role("button", name="To the list").click()
    expect(ada.get_by_text("Nobody is known yet")).to_be_visible()
    with dashboard.http() as http:
        assert http.get(f"/insights/{send.project}/profiles/alan").status_code == 404


def test_what_visitors_do_is_seen_as_they_do_it(ada: Page, dashboard: Dashboard) -> None:
    send = Sender(dashboard.url, dashboard.project("Lively"))
    ada.goto(at(send, "realtime"))
    expect(ada.get_by_text("Nothing in the last five minutes.")).to_be_visible()
    send("/now", title=NASTY, name="order", data={"revenue": 12.5, "currency": "EUR"})
    stream = ada.get_by_role("list", name="What they do").get_by_role("listitem")
    expect(stream).to_have_count(1)
    expect(stream.get_by_text(re.compile(r"^Visitor [0-9a-f]{6}$"))).to_be_visible()
    expect(stream).to_contain_text("€12.50")
    expect(ada.get_by_role("region", name="Visitors now")).to_contain_text("1")
    expect(ada.get_by_role("region", name="Countries")).to_contain_text("Germany")
    ada.get_by_role("button", name="Pause").click()
    send("/later", visitor=2, country="FR")
    expect(ada.get_by_text("1 more")).to_be_visible()
    expect(stream).to_have_count(1)
    ada.get_by_role("button", name="Go on").click()
    expect(stream.first).to_contain_text("/later")
    assert "taken over" not in ada.title()


def test_the_ledger_says_what_was_not_counted_and_why(ada: Page, dashboard: Dashboard) -> None:
    send = Sender(dashboard.url, dashboard.project("Strict"))
    ada.goto(at(send, "events/dropped"))
    expect(ada.get_by_text("Nothing was left out.")).to_be_visible()
    body = {"type": "event", "payload": {"website": send.project, "url": "/", "hostname": "strict.example"}}
    for _ in range(2):
        headers = {"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}
        httpx.post(f"{send.url}/api/send", json=body, headers=headers, **PLAIN).raise_for_status()
    bots = ada.get_by_role("button", name=re.compile("^Bots"))
    until = time.monotonic() + 10
    while not bots.count():
        assert time.monotonic() < until
        ada.reload()
        ada.wait_for_timeout(300)
    expect(bots).to_contain_text("100%")
    bots.click()
    expect(ada.get_by_role("heading", name="Bots")).to_be_visible()


def test_everybody_can_read_them_also_on_a_phone_and_in_the_dark(ada: Page, orchard: Sender) -> None:
    for path in ("realtime", "events", "events/names", "events/dropped", "sessions", "profiles", "profiles/grace"):
        ada.set_viewport_size({"width": 1280, "height": 900})
        ada.goto(at(orchard, path))
        expect(ada.locator(".skeleton")).to_have_count(0)
        assert serious(ada) == [], path
        ada.set_viewport_size({"width": 390, "height": 844})
        assert ada.evaluate("document.documentElement.scrollWidth") == 390, path
    ada.emulate_media(color_scheme="dark")
    ada.reload()
    expect(ada.get_by_role("list", name="History")).to_be_visible()
    assert serious(ada) == []


def test_they_speak_german(make_page: Pages, dashboard: Dashboard, orchard: Sender) -> None:
    page = make_page(locale="de-DE")
    page.goto(at(orchard, "sessions?kind=paid"))
    page.get_by_label("Benutzername").fill("ada")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.keyboard.press("Enter")
    lines(page).first.click()
    expect(page.get_by_role("list", name="Was geschah")).to_contain_text("12,50 €")


def test_a_search_of_several_words_keeps_the_space_between_them(ada: Page, orchard: Sender) -> None:
    ada.goto(at(orchard, "events"))
    field = ada.get_by_role("searchbox", name="Search events")
    field.press_sequentially("red ")
    expect(ada).to_have_url(re.compile(r"[?&]q=red(&|$)"))
    field.press_sequentially("pears")
    expect(field).to_have_value("red pears")
    expect(ada).to_have_url(re.compile(r"[?&]q=red(\+|%20)pears"))
    ada.reload()
    expect(field).to_have_value("red pears")


def test_a_search_that_nobody_waited_for_does_not_narrow_the_next_page(ada: Page, orchard: Sender) -> None:
    ada.goto(at(orchard, "events"))
    expect(lines(ada).first).to_be_visible()
    ada.get_by_role("searchbox", name="Search events").fill("pears")
    ada.evaluate("document.querySelector('nav a[href*=sessions]').click()")
    expect(ada.get_by_role("searchbox", name="Search sessions")).to_be_visible()
    ada.wait_for_timeout(600)
    assert "q=" not in ada.url


def test_a_names_share_is_of_all_events_whatever_is_searched(ada: Page, orchard: Sender) -> None:
    ada.goto(at(orchard, "events/names?range=7d"))
    ada.get_by_role("searchbox", name="Search names").fill("order")
    expect(lines(ada)).to_have_count(1)
    expect(lines(ada).first).to_contain_text("1%")
    expect(lines(ada).first).not_to_contain_text("100%")


def test_the_way_to_all_visitors_keeps_the_range(ada: Page, dashboard: Dashboard) -> None:
    project = dashboard.project("Meadow")
    ada.goto(f"{dashboard.url}/site/{project}/profiles?range=7d")
    ada.get_by_role("link", name="All", exact=True).click()
    expect(ada).to_have_url(re.compile(r"range=7d&who=visitors"))


def test_a_list_that_can_not_be_answered_shows_no_older_lines(ada: Page, orchard: Sender) -> None:
    ada.goto(at(orchard, "events?range=7d"))
    expect(lines(ada).first).to_be_visible()
    ada.keyboard.press("f")
    dialog = ada.get_by_role("dialog", name="Add a filter")
    dialog.get_by_label("Condition").select_option("regex")
    dialog.get_by_role("combobox", name="Value").fill("(")
    dialog.get_by_role("button", name="Apply").click()
    expect(ada.get_by_role("alert")).to_be_visible()
    expect(lines(ada)).to_have_count(0)
    ada.go_back()
    expect(lines(ada).first).to_be_visible()
    expect(ada.get_by_role("alert")).to_have_count(0)
