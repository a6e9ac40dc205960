"""How fast the made-up site's pages were for those who loaded them."""

from random import Random

from footfall.demo.site import Page

_PICTURES = 1.35
"""A product's page has a large picture, which comes last."""


def measured(random: Random, page: Page, *, is_phone: bool) -> tuple[int, dict[str, str]]:
    """After how many ms a page tells what it measured of its load, and that: ms, and `cls` without a unit."""
    slow = 1.7 if is_phone else 1.0
    ttfb = _around(random, 190 * slow, 0.5)
    fcp = ttfb + _around(random, 520 * slow, 0.4)
    lcp = fcp + _around(random, 610 * slow * (_PICTURES if page.price else 1), 0.5)
    vitals = {
        "ttfb": f"{ttfb:.0f}",
        "fcp": f"{fcp:.0f}",
        "lcp": f"{lcp:.0f}",
        "inp": f"{_around(random, 85 * slow, 0.6):.0f}",
        "cls": f"{_around(random, 0.035, 0.9):.3f}",
    }
    return round(lcp) + 2_000, vitals


def _around(random: Random, median: float, spread: float) -> float:
    """Mostly near the median, sometimes several times as much, as such times are."""
    return random.lognormvariate(0, spread) * median
