"""A page with Umami's snippet and one with OpenPanel's: whose visits they were, all four APIs say alike."""

from playwright.sync_api import Browser, Page

from browser import test_op1, test_script
from browser.conftest import PERSON, Shop, one

VIEWS = {"/umami.html": 2, "/openpanel.html": 1, "/pricing": 2}


def _visits(chromium: Browser, shop: Shop) -> None:
    """Two who read two pages and sign up, one by either snippet, and one who leaves at once."""
    shop.site.write("umami.html", "Umami", head=test_script.snippet(shop))
    shop.site.write("openpanel.html", "OpenPanel", head=test_op1.snippet(shop))

    def comes(name: str, agent: str = PERSON) -> Page:
        page = chromium.new_context(user_agent=agent).new_page()
        page.goto(f"{shop.site.url}/{name}.html", referer="https://search.example/")
        return page

    comes("umami", PERSON.replace("156", "155"))
    for name in ("umami", "openpanel"):
        page = comes(name)
        page.evaluate("history.pushState({}, '', '/pricing')")
    shop.waits_for(*["screen_view"] * 5)
    for context, call in zip(
        chromium.contexts[-2:], ("umami.track('signup')", "op('track', 'signup')"), strict=True
    ):
        context.pages[0].evaluate(call)
    shop.waits_for(*["screen_view"] * 5, *["signup"] * 2)
    for context in chromium.contexts[-3:]:
        context.close()


def test_the_visits_of_both_snippets_answer_in_all_four_apis(chromium: Browser, shop: Shop) -> None:
    _visits(chromium, shop)

    metrics = shop.insights("metrics")["metrics"]
    assert (metrics["unique_visitors"], metrics["total_sessions"], metrics["total_screen_views"]) == (3, 3, 5)
    assert metrics["bounce_rate"] == 33.33
    pages = {row["path"]: row["pageviews"] for row in shop.insights("pages")}

    exported = shop.export(event="screen_view")
    assert (exported["meta"]["totalCount"], len({event["sessionId"] for event in exported["data"]})) == (5, 3)
    assert shop.export(event="signup")["meta"]["totalCount"] == 2

    stats = shop.umami("stats")
    numbers = ("visitors", "visits", "pageviews", "bounces")
    assert [stats[number] for number in numbers] == [3, 3, 5, 1]
    paths = {row["x"]: row["y"] for row in shop.umami("metrics", type="path")}
    assert shop.umami("metrics", type="event") == [{"x": "signup", "y": 2}]

    site = shop.platform("stats")
    assert (site["visitors"], site["pageviews"], site["bounceRate"]) == (3, 5, 33)
    top = {row["pathname"]: row["views"] for row in site["topPages"]}
    views = shop.platform("pageviews")
    assert (views["total"], views["unique"]) == (5, 3)
    assert one(shop.platform("events")["events"], "signup")["count"] == 2

    assert pages == top == VIEWS
    assert paths == VIEWS, "each was seen once by each of its visitors"
    assert [row["name"] for row in shop.insights("referrer")] == ["search.example"]
    assert [row["x"] for row in shop.umami("metrics", type="referrer")] == ["search.example"]
    assert [row["referrer"] for row in site["topReferrers"]] == ["search.example"]
