"""The overview and what is around every page, in Chromium over a real server."""

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.pages import Dashboard, serious
from support.process import PLAIN

Pages = Callable[..., Page]
TITLE = "<img src=x onerror=\"document.title='taken over'\">"
EVENT = "<b onclick=alert(1)>signup</b>"
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(scope="module")
def garden(dashboard: Dashboard) -> str:
    """A project with three visitors of today: one from Germany by way of Google, two from France; four views."""
    project = dashboard.project_of_today("Garden")

    def sends(number: int, url: str, **more: Any) -> None:
        payload = {"website": project, "url": url, "hostname": "garden.example", **more}
        country = "DE" if number == 1 else "FR"
        headers = {"user-agent": AGENT, "x-forwarded-for": f"203.0.113.{number}", "cf-ipcountry": country}
        body = {"type": "event", "payload": payload}
        httpx.post(f"{dashboard.url}/api/send", json=body, headers=headers, **PLAIN).raise_for_status()

    sends(1, "/", referrer="https://www.google.com/", title="Home")
    sends(1, "/roses", title=TITLE)
    sends(2, "/roses", title=TITLE)
    sends(3, "/", title="Home")
    sends(3, "/", name=EVENT)
    with dashboard.http() as http:
        until = time.monotonic() + 10
        asked = {"interval": "day", "range": "today"}
        while http.get(f"/insights/{project}/overview", params=asked).json()["summary"]["total_screen_views"] < 4:
            assert time.monotonic() < until
            time.sleep(0.1)
        note = {"projectId": project, "title": f"Opened {TITLE}", "datetime": "2026-01-01T12:00:00Z"}
        http.post("/manage/references", json=note).raise_for_status()
    return project


@pytest.fixture
def overview(make_page: Pages, dashboard: Dashboard, garden: str) -> Page:
    """The overview of today, seen by the admin."""
    page = make_page()
    show(page, dashboard, f"/site/{garden}/overview?range=today")
    expect(number(page, "Visitors")).to_have_text("3")
    return page


def show(page: Page, dashboard: Dashboard, path: str) -> None:
    """Goes there as the admin, who signed in before."""
    with dashboard.http() as http:
        cookies = [{"name": name, "value": value, "url": dashboard.url} for name, value in http.cookies.items()]
    page.context.add_cookies(cookies)
    page.goto(f"{dashboard.url}{path}")


def tile(page: Page, name: str) -> Locator:
    """A headline number, which is a button."""
    return page.get_by_role("button", name=re.compile(rf"^{name} [\d.,]+"))


def number(page: Page, name: str) -> Locator:
    """Its value."""
    return tile(page, name).locator(".value")


def line(page: Page, panel: str, label: str) -> Locator:
    """A line of a panel's list."""
    return page.get_by_role("region", name=panel).get_by_role("listitem").filter(has_text=label)


def test_the_overview_says_who_came_from_where_to_what(overview: Page) -> None:
    expect(number(overview, "Sessions")).to_have_text("3")
    expect(number(overview, "Views")).to_have_text("4")
    expect(number(overview, "Views per session")).to_have_text("1.33")
    expect(number(overview, "Bounce rate")).to_have_text("67%")
    expect(line(overview, "Pages", "/roses")).to_contain_text("2")
    expect(line(overview, "Sources", "Google")).to_contain_text("33%")
    expect(line(overview, "Places", "France")).to_contain_text("67%")
    expect(line(overview, "Technology", "Firefox")).to_contain_text("100%")
    tile(overview, "Views").click()
    expect(overview.get_by_role("figure", name="Views by hour")).to_be_visible()
    expect(overview.locator("canvas").first).to_be_visible()


def test_all_time_of_a_young_project_is_drawn_by_the_hour(
    make_page: Pages, dashboard: Dashboard, garden: str
) -> None:
    page = make_page()
    show(page, dashboard, f"/site/{garden}/overview?range=all_time")
    tile(page, "Views").click()
    expect(page.get_by_role("figure", name="Views by hour")).to_be_visible()


def test_a_press_on_a_line_filters_by_it_and_back_takes_it_away(overview: Page) -> None:
    line(overview, "Places", "Germany").get_by_role("button").click()
    expect(number(overview, "Visitors")).to_have_text("1")
    expect(overview).to_have_url(re.compile(r"f=country%2Cis%2CGermany"))
    expect(overview.get_by_role("list", name="Filters")).to_contain_text("Country is Germany")
    expect(line(overview, "Sources", "Direct")).to_have_count(0)
    overview.go_back()
    expect(number(overview, "Visitors")).to_have_text("3")
    overview.go_forward()
    overview.get_by_role("button", name="Remove the filter Country is Germany").click()
    expect(number(overview, "Visitors")).to_have_text("3")


