"""`/op1.js` on a page with OpenPanel's snippet, in Chromium."""

import json
from typing import Any

from playwright.sync_api import Page

from browser.conftest import Shop, one

# What OpenPanel's instructions have before the script: calls wait in `q` until it is there.
WAITING = "window.op = window.op || function () { (window.op.q = window.op.q || []).push(arguments) };"


def snippet(shop: Shop, *calls: Any, **options: Any) -> str:
    """The snippet with init and what is called at once."""
    init = ["init", {"clientId": shop.client.id, "trackScreenViews": True, **options}]
    lines = "".join(f"op({json.dumps(call)[1:-1]});" for call in (init, *calls))
    return f'<script>{WAITING}{lines}</script><script src="{shop.url}/op1.js" defer async></script>'


def test_a_visit_from_the_landing_to_the_download(shop: Shop, page: Page) -> None:
    links = f"""
      <button data-track="cta_clicked" data-place-of="hero">Go</button>
      <a id="file" href="/files/prices.pdf" onclick="return false">Prices</a>
      <a id="away" href="{shop.site.elsewhere}/friend.html">Friends</a>"""
    head = snippet(shop, trackAttributes=True, trackOutgoingLinks=True, trackDownloads=True)
    shop.site.write("index.html", "Home", links, head)
    shop.site.write("friend.html", "Friend")
    home = f"{shop.site.url}/index.html?utm_source=news"

    page.goto(home, referer="https://search.example/")
    shop.waits_for("screen_view")
    page.evaluate("history.pushState({}, '', '/pricing'); document.title = 'Pricing'")
    shop.waits_for("screen_view", "screen_view")
    page.evaluate("op('track', 'signup', {plan: 'pro', seats: 3}); op.track('trial')")
    page.click("button")
    page.click("#file")
    page.click("#away")

    names = ["screen_view", "screen_view", "signup", "trial", "cta_clicked", "download", "link_out"]
    events = shop.waits_for(*names)
    assert [event["path"] for event in events] == ["/index.html", *["/pricing"] * 6]
    assert [event["properties"]["__title"] for event in events[:2]] == ["Home", "Pricing"]
    signup = one(events, "signup")["properties"]
    assert (signup["plan"], signup["seats"]) == ("pro", "3")
    assert one(events, "cta_clicked")["properties"]["placeOf"] == "hero"
    link = one(events, "link_out")["properties"]
    assert (link["href"], link["text"]) == (f"{shop.site.elsewhere}/friend.html", "Friends")
    assert one(events, "download")["properties"]["href"] == f"{shop.site.url}/files/prices.pdf"
    assert len({event["sessionId"] for event in events}) == 1

    metrics = shop.insights("metrics")["metrics"]
    assert (metrics["unique_visitors"], metrics["total_sessions"], metrics["total_screen_views"]) == (1, 1, 2)
    assert metrics["bounce_rate"] == 0
    assert [row["name"] for row in shop.insights("referrer")] == ["search.example"]
    assert [row["name"] for row in shop.insights("utm_source")] == ["news"]
    assert [row["name"] for row in shop.insights("browser")] == ["Chrome"]


def test_going_back_counts_by_the_history_and_from_the_browsers_memory(shop: Shop, page: Page) -> None:
    shop.site.write("index.html", "Home", '<a id="down" href="#end">Down</a>', snippet(shop))
    shop.site.write("two.html", "Two", head=snippet(shop))
    page.goto(f"{shop.site.url}/index.html")
    shop.waits_for("screen_view")
    page.evaluate("history.pushState({}, '', '/pricing')")
    shop.waits_for(*["screen_view"] * 2)
    page.evaluate("history.back()")
    shop.waits_for(*["screen_view"] * 3)
    page.click("#down")
    page.evaluate("history.replaceState({}, '', '/hop'); history.replaceState({}, '', '/end')")
    shop.waits_for(*["screen_view"] * 4)

    page.evaluate("window.mark = 'the same document'")
    page.goto(f"{shop.site.url}/two.html")
    shop.waits_for(*["screen_view"] * 5)
    page.go_back(wait_until="commit")
    events = shop.waits_for(*["screen_view"] * 6)
    assert page.evaluate("window.mark") == "the same document", "the browser did not keep the page"
    paths = ["/index.html", "/pricing", "/index.html", "/end", "/two.html", "/end"]
    assert [event["path"] for event in events] == paths, "neither a jump to an anchor nor a redirect is a view"


