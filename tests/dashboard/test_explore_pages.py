"""Explore: questions that are built, drawn, taken away and kept on dashboards, in Chromium over a real server."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from dashboard.pages import Dashboard, serious
from support.process import PLAIN

Pages = Callable[..., Page]
ATTACK = '<img src=x onerror="document.title=1">'
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
KINDS = ["", "chart", "funnel", "retention", "journeys", "attribution", "goals", "revenue", "campaigns", "vitals"]


@pytest.fixture(scope="module")
def farm(dashboard: Dashboard) -> str:
    """A project of today: four visitors on /, three go on to /prices, two sign up, one of them pays 20 euros."""
    project = dashboard.project_of_today("Farm")

    def sends(number: int, url: str, kind: str = "event", **more: Any) -> None:
        payload = {"website": project, "url": url, "hostname": "farm.example", "ip": f"203.0.113.{number}", **more}
        body = {"type": kind, "payload": payload}
        headers = {"user-agent": AGENT}
        httpx.post(f"{dashboard.url}/api/send", json=body, headers=headers, **PLAIN).raise_for_status()

    for number in (1, 2, 3, 4):
        more = {"referrer": "https://www.google.com/"} if number == 1 else {}
        sends(number, "/?utm_campaign=spring" if number == 2 else "/", **more)
    for number in (1, 2, 3):
        sends(number, "/prices")
    for number in (1, 2):
        sends(number, "/prices", name="sign_up", data={"plan": "small" if number == 1 else "large"})
    sends(1, "/prices", name="buy", data={"revenue": 20, "currency": "EUR"})
    sends(4, "/", name=ATTACK)
    sends(1, "/", "performance", lcp=3000, inp=100, cls=0.3, fcp=1000, ttfb=200)
    with dashboard.http() as http:
        until = time.monotonic() + 10
        while len(http.get(f"/insights/{project}/events/names").json()) < 4:
            assert time.monotonic() < until
            time.sleep(0.1)
        goal = {"name": "sign_up", "conversion": True}
        http.post(f"/manage/projects/{project}/event-meta", json=goal).raise_for_status()
    return project


class Explorer:
    """The admin at the pages of Explore, looking at today."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self._base = page, base

    def goes(self, what: str = "", **query: str) -> None:
        """Opens a page of Explore."""
        asked = "&".join(f"{name}={value}" for name, value in {"range": "today", **query}.items())
        self.page.goto(f"{self._base}/explore/{what}?{asked}")

    def adds(self, what: str, text: str) -> None:
        """Adds what a button at the head of a builder adds."""
        self.page.get_by_role("button", name=what, exact=True).click()
        box = self.page.locator("input[data-autofocus]")
        box.fill(text)
        box.press("Enter")

    def chooses(self, menu: str, item: str) -> None:
        """Chooses from a menu."""
        self.page.get_by_role("button", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item, exact=False).click()

    def keeps(self, name: str, dashboard_name: str) -> None:
        """Saves the question, on a new dashboard."""
        self.page.get_by_role("button", name="Save", exact=True).click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Name", exact=True).fill(name)
        dialog.get_by_role("combobox").select_option("new")
        dialog.get_by_label("Name of the new dashboard").fill(dashboard_name)
        dialog.get_by_role("button", name="Save").click()
        expect(self.page.get_by_text(f"Saved on {dashboard_name}.")).to_be_visible()

    def opens(self, dashboard_name: str) -> None:
        """Opens a dashboard from where Explore begins."""
        self.goes()
        self.page.get_by_role("link", name=f"{dashboard_name} Changed").click()

    def row(self, name: str) -> Locator:
        """A row of a table that is seen."""
        return self.page.locator("table:not(.sr table) tbody tr").filter(has_text=name).first

    def tiles(self) -> list[str]:
        """The reports of a dashboard, in their order."""
        return self.page.locator("section[aria-label] h3").all_inner_texts()


@pytest.fixture
def explorer(make_page: Pages, dashboard: Dashboard, farm: str) -> Explorer:
    """Whoever asks."""
    page = make_page(accept_downloads=True, storage_state=dashboard.state())
    return Explorer(page, f"{dashboard.url}/site/{farm}")