def test_a_filter_is_made_and_changed_by_keyboard(overview: Page) -> None:
    overview.keyboard.press("f")
    dialog = overview.get_by_role("dialog", name="Add a filter")
    dialog.get_by_label("Field").select_option("country")
    dialog.get_by_role("combobox", name="Value").fill("fra")
    expect(dialog.get_by_role("option", name="France")).to_be_visible()
    overview.keyboard.press("Enter")
    overview.keyboard.press("Enter")
    expect(number(overview, "Visitors")).to_have_text("2")
    overview.get_by_role("button", name="Country is France", exact=True).click()
    overview.get_by_role("dialog").get_by_label("Condition").select_option("isNot")
    overview.get_by_role("button", name="Apply").click()
    expect(number(overview, "Visitors")).to_have_text("1")


def test_keys_choose_the_range_and_help_lists_them(overview: Page) -> None:
    overview.keyboard.press("w")
    expect(overview).to_have_url(re.compile(r"range=7d"))
    expect(overview.get_by_role("button", name="Last 7 days")).to_be_visible()
    overview.get_by_role("button", name="Last 7 days").press("Enter")
    overview.keyboard.press("ArrowUp")
    overview.keyboard.press("Enter")
    expect(overview.get_by_role("button", name="Yesterday")).to_be_visible()
    expect(number(overview, "Visitors")).to_have_text("0")
    overview.keyboard.press("w")
    overview.keyboard.press("e")
    expect(overview.get_by_role("button", name="Yesterday")).to_be_visible()
    overview.keyboard.press("?")
    expect(overview.get_by_role("dialog", name="Keyboard")).to_contain_text("Yesterday")
    overview.keyboard.press("Escape")
    expect(overview.get_by_role("dialog")).to_have_count(0)
    for width in (1280, 700):  # of the two lists of projects the one that is seen
        overview.set_viewport_size({"width": width, "height": 900})
        overview.keyboard.press("/")
        expect(overview.get_by_role("dialog", name="Projects")).to_be_visible()
        overview.keyboard.press("Escape")
        expect(overview.get_by_role("dialog")).to_have_count(0)


def test_days_are_chosen_in_the_calendar(overview: Page) -> None:
    overview.get_by_role("button", name="Today").click()
    today = overview.locator("[data-day][aria-current=date]")
    day = today.get_attribute("data-day")
    today.click()
    expect(overview.get_by_text("Choose the last day.")).to_be_visible()
    today.click()
    expect(overview).to_have_url(re.compile(rf"from={day}&to={day}"))
    expect(number(overview, "Visitors")).to_have_text("3")


def test_all_lines_are_searched_and_sorted_and_saved_as_csv(overview: Page) -> None:
    overview.get_by_role("button", name="Show all of: Pages").click()
    dialog = overview.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill("ROSES")
    expect(dialog.get_by_role("row")).to_have_count(2)
    with overview.expect_download() as download:
        dialog.get_by_role("button", name="CSV").click()
    assert "/roses,2,2," in download.value.path().read_text("utf-8-sig")


def test_what_visitors_and_pages_call_themselves_is_text(overview: Page) -> None:
    expect(line(overview, "Events", EVENT)).to_be_visible()
    line(overview, "Pages", "/roses").get_by_role("button").hover()
    overview.goto(overview.url.replace("range=today", "from=2026-01-01&to=2026-01-05"))
    note = overview.locator(".chart-tip-note")
    for step in range(100):  # the chart listens a moment after it is drawn
        overview.locator("canvas").first.hover(position={"x": 60 + step % 2, "y": 100})
        overview.wait_for_timeout(100)
        if note.is_visible():
            break
    expect(note).to_have_text(f"Opened {TITLE}")
    assert overview.title() == "Overview · Garden · Footfall"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(make_page: Pages, dashboard: Dashboard, garden: str, scheme: str) -> None:
    page = make_page(color_scheme=scheme)
    page.goto(f"{dashboard.url}/login")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert serious(page) == []
    show(page, dashboard, f"/site/{garden}/overview?range=today&f=country,is,France")
    expect(number(page, "Visitors")).to_have_text("2")
    expect(page.locator("canvas").first).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("c")
    assert serious(page) == []


