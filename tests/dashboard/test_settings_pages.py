"""The pages of settings and account, the first start and share links, in Chromium over a real server."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from browser.conftest import Site
from dashboard.pages import PASSWORD, Dashboard, serious, sign_in
from support.process import PLAIN, Footfall

Pages = Callable[..., Page]
LOG = '203.0.113.{n} - - [10/Mar/2026:12:0{n}:00 +0000] "GET /page/{n} HTTP/1.1" 200 512 "-" "{agent}"\n'
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ada(make_page: Pages, dashboard: Dashboard) -> Page:
    """The admin, signed in."""
    return make_page(storage_state=dashboard.state())


def test_the_first_start_leads_from_the_link_to_the_first_event(tmp_path: Path, make_page: Pages) -> None:
    with Footfall(tmp_path / "data") as footfall:
        footfall.start()
        link = footfall.said_until("/setup#").split()[-1]
        page = make_page(timezone_id="Europe/Berlin")
        page.goto(link)
        page.get_by_label("User name").fill("grace")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Start").click()
        page.get_by_label("Name", exact=True).fill("First shop")
        page.get_by_label("Domain").fill("shop.example")
        expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
        page.get_by_role("button", name="Make project").click()
        expect(page.get_by_text("Waiting for the first event")).to_be_visible()
        expect(page).to_have_url(f"{footfall.url}/site/first-shop/settings/install")
        code = page.get_by_label("Code for HTML").inner_text()
        assert code == f'<script defer src="{footfall.url}/script.js" data-website-id="first-shop"></script>'
        page.get_by_role("link", name="Overview").click()
        expect(page.get_by_text("Waiting for the first event")).to_be_visible()
        Dashboard(footfall).view("first-shop", "/pricing")
        expect(page.get_by_text("The first event is here")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="/pricing")).to_be_visible()
        page.get_by_role("link", name="See the numbers").click()
        expect(page.get_by_role("region", name="Pages").get_by_text("/pricing")).to_be_visible()
        used = make_page()
        used.goto(link)
        used.get_by_label("Password").fill(PASSWORD)
        used.get_by_role("button", name="Start").click()
        expect(used.get_by_text("This link was used already")).to_be_visible()


def test_changes_of_a_project_are_saved_and_refusals_say_why(ada: Page, dashboard: Dashboard) -> None:
    project = dashboard.project("Books")
    ada.goto(f"{dashboard.url}/site/{project}/settings")
    ada.get_by_label("Name", exact=True).fill("Rare books")
    ada.get_by_label("Time zone").select_option("Asia/Tokyo")
    ada.locator("form", has=ada.get_by_label("Time zone")).get_by_role("button", name="Save").click()
    expect(ada.get_by_text("Saved.")).to_be_visible()
    expect(ada.get_by_role("complementary").get_by_text("Rare books")).to_be_visible()
    ada.get_by_label("Allowed origins").fill("foo.*")
    sending = ada.locator("form", has=ada.get_by_label("Allowed origins"))
    sending.get_by_role("button", name="Save").click()
    expect(sending.get_by_role("alert")).to_contain_text("The cors entry 'foo.*'")
    ada.get_by_label("Allowed origins").fill("https://books.example\n*.books.example")
    sending.get_by_role("button", name="Save").click()
    expect(sending.get_by_role("button", name="Save")).to_be_disabled()
    ada.get_by_label("Value").fill("203.0.113.7")
    ada.get_by_role("button", name="Add").click()
    expect(ada.get_by_role("button", name="Count again: 203.0.113.7")).to_be_visible()
    with dashboard.http() as http:
        kept = http.get(f"/manage/projects/{project}").json()["data"]
    assert (kept["name"], kept["timezone"]) == ("Rare books", "Asia/Tokyo")
    assert kept["cors"] == ["https://books.example", "*.books.example"]
    assert kept["filters"] == [{"type": "ip", "value": "203.0.113.7"}]


def test_a_secret_is_shown_once_and_works(ada: Page, dashboard: Dashboard) -> None:
    ada.goto(f"{dashboard.url}/site/shop/settings/clients")
    ada.get_by_role("button", name="New client").click()
    ada.get_by_label("Name").fill("Report")
    ada.get_by_role("radio", name="Read Reads").check()
    ada.get_by_role("button", name="Make client").click()
    told = ada.get_by_role("dialog", name="Report is ready")
    expect(told).to_be_visible()
    client, secret = (code.inner_text() for code in told.locator("code").all())
    told.get_by_role("button", name="Close").last.click()
    headers = {"openpanel-client-id": client, "openpanel-client-secret": secret}
    address = f"{dashboard.url}/insights/shop/metrics?range=today"
    assert httpx.get(address, headers=headers, **PLAIN).status_code == 200
    ada.reload()
    expect(ada.get_by_role("row", name=re.compile("Report"))).to_be_visible()
    assert secret not in ada.content()
    ada.get_by_role("button", name="Delete Report").click()
    ada.get_by_role("dialog").get_by_role("button", name="Delete Report").click()
    expect(ada.get_by_text("Deleted.")).to_be_visible()
    assert httpx.get(address, headers=headers, **PLAIN).status_code == 401


def test_a_share_link_asks_for_its_password_and_can_be_embedded(
    ada: Page,
    make_page: Pages,
    dashboard: Dashboard,
    site: Site,
) -> None:
    project = dashboard.project("Shared")
    dashboard.view(project, "/seen")
    ada.goto(f"{dashboard.url}/site/{project}/settings/sharing")
    ada.get_by_role("button", name="New link").click()
    ada.get_by_label("End of the address").fill("for-all-to-see")
    ada.get_by_label("Ask for a password").check()
    ada.get_by_label("Password", exact=True).fill("open sesame")
    ada.get_by_label("Other sites may embed it").check()
    ada.get_by_label("Sites, one per line").fill(site.url)
    ada.get_by_role("button", name="Make link").click()
    ada.get_by_role("button", name="Embed Shared").click()
    ada.get_by_role("tab", name="Dark").click()
    address = f"{dashboard.url}/share/for-all-to-see"
    expect(ada.get_by_label("HTML to embed")).to_contain_text(f'src="{address}?embed=1&amp;theme=dark"')

    guest = make_page()
    answer = guest.goto(f"{address}?embed=1&theme=dark")
    assert answer is not None
    assert f"frame-ancestors 'self' {site.url}" in answer.headers["content-security-policy"]
    guest.get_by_label("Password").fill("guess")
    guest.get_by_role("button", name="Open").click()
    expect(guest.get_by_text("That is not the password.")).to_be_visible()
    guest.get_by_label("Password").fill("open sesame")
    guest.get_by_role("button", name="Open").click()
    expect(guest.get_by_role("region", name="Pages").get_by_text("/seen")).to_be_visible()
    expect(guest.get_by_role("banner")).to_have_count(0)
    assert guest.evaluate("document.documentElement.dataset.theme") == "dark"
    guest.reload()
    expect(guest.get_by_role("region", name="Pages").get_by_text("/seen")).to_be_visible()

    site.write("index.html", "Customer", f'<iframe src="{address}?embed=1" width="900" height="600"></iframe>')
    customer = make_page()
    customer.goto(f"{site.url}/index.html")
    frame = customer.frame_locator("iframe")
    frame.get_by_label("Password").fill("open sesame")
    frame.get_by_role("button", name="Open").click()
    expect(frame.get_by_role("region", name="Pages").get_by_text("/seen")).to_be_visible()

    ada.keyboard.press("Escape")
    ada.get_by_role("button", name="Delete Shared").click()
    ada.get_by_role("dialog").get_by_role("button", name="Delete Shared").click()
    expect(ada.get_by_text("Nothing is shared")).to_be_visible()
    guest.reload()
    expect(guest.get_by_text("This link does not work any more.")).to_be_visible()


def test_a_person_is_deleted_with_a_report_and_the_project_comes_back(ada: Page, dashboard: Dashboard) -> None:
    project = dashboard.project("Old")
    dashboard.view(project, "/mine", id="user-42")
    ada.goto(f"{dashboard.url}/site/{project}/settings/data")
    ada.get_by_label("Keep").select_option("90")
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("Saved.")).to_be_visible()
    ada.get_by_role("textbox", name="Id").fill("nobody")
    ada.get_by_role("button", name="Delete …").click()
    ada.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(ada.get_by_text("Nothing is known of nobody.")).to_be_visible()
    ada.get_by_role("textbox", name="Id").fill("user-42")
    ada.get_by_role("button", name="Delete …").click()
    ada.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(ada.get_by_role("table", name="Deletion reports").get_by_text("A person")).to_be_visible()
    expect(ada.get_by_role("status").get_by_text(re.compile("sessions: 1 and profiles: 1"))).to_be_visible()

    ada.get_by_role("button", name="Delete the project").click()
    sure = ada.get_by_role("dialog")
    expect(sure.get_by_role("button", name="Delete the project")).to_be_disabled()
    sure.get_by_label(f"Type “{project}” to go on").fill(project)
    sure.get_by_role("button", name="Delete the project").click()
    ada.get_by_role("button", name="Restore Old").click()
    expect(ada.get_by_text("Old is back.")).to_be_visible()
    with dashboard.http() as http:
        kept = http.get(f"/manage/projects/{project}").json()["data"]
    assert (kept["retentionDays"], kept["deleteAt"]) == (90, None)


def test_a_new_user_joins_a_team_and_may_only_look(
    ada: Page,
    make_page: Pages,
    dashboard: Dashboard,
) -> None:
    project = dashboard.project("Teamwork")
    ada.goto(f"{dashboard.url}/settings/users")
    ada.get_by_role("button", name="New user").click()
    dialog = ada.get_by_role("dialog")
    dialog.get_by_label("User name").fill("bob")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Make user").click()
    expect(dialog.get_by_role("alert")).to_have_text("There is a user of this name.")
    dialog.get_by_label("User name").fill("dora")
    dialog.get_by_role("button", name="Make user").click()
    expect(ada.get_by_text("dora can sign in now.")).to_be_visible()

    ada.get_by_role("link", name="Teams").click()
    ada.get_by_role("button", name="New team").click()
    ada.get_by_role("dialog").get_by_label("Name").fill("Press")
    ada.get_by_role("button", name="Make team").click()
    team = ada.get_by_role("region", name="Press")
    team.get_by_label("Add a member to Press").select_option("dora")
    team.get_by_label("Role", exact=True).select_option("team-view-only")
    team.get_by_role("button", name="Add").click()
    expect(team.get_by_label("Role of dora")).to_have_value("team-view-only")
    ada.goto(f"{dashboard.url}/site/{project}/settings")
    ada.get_by_label("Owner").select_option("Press")
    ada.get_by_role("button", name="Hand over").click()
    expect(ada.get_by_text("Handed over.")).to_be_visible()

    dora = sign_in(make_page(), dashboard.url, "dora")
    expect(dora).to_have_url(re.compile(f"/site/{project}/overview"))
    dora.get_by_role("link", name="Settings").click()
    expect(dora.get_by_text("You may look at this project, not change it")).to_be_visible()


def test_who_signs_in_in_one_tab_is_let_in_in_the_other(make_page: Pages, dashboard: Dashboard) -> None:
    one = make_page()
    other = one.context.new_page()
    other.goto(f"{dashboard.url}/settings/account")
    expect(other.get_by_role("button", name="Sign in")).to_be_visible()
    sign_in(one, dashboard.url, "ada")
    # What a browser tells a tab that is looked at again.
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(other).to_have_url(f"{dashboard.url}/settings/account")
    expect(other.get_by_label("Current password")).to_be_visible()


def test_a_new_password_counts_and_a_key_reads(make_page: Pages, dashboard: Dashboard) -> None:
    cleo = sign_in(make_page(), dashboard.url, "cleo")
    cleo.goto(f"{dashboard.url}/settings/account")
    cleo.get_by_label("Current password").fill("wrong horse")
    cleo.get_by_label("New password").fill("a newer horse")
    cleo.get_by_role("button", name="Change password").click()
    expect(cleo.get_by_role("alert")).to_have_text("The current password is wrong.")
    cleo.get_by_label("Current password").fill(PASSWORD)
    cleo.get_by_role("button", name="Change password").click()
    expect(cleo.get_by_text("The password is changed.")).to_be_visible()
    cleo.get_by_role("link", name="API keys").click()
    cleo.get_by_role("button", name="New key").click()
    cleo.get_by_label("Name").fill("Screen")
    cleo.get_by_role("button", name="Make key").click()
    key = cleo.get_by_role("dialog", name="Screen is ready").locator("code").inner_text()
    headers = {"authorization": f"Bearer {key}"}
    assert httpx.get(f"{dashboard.url}/api/v2/sites", headers=headers, **PLAIN).status_code == 200
    sign_in(make_page(), dashboard.url, "cleo", "a newer horse")


def test_a_log_is_imported_and_a_note_kept_in_german_on_a_phone(
    make_page: Pages,
    dashboard: Dashboard,
) -> None:
    project = dashboard.project("Logs")
    page = make_page(locale="de-DE", viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(f"{dashboard.url}/login")
    page.get_by_label("Benutzername").fill("ada")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_url("**/site/**")
    page.goto(f"{dashboard.url}/site/{project}/settings/imports")
    lines = "".join(LOG.format(n=n, agent=AGENT) for n in range(1, 4)).encode()
    file = {"name": "access.log", "mimeType": "text/plain", "buffer": lines + b"GET nothing\n"}
    page.get_by_label("Datei wählen").last.set_input_files(files=[file])
    expect(page.get_by_text("Fertig")).to_be_visible()
    expect(page.get_by_text(re.compile("3 hinzugefügt und 1 ausgelassen"))).to_be_visible()
    page.get_by_role("link", name="Notizen").click()
    page.get_by_role("button", name="Neue Notiz").click()
    page.get_by_label("Was geschah").fill("<b>Version 2</b>")
    page.get_by_label("Wann").fill("2026-03-10T14:30")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("<b>Version 2</b>")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    with dashboard.http() as http:
        (note,) = http.get(f"/manage/references?projectId={project}").json()["data"]
    assert note["date"] == "2026-03-10T14:30:00.000Z"


def test_an_import_that_waits_for_another_is_followed_to_its_end(ada: Page, dashboard: Dashboard) -> None:
    project = dashboard.project("Queue")
    with dashboard.http() as http:
        asked = {"kind": "access-log", "name": "old.log"}
        log = LOG.format(n=1, agent=AGENT).encode()
        http.post(f"/dashboard/import/{project}", params=asked, content=log).raise_for_status()

    def waits(route: Route) -> None:
        body = route.fetch().json()
        route.fulfill(json={"imports": [{**each, "state": "waiting", "added": 0} for each in body["imports"]]})

    ada.route(f"**/dashboard/import/{project}", waits, times=2)
    ada.goto(f"{dashboard.url}/site/{project}/settings/imports")
    expect(ada.get_by_text("Waiting", exact=True)).to_be_visible()
    expect(ada.get_by_text("1 added")).to_be_visible()


def test_everybody_can_use_them(ada: Page, dashboard: Dashboard) -> None:
    ada.goto(f"{dashboard.url}/site/shop/settings")
    for section in ("Project", "Install", "Clients", "Share links", "Notes", "Imports", "Data"):
        ada.get_by_role("navigation", name="Settings").get_by_role("link", name=section).click()
        expect(ada.get_by_role("main").get_by_role("heading", level=2).first).to_be_visible()
        assert serious(ada) == [], section
    ada.goto(f"{dashboard.url}/settings/account")
    for section in ("Account", "Projects", "API keys", "Teams", "Users"):
        ada.get_by_role("navigation", name="Account").get_by_role("link", name=section).click()
        expect(ada.get_by_role("main").get_by_role("heading", level=2).first).to_be_visible()
        assert serious(ada) == [], section
    ada.get_by_role("button", name="New user").click()
    assert serious(ada) == []


def test_saving_one_form_keeps_what_is_typed_in_the_other(ada: Page, dashboard: Dashboard) -> None:
    project = dashboard.project("Maps")
    ada.goto(f"{dashboard.url}/site/{project}/settings")
    ada.get_by_label("Allowed origins").fill("https://maps.example")
    ada.get_by_label("Name", exact=True).fill("Old maps")
    ada.locator("form", has=ada.get_by_label("Time zone")).get_by_role("button", name="Save").click()
    expect(ada.get_by_role("complementary").get_by_text("Old maps")).to_be_visible()
    expect(ada.get_by_label("Allowed origins")).to_have_value("https://maps.example")
    ada.get_by_label("Name", exact=True).fill("Older maps")
    ada.locator("form", has=ada.get_by_label("Allowed origins")).get_by_role("button", name="Save").click()
    expect(ada.get_by_text("Saved.").last).to_be_visible()
    expect(ada.get_by_label("Name", exact=True)).to_have_value("Older maps")
    with dashboard.http() as http:
        kept = http.get(f"/manage/projects/{project}").json()["data"]
    assert (kept["name"], kept["cors"]) == ("Old maps", ["https://maps.example"])


def test_what_is_typed_stays_when_everything_is_read_again(ada: Page, dashboard: Dashboard) -> None:
    project = dashboard.project("Globes")
    ada.clock.install()
    for page in ("general", "sharing"):
        ada.goto(f"{dashboard.url}/site/{project}/settings/{page}")
        if page == "sharing":
            ada.get_by_role("button", name="New link").click()
        field = ada.get_by_label("Name", exact=True)
        field.fill("Half of it")
        with ada.expect_response(lambda answer: answer.url.endswith(f"/manage/projects/{project}")):
            ada.clock.fast_forward(61_000)
        ada.wait_for_timeout(300)
        expect(field).to_have_value("Half of it")