def test_a_chart_of_several_series_and_a_formula_lives_in_its_address(explorer: Explorer) -> None:
    explorer.goes("chart")
    expect(explorer.row("Page view")).to_contain_text("7")
    explorer.adds("Event", "sign_up")
    expect(explorer.row("sign_up")).to_contain_text("2")
    explorer.page.get_by_role("button", name="Formula").click()
    formula = explorer.page.get_by_role("textbox", name="Formula C")
    formula.fill("A - B * 2")
    formula.press("Enter")
    expect(explorer.row("A - B * 2")).to_contain_text("3")
    explorer.page.reload()
    expect(explorer.row("A - B * 2")).to_contain_text("3")
    explorer.page.go_back()
    expect(explorer.row("A / B * 100")).to_be_visible()


def test_a_formula_that_makes_no_sense_says_so_and_can_be_mended(explorer: Explorer) -> None:
    explorer.goes("chart", q='{"series":[{"name":"screen_view"},{"type":"formula","formula":"A %2B"}]}')
    expect(explorer.page.get_by_role("alert")).to_contain_text("formula")
    formula = explorer.page.get_by_role("textbox", name="Formula B")
    formula.fill("A + 1")
    formula.press("Enter")
    expect(explorer.row("A + 1")).to_contain_text("8")


def test_series_are_filtered_broken_down_and_drawn_in_every_way(explorer: Explorer) -> None:
    explorer.goes("chart")
    explorer.page.get_by_label("What series A counts").select_option("user")
    expect(explorer.row("Page view, Visitors")).to_contain_text("4")
    explorer.adds("Property", "Page")
    expect(explorer.row("/prices")).to_contain_text("3")
    series = explorer.page.get_by_role("region", name="Series")
    series.get_by_role("button", name="Filter").click()
    dialog = explorer.page.get_by_role("dialog")
    dialog.get_by_label("Condition").select_option("startsWith")
    dialog.get_by_role("combobox", name="Value").fill("/pri")
    dialog.get_by_role("button", name="Apply").click()
    expect(explorer.page.get_by_role("button", name="Page starts with /pri", exact=True)).to_be_visible()
    expect(explorer.page.get_by_role("checkbox")).to_have_count(1)
    for look in ("Area", "Bars", "Pie", "Table", "Numbers", "Map"):
        explorer.page.get_by_role("radio", name=look).click()
        expect(explorer.page.get_by_role("radio", name=look)).to_be_checked()
    explorer.page.get_by_role("radio", name="Table").click()
    expect(explorer.row("/prices")).to_contain_text("3")


def test_what_attackers_send_is_shown_as_text(explorer: Explorer) -> None:
    explorer.goes("chart", q='{"series":[{"name":"*"}],"breakdowns":["name"]}')
    expect(explorer.row(ATTACK)).to_contain_text("1")
    explorer.goes("funnel")
    explorer.adds("Step", "onerror")
    expect(explorer.page.get_by_role("columnheader", name=ATTACK)).to_be_visible()
    assert explorer.page.locator("img").count() == 0


def test_a_funnel_is_built_step_by_step(explorer: Explorer) -> None:
    explorer.goes("funnel")
    answer = explorer.page.get_by_role("region", name="Answer")
    expect(answer).to_contain_text("50%")
    explorer.adds("Step", "buy")
    expect(answer.get_by_role("table")).to_contain_text("25%")
    expect(answer.get_by_role("table")).to_contain_text("−1 (50%)")
    explorer.page.get_by_role("button", name="Move step 3 up").click()
    expect(answer.get_by_role("columnheader").nth(1)).to_contain_text("buy")
    expect(answer.locator(".stats")).to_contain_text("0%")
    explorer.page.get_by_role("button", name="Remove step 2").click()
    expect(answer.get_by_role("columnheader")).to_have_count(2)