def test_on_paper_it_is_dark_on_white_and_the_numbers_alone(overview: Page) -> None:
    overview.emulate_media(media="print", color_scheme="dark")
    expect(number(overview, "Visitors")).to_be_visible()
    expect(overview.get_by_role("navigation")).to_have_count(0)
    expect(overview.get_by_role("button", name="Filter", exact=True)).to_have_count(0)
    ink = "Math.max(...getComputedStyle(document.querySelector('h1')).color.match(/[\\d.]+/g).slice(0, 3))"
    assert overview.evaluate(ink) < 60
    expect(overview.get_by_role("link", name="To the content")).to_be_hidden()


def test_a_chart_is_as_light_on_paper_as_the_page(overview: Page) -> None:
    drawn = "document.querySelector('canvas').toDataURL()"
    overview.emulate_media(media="print", color_scheme="light")
    expect(overview.locator("canvas").first).to_be_visible()
    overview.wait_for_timeout(1000)  # until it stands still
    light = overview.evaluate(drawn)
    overview.emulate_media(media="screen", color_scheme="dark")
    overview.wait_for_function(f"light => {drawn} !== light", arg=light)
    overview.emulate_media(media="print", color_scheme="dark")
    overview.wait_for_function(f"light => {drawn} === light", arg=light)