def test_who_signs_in_is_known_from_then_on(shop: Shop, page: Page) -> None:
    calls = [
        ["setGlobalProperties", {"release": "7.1"}],
        ["identify", {"profileId": "ann", "firstName": "Ann", "properties": {"plan": "pro"}}],
        ["track", "opened"],
    ]
    shop.site.write("index.html", "Home", head=snippet(shop, *calls, trackScreenViews=False))
    page.goto(f"{shop.site.url}/index.html")
    shop.waits_for("opened")
    page.evaluate("op.increment({profileId: 'ann', property: 'logins', value: 3})")
    page.evaluate("op.decrement({profileId: 'ann', property: 'logins'})")
    page.evaluate("op.setGroup('acme')")
    page.evaluate("op.track('grouped')")
    shop.waits_for("opened", "grouped")
    device = page.evaluate("op.getDeviceId()")
    page.evaluate("op.clear(); op.track('left')")
    events = shop.waits_for("opened", "grouped", "left")

    assert [event["profileId"] for event in events[:2]] == ["ann", "ann"]
    assert {event["deviceId"] for event in events} == {device}
    assert events[2]["profileId"] == device
    assert [event["properties"]["release"] for event in events] == ["7.1"] * 3


def test_what_is_held_back_is_sent_when_the_page_is_ready(shop: Shop, page: Page) -> None:
    head = snippet(shop, ["track", "early"], trackScreenViews=False, disabled=True)
    shop.site.write("index.html", "Home", head=head)
    page.goto(f"{shop.site.url}/index.html")
    page.wait_for_function("'ready' in op")
    page.evaluate("op.track('later')")
    assert shop.events() == []
    page.evaluate("op.ready()")
    shop.waits_for("early", "later")


def test_a_pending_revenue_outlives_the_page_and_can_be_taken_back(shop: Shop, page: Page) -> None:
    shop.site.write("index.html", "Home", head=snippet(shop, trackScreenViews=False))
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.method == "POST" else None)
    page.goto(f"{shop.site.url}/index.html")
    page.wait_for_function("'ready' in op")
    page.evaluate("op.pendingRevenue(900); op.clearRevenue(); op.pendingRevenue(2500, {order: 'a1'})")
    page.reload()
    page.wait_for_function("'ready' in op")
    with page.expect_request("**/track"):
        page.evaluate("op.flushRevenue()")
    (body,) = sent
    assert (body["type"], body["payload"]["name"]) == ("track", "revenue")
    properties = body["payload"]["properties"]
    assert (properties["__revenue"], properties["order"]) == (2500, "a1")
    page.evaluate("op.flushRevenue()")
    assert len(sent) == 1


def test_a_browser_that_keeps_no_storage_is_counted_too(shop: Shop, page: Page) -> None:
    shop.site.write("index.html", "Home", head=snippet(shop, ["pendingRevenue", 900], ["track", "early"]))
    blocked = (
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('', 'SecurityError') }})"
    )
    page.add_init_script(blocked)
    page.goto(f"{shop.site.url}/index.html")
    shop.waits_for("early", "screen_view")
    with page.expect_request("**/track") as sent:
        page.evaluate("op.flushRevenue()")
    assert sent.value.post_data_json["payload"]["properties"]["__revenue"] == 900


def test_no_properties_may_be_said_in_any_way(shop: Shop, page: Page) -> None:
    head = snippet(shop, ["track", "early", None], ["track", "next"], trackScreenViews=False)
    shop.site.write("index.html", "Home", head=head)
    page.goto(f"{shop.site.url}/index.html")
    shop.waits_for("early", "next")
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.method == "POST" else None)
    page.evaluate("op.pendingRevenue(900, undefined); op.pendingRevenue(100, {order: 'a1'}); op.revenue(5, null)")
    with page.expect_request("**/track"):
        page.evaluate("op.flushRevenue()")
    page.wait_for_timeout(100)
    assert [body["payload"]["properties"]["__revenue"] for body in sent] == [5, 900, 100]


def test_attention_is_measured_where_it_is_asked_for(shop: Shop, page: Page) -> None:
    head = snippet(shop, trackVisibleTime=True, trackScrollDepth=True)
    shop.site.write("index.html", "Home", '<div style="height: 5000px"></div>', head)
    page.goto(f"{shop.site.url}/index.html")
    shop.waits_for("screen_view")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2 - innerHeight)")
    page.wait_for_function("performance.now() > 200")
    page.evaluate("history.pushState({}, '', '/next')")
    events = shop.waits_for("screen_view", "engagement", "screen_view")
    told = one(events, "engagement")
    assert told["path"] == "/index.html"
    assert told["properties"]["scroll_depth"] == "50"
    assert int(told["properties"]["engagement"]) >= 100


def test_who_asks_not_to_be_tracked_is_not_where_the_site_says_so(shop: Shop, page: Page) -> None:
    shop.site.write("index.html", "Home", head=snippet(shop, doNotTrack=True))
    page.add_init_script("Object.defineProperty(navigator, 'doNotTrack', {value: '1', configurable: true})")
    page.goto(f"{shop.site.url}/index.html")
    page.wait_for_function("'ready' in op")
    page.evaluate("op.track('seen')")
    page.add_init_script("Object.defineProperty(navigator, 'doNotTrack', {value: null})")
    page.goto(f"{shop.site.url}/index.html?again=1")
    events = shop.waits_for("screen_view")
    assert events[0]["properties"]["__query.again"] == "1"
