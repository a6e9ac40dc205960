"""The made-up site's access log in combined format: pages, what they load, bots and broken links."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from footfall.demo.live import Moment, moments, page_url, referrer
from footfall.demo.site import ANY_PAGE
from footfall.demo.traffic import origin_of
from footfall.demo.weighted import Weighted
from footfall.model.event import SCREEN_VIEW

_START_MS = 1_735_689_600_000  # 2025-01-01
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ASSETS = ("/assets/site.css", "/assets/site.js", "/img/logo.svg", "/img/hero.webp", "/fonts/inter.woff2")
_LOADS = 0.55  # of these a page view asks for anew
_BOT_SHARE = 0.2  # of page requests
_MISSES = 0.02
_BOTS = Weighted(
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 5),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", 3),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", 3),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            2,
        ),
        ("curl/8.4.0", 1),
        ("-", 1),
    ]
)


def write_access_log(seed: int, lines: int, path: Path, rate: float = 5) -> None:
    """Write exactly `lines` lines to `path`, `rate` events a second from 2025 on."""
    random = Random(f"{seed}:log")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        left = lines
        for moment in moments(random, rate):
            for line in _lines(random, moment):
                if left == 0:
                    return
                file.write(line)
                left -= 1


def _lines(random: Random, moment: Moment) -> Iterator[str]:
    """The requests of one page view, and a bot's now and then. Other events leave nothing in a log."""
    step, visitor = moment.step, moment.visitor
    if step.name != SCREEN_VIEW:
        return
    when = _when(_START_MS + moment.at)
    origin = origin_of("demo")
    uri = page_url(moment.visit.source, step, moment.place == 0)
    status = 404 if random.random() < _MISSES else 200
    agent = visitor.user_agent
    yield _line(visitor.ip, when, uri, status, random, referrer(moment, origin) or "-", agent)
    for asset in _ASSETS:
        if random.random() < _LOADS:
            status = 200 if random.random() < 0.8 else 304
            yield _line(visitor.ip, when, asset, status, random, origin + step.page.path, agent)
    if random.random() < _BOT_SHARE:
        address = f"66.249.{random.randrange(64, 96)}.{random.randrange(1, 255)}"
        yield _line(address, when, ANY_PAGE.pick(random).path, 200, random, "-", _BOTS.pick(random))


def _line(ip: str, when: str, uri: str, status: int, random: Random, referrer: str, agent: str) -> str:
    size = 0 if status == 304 else int(500 + random.random() * 60_000)
    return f'{ip} - - [{when}] "GET {uri} HTTP/1.1" {status} {size} "{referrer}" "{agent}"\n'


def _when(ms: int) -> str:
    at = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{at.day:02}/{_MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} +0000"