def test_a_phone_shows_it_in_german_without_scrolling_sideways(
    make_page: Pages,
    dashboard: Dashboard,
    garden: str,
) -> None:
    page = make_page(viewport={"width": 390, "height": 844}, has_touch=True)
    show(page, dashboard, f"/site/{garden}/overview?range=today")
    page.get_by_role("button", name="Account and looks").click()
    page.get_by_role("tab", name="Deutsch").click()
    page.keyboard.press("Escape")
    expect(number(page, "Besucher")).to_have_text("3")
    expect(line(page, "Orte", "Frankreich")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    tiles = [each.bounding_box() or {} for each in page.locator(".stats .stat").all()]
    assert len(tiles) == 6
    assert [tile["x"] for tile in tiles] == [tiles[0]["x"], tiles[1]["x"]] * 3, "two in each row"
    page.evaluate("document.querySelector('.mobile .name').textContent = 'فروشگاه گل و گیاه باغ بزرگ'")
    switcher, live = page.get_by_title("Projekt wählen").last, page.get_by_title("In den letzten fünf Minuten")
    ends, begins = (each.bounding_box() or {} for each in (switcher, live))
    assert ends["x"] + ends["width"] <= begins["x"]
    page.get_by_role("button", name="Mehr").last.click()
    page.get_by_role("menuitem", name="Einstellungen").click()
    expect(page).to_have_url(re.compile(rf"/site/{garden}/settings"))


def test_a_key_loads_again_what_was_just_loaded(overview: Page, garden: str) -> None:
    overview.wait_for_load_state("networkidle")
    with overview.expect_request(re.compile(f"/insights/{garden}/overview"), timeout=5000):
        overview.keyboard.press("r")


def test_an_ended_session_asks_to_sign_in_and_leads_back(overview: Page, dashboard: Dashboard) -> None:
    overview.context.clear_cookies()
    overview.keyboard.press("r")
    expect(overview.get_by_role("heading", name="Sign in")).to_be_visible()
    overview.get_by_label("User name").fill("ada")
    overview.get_by_label("Password").fill("wrong")
    overview.get_by_role("button", name="Sign in").click()
    expect(overview.get_by_role("alert")).to_contain_text("wrong")
    overview.get_by_label("Password").fill("correct horse")
    overview.get_by_role("button", name="Sign in").click()
    expect(number(overview, "Visitors")).to_have_text("3")


def test_a_filter_that_can_not_be_is_told_and_no_older_number_stays(overview: Page) -> None:
    overview.keyboard.press("f")
    dialog = overview.get_by_role("dialog", name="Add a filter")
    dialog.get_by_label("Condition").select_option("regex")
    dialog.get_by_role("combobox", name="Value").fill("(")
    dialog.get_by_role("button", name="Apply").click()
    for panel in ("Chart", "Pages", "Sources", "Places", "Technology", "Events"):
        expect(overview.get_by_role("region", name=panel).get_by_role("alert")).to_be_visible()
    expect(tile(overview, "Visitors")).to_have_count(0)
    expect(line(overview, "Pages", "/roses")).to_have_count(0)
    overview.go_back()
    expect(number(overview, "Visitors")).to_have_text("3")
    expect(line(overview, "Pages", "/roses")).to_be_visible()
    expect(overview.get_by_role("alert")).to_have_count(0)


def test_a_filter_that_is_there_twice_is_one(overview: Page) -> None:
    france = "f=country%2Cis%2CFrance"
    overview.goto(f"{overview.url}&{france}%2CFrance&{france}&f=path%2Cis%2C%2Froses")
    expect(number(overview, "Visitors")).to_have_text("1")
    filters = overview.get_by_role("list", name="Filters")
    expect(filters.get_by_role("button", name="Remove the filter")).to_have_count(2)
    filters.get_by_role("button", name="Page is /roses", exact=True).click()
    dialog = overview.get_by_role("dialog", name="Change the filter")
    dialog.get_by_label("Field").select_option("country")
    dialog.get_by_role("combobox", name="Value").fill("France")
    dialog.get_by_role("button", name="Apply").click()
    expect(number(overview, "Visitors")).to_have_text("2")
    expect(filters.get_by_role("button", name="Remove the filter")).to_have_count(1)


def test_a_press_on_a_month_looks_at_all_of_it(make_page: Pages, dashboard: Dashboard, garden: str) -> None:
    page = make_page()
    show(page, dashboard, f"/site/{garden}/overview?from=2025-01-01&to=2025-03-31&interval=month")
    expect(number(page, "Visitors")).to_have_text("0")
    for step in range(100):  # the chart listens a moment after it is drawn
        page.locator("canvas").first.click(position={"x": 60 + step % 2, "y": 100})
        page.wait_for_timeout(100)
        if "from=2025-01-01&to=2025-03-31" not in page.url:
            break
    expect(page).to_have_url(re.compile("from=2025-01-01&to=2025-01-31"))


def test_a_finger_reads_a_month_before_it_looks_at_it(make_page: Pages, dashboard: Dashboard, garden: str) -> None:
    page = make_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    show(page, dashboard, f"/site/{garden}/overview?from=2025-01-01&to=2025-03-31&interval=month")
    canvas, tip = page.locator("canvas").first, page.locator(".chart-tip")
    for step in range(100):  # the chart listens a moment after it is drawn
        canvas.tap(position={"x": 300 if step % 2 else 60, "y": 100})
        page.wait_for_timeout(100)
        if tip.is_visible():
            break
    expect(page).to_have_url(re.compile("from=2025-01-01&to=2025-03-31"))
    for _ in range(2):
        canvas.tap(position={"x": 180, "y": 100})
    expect(page).to_have_url(re.compile("from=2025-02-01&to=2025-02-28"))


def test_a_note_of_the_day_after_belongs_to_no_month_before_it(
    make_page: Pages, dashboard: Dashboard, garden: str
) -> None:
    with dashboard.http() as http:
        note = {"projectId": garden, "title": "March came", "datetime": "2025-03-02T12:00:00Z"}
        http.post("/manage/references", json=note).raise_for_status()
    page = make_page()
    tip = page.locator(".chart-tip")

    def hovers(days: str) -> None:
        """Until the last month's numbers are shown."""
        show(page, dashboard, f"/site/{garden}/overview?{days}&interval=month")
        page.wait_for_load_state("networkidle")
        for step in range(100):
            page.locator("canvas").first.hover(position={"x": 900 + step % 2, "y": 100})
            page.wait_for_timeout(100)
            if tip.is_visible():
                break

    hovers("from=2025-01-01&to=2025-03-31")
    expect(tip).to_contain_text("March came")
    hovers("from=2025-01-01&to=2025-02-28")
    expect(tip).to_contain_text("February 2025")
    expect(tip).not_to_contain_text("March came")


def test_days_that_are_not_in_the_calendar_are_none(make_page: Pages, dashboard: Dashboard, garden: str) -> None:
    page = make_page()
    show(page, dashboard, f"/site/{garden}/overview?from=2026-02-31&to=2026-03-01")
    expect(page.get_by_role("button", name="Last 30 days")).to_be_visible()
    expect(number(page, "Visitors")).to_have_text("3")


def test_what_pages_measured_is_nothing_that_visitors_did(make_page: Pages, dashboard: Dashboard) -> None:
    project = dashboard.project_of_today("Measured")
    payload = {"website": project, "url": "/", "hostname": "garden.example"}
    for body in (
        {"type": "event", "payload": payload},
        {"type": "event", "payload": {**payload, "name": "watered"}},
        {"type": "performance", "payload": {**payload, "lcp": 1200}},
        {"type": "performance", "payload": {**payload, "lcp": 1300}},
    ):
        headers = {"user-agent": AGENT}
        httpx.post(f"{dashboard.url}/api/send", json=body, headers=headers, **PLAIN).raise_for_status()
    with dashboard.http() as http:
        until = time.monotonic() + 10
        while "__performance" not in http.get(f"/insights/{project}/events/names").json():
            assert time.monotonic() < until
            time.sleep(0.1)
    page = make_page()
    show(page, dashboard, f"/site/{project}/overview?range=today")
    expect(line(page, "Events", "watered")).to_be_visible()
    expect(page.get_by_role("region", name="Events").get_by_role("listitem")).to_have_count(1)
    page.goto(f"{dashboard.url}/site/{project}/explore/funnel?range=today")
    expect(page.get_by_role("region", name="Answer").get_by_role("columnheader").nth(1)).to_contain_text("watered")


def test_marking_a_text_to_beside_the_dialog_does_not_close_it(overview: Page) -> None:
    overview.keyboard.press("f")
    dialog = overview.get_by_role("dialog", name="Add a filter")
    field = dialog.get_by_role("combobox", name="Value")
    field.fill("/roses")
    box = field.bounding_box()
    assert box
    overview.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    overview.mouse.down()
    overview.mouse.move(5, 5)
    overview.mouse.up()
    expect(field).to_have_value("/roses")
    overview.mouse.click(5, 5)
    expect(dialog).to_be_hidden()


def test_another_project_does_not_show_the_visitors_of_the_one_before(
    overview: Page, dashboard: Dashboard
) -> None:
    other = dashboard.project("Greenhouse")
    expect(overview.get_by_role("link", name="visitors now")).to_be_visible()
    overview.route(f"**/insights/{other}/live", lambda route: None)
    overview.reload()
    expect(overview.get_by_role("link", name="visitors now")).to_be_visible()
    overview.get_by_title("Choose a project").first.click()
    overview.get_by_role("menuitemradio", name="Greenhouse").or_(
        overview.get_by_role("menuitem", name="Greenhouse")
    ).click()
    expect(overview).to_have_url(re.compile(rf"/site/{other}/"))
    expect(overview.get_by_role("link", name="visitors now")).to_have_count(0)


def test_a_server_that_is_not_there_is_told_until_it_is(overview: Page) -> None:
    overview.route("**/insights/*/live", lambda route: route.abort())
    overview.route("**/assets/Sessions-*.js", lambda route: route.abort())
    overview.reload()
    expect(overview.get_by_text("No connection")).to_be_visible()
    overview.keyboard.press("5")
    expect(overview.get_by_role("alert")).to_contain_text("can’t be reached")
    overview.unroute_all()
    overview.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(overview.get_by_role("columnheader", name="From page to page")).to_be_visible()
    expect(overview.get_by_role("link", name="visitors now")).to_be_visible()


def test_after_an_update_of_the_server_pages_that_were_not_loaded_yet_come(overview: Page) -> None:
    overview.route("**/assets/Sessions-*.js", lambda route: route.fulfill(status=404), times=1)
    overview.evaluate("performance.now = () => 60_000")  # open for a minute
    overview.keyboard.press("5")
    expect(overview.get_by_role("columnheader", name="From page to page")).to_be_visible()


@pytest.mark.parametrize("next_", ["/%5C%5Cevil.example", "/%09/evil.example", "//", "https://evil.example/"])
def test_signing_in_leads_to_no_other_site(overview: Page, dashboard: Dashboard, garden: str, next_: str) -> None:
    overview.goto(f"{dashboard.url}/login?next={next_}")
    expect(overview).to_have_url(re.compile(rf"^{re.escape(dashboard.url)}/site/{garden}/overview"))


def test_a_filter_by_revenue_says_in_which_unit(overview: Page) -> None:
    overview.keyboard.press("f")
    dialog = overview.get_by_role("dialog", name="Add a filter")
    dialog.get_by_label("Field").select_option("revenue")
    expect(dialog).to_contain_text("Value, in cents")
