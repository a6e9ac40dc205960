"""One visit: which pages in which order, how long each is looked at, and what is done there."""

from math import log
from random import Random

from msgspec import Struct, field

from footfall.demo.site import (
    ANY_PAGE,
    CHECKOUT,
    ENTRIES,
    LINKS_OUT,
    NAME,
    PLANS,
    PRICING,
    PRODUCTS,
    SEARCHES,
    SIGNUP,
    SOURCES,
    THANKS,
    Page,
    Source,
)
from footfall.model.event import REVENUE, SCREEN_VIEW

CURRENCY = "EUR"

_BOUNCES = 0.45
_STAYS = 0.72  # after each further page; so a visit that is no bounce has 2 + 2.6 pages on average
_LONGEST = 60
_DWELL_MS = 38_000
_LONGEST_DWELL_MS = 15 * 60_000  # well within the idle window


class Step(Struct, frozen=True):
    """One event of a visit, `at` ms after its start. `revenue` in minor units."""

    at: int
    name: str
    page: Page
    properties: dict[str, str] = field(default_factory=dict)
    revenue: int = 0


class Visit(Struct, frozen=True):
    """Where it came from, and what happened. `signs_up` from which step on the visitor is known."""

    source: Source
    steps: list[Step]
    signs_up: int | None = None

    @property
    def length_ms(self) -> int:
        """From the first event to the last."""
        return self.steps[-1].at


def new_visit(random: Random) -> Visit:
    """A visit as people make them."""
    source = SOURCES.pick(random)
    entry = ENTRIES.pick(random)
    if random.random() < _BOUNCES:
        return Visit(source, [Step(0, SCREEN_VIEW, entry)])
    walk = _Walk(random, entry)
    walk.view(ANY_PAGE.pick(random))
    while random.random() < _STAYS and len(walk.steps) < _LONGEST:
        walk.view(PRODUCTS.pick(random) if random.random() < 0.3 else ANY_PAGE.pick(random))
    return Visit(source, walk.steps, walk.signs_up)


class _Walk:
    """A visit in the making: `view` goes to the next page and does there what comes to mind."""

    def __init__(self, random: Random, entry: Page) -> None:
        self._random = random
        self._now = 0
        self.steps = [Step(0, SCREEN_VIEW, entry)]
        self.signs_up: int | None = None

    def view(self, page: Page) -> None:
        random = self._random.random
        self._now += 1_500 + min(int(-log(1 - random()) * _DWELL_MS), _LONGEST_DWELL_MS)
        self._add(SCREEN_VIEW, page)
        chance = random()
        if page.price:
            if chance < 0.22:
                self._buy(page)
        elif page is PRICING:
            if chance < 0.2 and self.signs_up is None:
                self._sign_up()
        elif chance < 0.06:
            self._add("search", page, {"query": SEARCHES.pick(self._random), "results": str(int(random() * 40))})
        elif chance < 0.09:
            self._add("link_out", page, {"href": LINKS_OUT.pick(self._random)})

    def _buy(self, page: Page) -> None:
        random = self._random.random
        quantity = 1 if random() < 0.8 else 2
        product = {"product": page.title.partition(" – ")[0], "quantity": str(quantity)}
        self._add("add_to_cart", page, product)
        if random() < 0.3:
            self.view(CHECKOUT)
            if random() < 0.7:
                self._now += 20_000 + int(random() * 90_000)
                self._add(REVENUE, CHECKOUT, product, page.price * quantity)
                self._now += 400
                self._add(SCREEN_VIEW, THANKS)

    def _sign_up(self) -> None:
        self.view(SIGNUP)
        if self._random.random() < 0.6:
            self._now += 15_000 + int(self._random.random() * 60_000)
            self.signs_up = len(self.steps)
            self._add("signup", SIGNUP, {"plan": PLANS.pick(self._random), "site": NAME})

    def _add(self, name: str, page: Page, properties: dict[str, str] | None = None, revenue: int = 0) -> None:
        self._now += 1 + int(self._random.random() * 900)
        self.steps.append(Step(self._now, name, page, properties or {}, revenue))