def test_answers_are_taken_away_as_csv_picture_and_request(explorer: Explorer, tmp_path: Path) -> None:
    explorer.goes("funnel")
    expect(explorer.page.get_by_role("region", name="Answer").get_by_role("table")).to_be_visible()
    with explorer.page.expect_download() as taken:
        explorer.chooses("Export", "CSV")
    taken.value.save_as(tmp_path / "funnel.csv")
    lines = (tmp_path / "funnel.csv").read_text("utf-8-sig").splitlines()
    assert lines[1:] == ["1,screen_view,4,100,0,0", "2,sign_up,2,50,2,50"]
    explorer.goes("chart")
    expect(explorer.page.locator("canvas").first).to_be_visible()
    with explorer.page.expect_download() as taken:
        explorer.chooses("Export", "PNG")
    taken.value.save_as(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    explorer.chooses("Export", "API")
    request = explorer.page.get_by_label("Request 1")
    expect(request).to_contain_text("/export/charts")
    expect(request).to_contain_text('-H "openpanel-client-secret: $CLIENT_SECRET"')


def test_questions_are_kept_opened_and_changed(explorer: Explorer) -> None:
    explorer.goes("chart", q='{"look":"bar","series":[{"name":"sign_up"}],"breakdowns":["properties.plan"]}')
    explorer.keeps("Plans", "Growth")
    explorer.opens("Growth")
    tile = explorer.page.get_by_role("region", name="Plans")
    expect(tile.get_by_role("table")).to_contain_text("small")
    tile.get_by_role("link", name="Plans").click()
    expect(explorer.page.get_by_role("heading", name="Plans")).to_be_visible()
    expect(explorer.page.get_by_role("radio", name="Bars")).to_be_checked()
    explorer.page.get_by_role("radio", name="Pie").click()
    explorer.page.get_by_role("button", name="Save", exact=True).click()
    expect(explorer.page.get_by_text("Saved.")).to_be_visible()
    explorer.page.reload()
    expect(explorer.page.get_by_role("radio", name="Pie")).to_be_checked()


def test_a_question_that_is_sent_twice_is_kept_once(explorer: Explorer) -> None:
    held: list[Route] = []
    explorer.page.route(
        "**/manage/projects/*/dashboards",
        lambda route: held.append(route) if route.request.method == "POST" else route.continue_(),
    )
    explorer.goes("chart")
    explorer.page.get_by_role("button", name="Save", exact=True).click()
    dialog = explorer.page.get_by_role("dialog")
    dialog.get_by_role("combobox").select_option("new")
    name = dialog.get_by_label("Name of the new dashboard")
    name.fill("Once")
    name.press("Enter")
    name.press("Enter")
    explorer.page.wait_for_timeout(500)
    assert len(held) == 1
    held[0].continue_()
    expect(explorer.page.get_by_text("Saved on Once.")).to_be_visible()


def test_a_dashboard_is_arranged_by_keys_and_by_mouse(explorer: Explorer) -> None:
    explorer.goes("funnel")
    explorer.keeps("First", "Board")
    for kind, name in (("vitals", "Second"), ("revenue", "Third")):
        explorer.goes(kind)
        explorer.page.get_by_role("button", name="Save", exact=True).click()
        dialog = explorer.page.get_by_role("dialog")
        dialog.get_by_label("Name", exact=True).fill(name)
        dialog.get_by_role("button", name="Save").click()
        expect(explorer.page.get_by_text("Saved on Board.")).to_be_visible()
    explorer.opens("Board")
    expect(explorer.page.get_by_role("region", name="Third")).to_contain_text("€20.00")
    assert explorer.tiles() == ["First", "Second", "Third"]
    with explorer.page.expect_response(lambda answer: answer.request.method == "PATCH"):
        explorer.page.get_by_role("button", name="Move Third", exact=False).press("ArrowLeft")
    expect(explorer.page.get_by_text("Third is now at place 2 of 3.")).to_be_attached()
    with explorer.page.expect_response(lambda answer: answer.request.method == "PATCH"):
        explorer.page.get_by_role("button", name="Move Second", exact=False).drag_to(
            explorer.page.get_by_role("region", name="First")
        )
    explorer.page.reload()
    expect(explorer.page.get_by_role("region", name="Third")).to_be_visible()
    assert explorer.tiles() == ["Second", "First", "Third"]
    explorer.chooses("Report Third", "Rename")
    explorer.page.get_by_role("dialog").get_by_label("Name").fill("Earned")
    explorer.page.get_by_role("button", name="Save", exact=True).click()
    expect(explorer.page.get_by_role("region", name="Earned")).to_be_visible()
    explorer.chooses("Report Earned", "Delete")
    explorer.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(explorer.page.get_by_role("region", name="Earned")).to_have_count(0)


def test_the_other_kinds_of_questions_answer(explorer: Explorer) -> None:
    answer = explorer.page.get_by_role("region", name="Answer")
    explorer.goes("goals")
    expect(explorer.row("sign_up")).to_contain_text("50%")
    explorer.goes("revenue")
    expect(answer).to_contain_text("€20.00")
    expect(answer).to_contain_text("€5.00")
    explorer.goes("attribution")
    expect(answer.get_by_role("region", name="Sites")).to_contain_text("google.com")
    explorer.goes("campaigns")
    expect(explorer.row("spring")).to_contain_text("1")
    explorer.goes("vitals")
    expect(explorer.page.get_by_role("button", name="LCP")).to_contain_text("Needs work")
    expect(explorer.page.get_by_role("button", name="CLS")).to_contain_text("Poor")
    explorer.goes("journeys")
    expect(explorer.row("→")).to_contain_text("/prices")
    explorer.goes("retention")
    expect(explorer.row("Average")).to_contain_text("4")


def test_a_day_that_begins_at_one_is_asked_for_from_then(make_page: Pages, dashboard: Dashboard) -> None:
    zone = {"name": "Valparaiso", "domain": "valparaiso.example", "timezone": "America/Santiago"}
    with dashboard.http() as http:
        project = http.post("/manage/projects", json=zone).json()["data"]["id"]
    page = make_page(storage_state=dashboard.state())
    with page.expect_request(re.compile("/api/websites/.*/performance/stats")) as asked:
        page.goto(f"{dashboard.url}/site/{project}/explore/vitals?from=2026-09-06&to=2026-09-06")
    query = parse_qs(urlsplit(asked.value.url).query)
    assert query["startAt"] == ["1788667200000"]  # 04:00 UTC: the clocks went from midnight to one
    assert query["endAt"] == ["1788749999999"]  # 03:00 UTC of the next day, a millisecond before


def test_campaigns_whose_lines_fail_say_so(explorer: Explorer) -> None:
    explorer.page.route(
        "**/export/charts?*utm_campaign*",
        lambda route: route.fulfill(status=500, json={"message": "The lines are gone."}),
    )
    explorer.goes("campaigns")
    expect(explorer.page.get_by_role("alert")).to_be_visible()


def test_what_a_question_says_twice_counts_once(explorer: Explorer) -> None:
    name = '{"name":"country","operator":"isNull","value":["x","x"]}'
    series = f'{{"series":[{{"name":"sign_up","filters":[{name}]}}],"breakdowns":["properties.plan","properties.plan"]}}'
    explorer.goes("chart", q=series)
    expect(explorer.row("small")).to_contain_text("1")
    expect(explorer.page.get_by_role("button", name="Remove plan")).to_have_count(1)


def test_an_answer_that_fails_leaves_no_lines_of_the_one_before(explorer: Explorer) -> None:
    explorer.goes("chart")
    expect(explorer.row("Page view")).to_contain_text("7")
    explorer.page.keyboard.press("f")
    dialog = explorer.page.get_by_role("dialog", name="Add a filter")
    dialog.get_by_label("Condition").select_option("regex")
    dialog.get_by_role("combobox", name="Value").fill("(")
    dialog.get_by_role("button", name="Apply").click()
    expect(explorer.page.get_by_role("alert")).to_be_visible()
    expect(explorer.row("Page view")).to_have_count(0)
    explorer.page.get_by_role("button", name="Export").click()
    expect(explorer.page.get_by_role("menuitem", name="Request to the API")).to_be_visible()
    expect(explorer.page.get_by_role("menuitem", name="Table as CSV")).to_have_count(0)


def test_filters_that_an_answer_cannot_follow_are_named(explorer: Explorer) -> None:
    explorer.goes("vitals", f="browser,startsWith,Fire")
    expect(explorer.page.get_by_text("Not filtered here by: Browser starts with Fire.")).to_be_visible()
    explorer.goes("vitals", f="browser,is,Chrome")
    expect(explorer.page.get_by_text("Nothing measured in this period")).to_be_visible()


def test_whoever_may_only_look_cannot_save(make_page: Pages, dashboard: Dashboard, farm: str) -> None:
    page = make_page(storage_state=dashboard.state("bob"))
    page.goto(f"{dashboard.url}/site/{farm}/explore/chart")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_every_page_can_be_used_by_everybody(make_page: Pages, dashboard: Dashboard, farm: str, look: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "locale": "de-DE"}
    page = sign_in_as(make_page(**(phone if look == "phone" else {"color_scheme": look})), dashboard)
    for kind in ["chart", "funnel", "retention", "vitals"] if look == "dark" else KINDS:
        page.goto(f"{dashboard.url}/site/{farm}/explore/{kind}?range=today")
        expect(page.locator("main h2").first).to_be_visible()
        expect(page.locator("main .skeleton")).to_have_count(0)
        assert look == "phone" or serious(page) == [], kind
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), kind


def sign_in_as(page: Page, dashboard: Dashboard) -> Page:
    """Signed in as the admin, whatever the language."""
    with dashboard.http() as http:
        cookies = [{"name": name, "value": value, "url": dashboard.url} for name, value in http.cookies.items()]
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    return page
