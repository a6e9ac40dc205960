"""`/script.js` on a page with Umami's snippet, in Chromium (umami contract §1.9)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route

from browser.conftest import Shop, one

Answer = Callable[[Route], None]


def snippet(shop: Shop, **attributes: str) -> str:
    """The tag with `data-` attributes; their names with _ for -."""
    told = {"website_id": shop.uuid, **attributes}
    listed = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in told.items())
    return f'<script defer src="{shop.url}/script.js"{listed}></script>'


def hits(page: Page) -> list[dict[str, Any]]:
    """What the page sends from now on; the list grows."""
    sent: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.post_data_json)

    page.on("request", note)
    return sent


def answers(page: Page, answer: Answer) -> None:
    """Let this answer instead of the server."""
    page.route("**/api/send", answer)


def says(status: int, body: object) -> Answer:
    """An answer of the server."""
    headers = {"access-control-allow-origin": "*", "content-type": "application/json"}
    text = body if isinstance(body, str) else json.dumps(body)
    return lambda route: route.fulfill(status=status, headers=headers, body=text)


# -- what a visit looks like


def test_a_visit_from_the_landing_to_the_order(shop: Shop, page: Page) -> None:
    body = """
      <button data-umami-event="cta" data-umami-event-place="hero" data-umami-event-Size-Of="2"><b id="in">Go</b></button>
      <p id="plain" data-umami-event="read">Text</p>
      <a id="order" href="/thanks.html" data-umami-event="ordered">Order</a>"""
    shop.site.write("index.html", "Home", body, snippet(shop, tag="beta"))
    shop.site.write("thanks.html", "Thanks", head=snippet(shop))
    page.goto(f"{shop.site.url}/index.html?utm_source=news", referer="https://search.example/")
    shop.waits_for("screen_view")
    page.evaluate("history.pushState({}, '', '/pricing'); document.title = 'Pricing'")
    shop.waits_for(*["screen_view"] * 2)
    page.evaluate("umami.track('signup', {plan: 'pro', seats: 3})")
    page.click("#in")
    page.click("#plain")
    page.evaluate("umami.track('paid', {revenue: 19.99, currency: 'EUR'})")
    page.click("#order")
    page.wait_for_url("**/thanks.html")

    events = shop.waits_for(*["screen_view"] * 3, "signup", "cta", "read", "paid", "ordered")
    views = [event for event in events if event["name"] == "screen_view"]
    assert [view["path"] for view in views] == ["/index.html", "/pricing", "/thanks.html"]
    assert [view["properties"]["__title"] for view in views] == ["Home", "Pricing", "Thanks"]
    assert {event["origin"] for event in events} == {shop.site.url}
    assert {event["referrer"] for event in events} == {"https://search.example"}
    assert [view["properties"].get("__tag") for view in views] == ["beta", "beta", None]
    assert (views[0]["properties"]["__screen"], views[0]["properties"]["__language"]) == ("1000x500", "en-US")
    assert views[0]["properties"]["__query.utm_source"] == "news"
    signup = one(events, "signup")
    assert (signup["path"], signup["properties"]["plan"], signup["properties"]["seats"]) == (
        "/pricing",
        "pro",
        "3",
    )
    cta = one(events, "cta")["properties"]
    assert (cta["place"], cta["size-of"]) == ("hero", "2")
    assert one(events, "paid")["revenue"] == 1999
    assert len({event["sessionId"] for event in events if event["path"] != "/thanks.html"}) == 1
    stats = shop.umami("stats")
    assert (stats["pageviews"], stats["visitors"], stats["bounces"]) == (3, 1, 0)


def test_going_back_counts_by_the_history_and_from_the_browsers_memory(shop: Shop, page: Page) -> None:
    shop.site.write("index.html", "Home", '<a id="down" href="#end">Down</a>', snippet(shop))
    shop.site.write("two.html", "Two", head=snippet(shop))
    sent = hits(page)
    page.goto(f"{shop.site.url}/index.html")
    page.evaluate("history.pushState({}, '', '/pricing')")
    shop.waits_for(*["screen_view"] * 2)
    page.evaluate("history.back()")
    shop.waits_for(*["screen_view"] * 3)
    page.click("#down")
    page.evaluate("history.replaceState({}, '', '/hop'); history.replaceState({}, '', '/end')")
    shop.waits_for(*["screen_view"] * 4)
    page.evaluate("history.replaceState({}, '', '/end'); window.mark = 'the same document'")
    page.goto(f"{shop.site.url}/two.html")
    shop.waits_for(*["screen_view"] * 5)
    page.go_back(wait_until="commit")
    events = shop.waits_for(*["screen_view"] * 6)
    assert page.evaluate("window.mark") == "the same document", "the browser did not keep the page"
    paths = ["/index.html", "/pricing", "/index.html", "/end", "/two.html", "/end"]
    assert [event["path"] for event in events] == paths, "neither a jump to an anchor nor a redirect is a view"
    assert [hit["payload"]["referrer"].removeprefix(shop.site.url) for hit in sent[:4]] == [
        "",
        "/index.html",
        "/pricing",
        "/index.html",
    ], "within a page the address before is the referrer"


def test_who_says_who_they_are_is_known_from_then_on(shop: Shop, page: Page) -> None:
    shop.site.write("index.html", "Home", head=snippet(shop, auto_track="false"))
    page.goto(f"{shop.site.url}/index.html")
    page.evaluate("umami.track('before')")
    session = page.evaluate("umami.getSession()")
    assert session["website"] == shop.uuid
    assert session["cache"].count(".") == 2
    page.evaluate("umami.identify({plan: 'free'})")
    page.evaluate("umami.identify('ann', {plan: 'pro', seats: 5})")
    page.evaluate("umami.track('after')")
    page.evaluate("umami.identify('ben')")
    page.evaluate("umami.track()")
    events = shop.waits_for("before", "after", "screen_view")
    before, after, view = (one(events, name) for name in ("before", "after", "screen_view"))
    assert (after["profileId"], view["profileId"]) == ("ann", "ben")
    assert before["profileId"] == before["deviceId"]
    assert len({event["deviceId"] for event in events}) == 3
    data = {row["propertyName"]: row["total"] for row in shop.umami("session-data/properties")}
    assert data == {"plan": 2, "seats": 1}


def test_what_is_sent_while_the_page_goes_arrives(shop: Shop, page: Page) -> None:
    leaving = "<script>addEventListener('beforeunload', () => umami.track('left'))</script>"
    shop.site.write("index.html", "Home", leaving, snippet(shop))
    shop.site.write("plain.html", "Plain")
    page.goto(f"{shop.site.url}/index.html")
    page.evaluate("history.pushState({}, '', '/last')")
    page.goto(f"{shop.site.url}/plain.html")
    events = shop.waits_for("screen_view", "left", "screen_view")
    assert {event["path"] for event in events if event["name"] == "screen_view"} == {"/index.html", "/last"}


def test_a_prerendered_page_counts_when_it_is_shown(shop: Shop, page: Page) -> None:
    page.add_init_script("Object.defineProperty(document, 'prerendering', {value: true, configurable: true})")
    shop.site.write("index.html", "Home", head=snippet(shop))
    sent = hits(page)
    page.goto(f"{shop.site.url}/index.html")
    page.evaluate("void umami.track('waited')")
    page.evaluate("1")
    assert sent == []
    page.evaluate(
        """() => {
            Object.defineProperty(document, 'prerendering', {value: false});
            document.dispatchEvent(new Event('prerenderingchange'));
        }"""
    )
    shop.waits_for("screen_view", "waited")


# -- what the site may choose


def test_who_is_not_to_be_counted_is_not(shop: Shop, page: Page) -> None:
    sent = hits(page)
    silent = {
        "none": {"website_id": ""},
        "elsewhere": {"domains": "shop.example, www.shop.example"},
        "asked": {"do_not_track": "true"},
        "manual": {"auto_track": "false"},
        "cancelled": {"before_send": "cancel"},
        "later": {"before_send": "later"},
    }
    page.add_init_script(
        """Object.defineProperty(navigator, 'doNotTrack', {value: '1'});
        window.cancel = () => false;
        window.later = () => Promise.resolve(null);"""
    )
    for name, attributes in silent.items():
        shop.site.write(f"{name}.html", name, head=snippet(shop, **attributes))
        page.goto(f"{shop.site.url}/{name}.html")
        if name != "manual":
            page.evaluate("umami.track('said')")
    shop.site.write("index.html", "Home", head=snippet(shop, domains=" shop.example, localhost "))
    page.goto(f"{shop.site.url}/plain.html")
    page.evaluate("localStorage.setItem('umami.disabled', 1)")
    page.goto(f"{shop.site.url}/index.html")
    page.evaluate("localStorage.removeItem('umami.disabled')")
    assert sent == []
    page.goto(f"{shop.site.url}/index.html?yes=1")
    (event,) = shop.waits_for("screen_view")
    assert event["properties"]["__query.yes"] == "1", (
        "who only asks not to be tracked is, where the site does not care"
    )


def test_the_payload_is_what_the_page_makes_of_it(shop: Shop, page: Page) -> None:
    shop.site.write(
        "index.html",
        "Home",
        "<script>window.change = async (type, payload) => ({...payload, tag: `${type} ${payload.tag}`})</script>",
        snippet(shop, before_send="change", tag="t", exclude_search="true", exclude_hash="true"),
    )
    sent = hits(page)
    page.goto(f"{shop.site.url}/index.html?secret=1#part")
    page.evaluate("umami.track('named', {a: 1})")
    page.evaluate("umami.track({name: 'own', url: '/own'})")
    page.evaluate("umami.track((payload) => ({...payload, url: '/made', title: undefined}))")
    page.evaluate("umami.identify('ann')")
    page.evaluate("history.pushState({}, '', '?other#part')")
    view, named, own, made, who = (hit["payload"] for hit in sent)
    assert [hit["type"] for hit in sent] == ["event"] * 4 + ["identify"]
    assert view == {
        "website": shop.uuid,
        "screen": "1000x500",
        "language": "en-US",
        "title": "Home",
        "hostname": "localhost",
        "url": f"{shop.site.url}/index.html",
        "referrer": "",
        "tag": "event t",
    }
    assert named == {**view, "name": "named", "data": {"a": 1}}
    assert own == {"website": shop.uuid, "name": "own", "url": "/own", "tag": "event undefined"}
    assert made == {key: value for key, value in view.items() if key != "title"} | {"url": "/made"}
    assert who == {**view, "id": "ann", "tag": "identify t"}
    shop.waits_for("screen_view", "named", "own", "screen_view")


def test_the_visit_is_carried_and_the_server_may_say_stop(shop: Shop, page: Page) -> None:
    asked: list[Request] = []
    bodies = iter([{"cache": "c1"}, {"beep": "boop"}, {"cache": "c2", "disabled": True}])
    allowed = {"access-control-allow-origin": shop.site.url, "access-control-allow-credentials": "true"}

    def answer(route: Route) -> None:
        asked.append(route.request)
        route.fulfill(headers=allowed, json=next(bodies))

    answers(page, answer)
    shop.site.write(
        "index.html", "Home", head=snippet(shop, host_url="http://stats.example/", fetch_credentials="include")
    )
    page.goto(f"{shop.site.url}/index.html")
    page.wait_for_function("umami.getSession().cache")
    for name in ("one", "two", "three"):
        page.evaluate(f"umami.track('{name}')")
    assert [request.url for request in asked] == ["http://stats.example/api/send"] * 3
    assert [request.headers.get("x-umami-cache") for request in asked] == [None, "c1", None]


@pytest.mark.parametrize(
    "answer",
    [
        lambda route: route.abort(),
        says(500, {"error": "down"}),
        says(400, {"error": {"message": "Bad request"}}),
        says(200, "<html>not JSON"),
        says(200, "null"),
    ],
    ids=["unreachable", "failing", "refusing", "babbling", "null"],
)
def test_a_server_in_trouble_is_no_trouble_for_the_page(shop: Shop, page: Page, answer: Answer) -> None:
    broken: list[object] = []
    page.on("pageerror", lambda error: broken.append(error))
    answers(page, answer)
    body = '<button data-umami-event="cta" onclick="this.textContent = 2">1</button>'
    shop.site.write("index.html", "Home", body, snippet(shop, performance="true"))
    page.route("**/vitals.js", lambda route: route.abort())
    page.goto(f"{shop.site.url}/index.html")
    page.evaluate("void umami.track('x')")
    page.click("button")
    page.evaluate("history.pushState({}, '', '/next')")
    assert page.text_content("button") == "2"
    assert broken == []


def test_a_server_that_is_away_for_a_moment_hears_it_again(shop: Shop, page: Page) -> None:
    failures = iter([503, 429])

    def answer(route: Route) -> None:
        status = next(failures, 0)
        says(status, {})(route) if status else route.continue_()

    answers(page, answer)
    shop.site.write("index.html", "Home", head=snippet(shop))
    with page.expect_response(lambda answer: answer.url.endswith("/api/send") and answer.ok):
        page.goto(f"{shop.site.url}/index.html")
    shop.waits_for("screen_view")


# -- what Umami's script has not


def test_links_that_lead_away_and_files_are_told_where_it_is_asked_for(shop: Shop, page: Page) -> None:
    links = f"""
      <a id="file" href="/files/prices.pdf" onclick="return false">Prices</a>
      <a id="out" href="{shop.site.elsewhere}/friend.html">Friends</a>"""
    shop.site.write("friend.html", "Friend")
    shop.site.write("quiet.html", "Quiet", links, snippet(shop))
    shop.site.write("index.html", "Home", links, snippet(shop, outbound_links="true", downloads="true"))
    page.goto(f"{shop.site.url}/quiet.html")
    page.click("#file")
    page.goto(f"{shop.site.url}/index.html")
    page.click("#file")
    page.click("#out")
    events = shop.waits_for("screen_view", "screen_view", "download", "link_out")
    link = one(events, "link_out")["properties"]
    assert (link["href"], link["text"]) == (f"{shop.site.elsewhere}/friend.html", "Friends")
    assert one(events, "download")["properties"]["href"] == f"{shop.site.url}/files/prices.pdf"


def test_attention_is_measured_where_it_is_asked_for(shop: Shop, page: Page) -> None:
    head = snippet(shop, visible_time="true", scroll_depth="true")
    shop.site.write("index.html", "Home", '<div style="height: 5000px"></div>', head)
    page.goto(f"{shop.site.url}/index.html")
    shop.waits_for("screen_view")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2 - innerHeight)")
    page.wait_for_function("performance.now() > 200")
    page.evaluate("history.pushState({}, '', '/next')")
    events = shop.waits_for("screen_view", "__engagement", "screen_view")
    told = one(events, "__engagement")
    assert (told["path"], told["properties"]["scroll_depth"]) == ("/index.html", "50")
    assert int(told["properties"]["engagement"]) >= 100


def test_how_fast_a_page_was_is_measured_where_it_is_asked_for(shop: Shop, page: Page) -> None:
    button = "<button onclick=\"document.body.prepend(document.createElement('hr'))\">Go</button>"
    shop.site.write("index.html", "Home", button, snippet(shop, performance="true"))
    shop.site.write("plain.html", "Plain")
    with page.expect_response("**/vitals.js"):
        page.goto(f"{shop.site.url}/index.html")
    page.click("button")
    page.evaluate("history.pushState({}, '', '/next')")
    shop.waits_for("screen_view", "screen_view")
    page.goto(f"{shop.site.url}/plain.html")
    events = shop.waits_for("screen_view", "screen_view", "__performance")
    told = one(events, "__performance")
    assert told["path"] == "/index.html", "the page that was loaded, whatever took its place"
    assert {"ttfb", "fcp", "lcp", "cls"} <= set(told["properties"])
    assert 0 < float(told["properties"]["fcp"]) < 60_000
    assert shop.umami("stats")["pageviews"] == 2
