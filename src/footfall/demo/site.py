"""The made-up site: a shop for garden tools with a blog and a manual, and where its visitors come from."""

from itertools import product

from msgspec import Struct

from footfall.demo.weighted import Weighted

NAME = "Fernwood Tools"
PAGE_COUNT = 300
_ZIPF = 0.95  # the exponent of page popularity: the first page is seen about twice as often as the second

_ADJECTIVES = ("Folding", "Classic", "Long-reach", "Compact", "Cordless", "Sturdy", "Stainless", "Light")
_TOOLS = (
    "Pruning Saw",
    "Trowel",
    "Hedge Shears",
    "Watering Can",
    "Garden Fork",
    "Leaf Rake",
    "Wheelbarrow",
    "Hoe",
)
_TOPICS = ("Tomatoes", "Roses", "Composting", "Raised Beds", "Lawns", "Herbs", "Fruit Trees", "Soil")
_ANGLES = (
    "A Beginner’s Guide to {}",
    "Seven Mistakes with {}",
    "What We Learned about {} This Year",
    "{} on a Balcony",
    "{}: Questions and Answers",
    "Preparing {} for Winter",
    "The Best Tools for {}",
    "{} without Chemicals",
    "How the Dutch Do {}",
    "A Calendar for {}",
)
_MANUAL = ("Sharpening", "Cleaning", "Storage", "Spare Parts", "Warranty", "Safety", "Assembly", "Returns")
_CITIES = ("Berlin", "Lisbon", "Oslo", "Lyon", "Leeds", "Utrecht", "Graz", "Porto", "Ghent", "Turku", "Bern")


class Page(Struct, frozen=True):
    """One page; `price` in cents makes it a product's."""

    path: str
    title: str
    price: int = 0


class Source(Struct, frozen=True):
    """Where a visit comes from: a referring address, and the campaign parameters on its first page."""

    referrer: str = ""
    query: str = ""


def _slug(title: str) -> str:
    kept = "".join(char if char.isalnum() else "-" for char in title.lower().replace("’", ""))
    return "-".join(part for part in kept.split("-") if part)


def _page(section: str, title: str, price: int = 0) -> Page:
    return Page(f"/{section}/{_slug(title)}", f"{title} – {NAME}", price)


HOME = Page("/", f"{NAME} – made to last")
PRICING = Page("/pricing", f"Pricing – {NAME}")
SIGNUP = Page("/signup", f"Create an account – {NAME}")
CHECKOUT = Page("/checkout", f"Checkout – {NAME}")
THANKS = Page("/checkout/thanks", f"Thank you – {NAME}")
_MAIN = [
    Page("/shop", f"Shop – {NAME}"),
    Page("/blog", f"Blog – {NAME}"),
    Page("/docs", f"Manuals – {NAME}"),
    Page("/about", f"About us – {NAME}"),
    Page("/contact", f"Contact – {NAME}"),
]


def _pages() -> list[Page]:
    """All pages that a visitor wanders among, the most popular first."""
    shop = [
        _page("shop", f"{adjective} {tool}", 1_490 + 700 * place)
        for place, (adjective, tool) in enumerate(product(_ADJECTIVES, _TOOLS))
    ]
    blog = [_page("blog", angle.format(topic)) for angle, topic in product(_ANGLES, _TOPICS)]
    docs = [_page(f"docs/{_slug(tool)}", topic) for topic, tool in product(_MANUAL, _TOOLS)]
    stories = [_page("stories", f"{topic} in {city}") for topic, city in product(_TOPICS, _CITIES)]
    mixed = [page for group in zip(shop, blog, docs, stories, strict=False) for page in group]
    rest = [page for section in (shop, blog, docs, stories) for page in section if page not in set(mixed)]
    return [HOME, PRICING, *_MAIN, *mixed, *rest][:PAGE_COUNT]


PAGES = _pages()
ANY_PAGE = Weighted((page, 1 / rank**_ZIPF) for rank, page in enumerate(PAGES, 1))
PRODUCTS = Weighted((page, rank**-0.6) for rank, page in enumerate((p for p in PAGES if p.price), 1))
# A third of the visits begin at the front door, the rest wherever a search or a link leads.
_LANDINGS = [(page, rank**-_ZIPF) for rank, page in enumerate(PAGES[7:], 1)]
ENTRIES = Weighted([(HOME, sum(weight for _, weight in _LANDINGS) / 2), *_LANDINGS])

_GOOGLE = "https://www.google.com/"
_FACEBOOK = "https://m.facebook.com/"
_ADS = "utm_source=google&utm_medium=cpc&utm_campaign="
_LETTER = "utm_source=newsletter&utm_medium=email&utm_campaign="

SOURCES = Weighted(
    [
        (Source(), 40),
        (Source(_GOOGLE), 26),
        (Source("https://www.bing.com/"), 4),
        (Source("https://duckduckgo.com/"), 3),
        (Source("https://news.ycombinator.com/"), 4),
        (Source("https://t.co/k3Jx8Qm2Lf"), 2),
        (Source("https://x.com/"), 2),
        (Source("https://www.reddit.com/r/gardening/"), 2.5),
        (Source("https://github.com/awesome-gardens/awesome-gardens"), 1.5),
        (Source("https://www.linkedin.com/feed/"), 1),
        (Source("https://chatgpt.com/"), 1.5),
        (Source(_FACEBOOK), 2),
        (Source("https://greenthumb.example/links/"), 1),
        (Source("", f"{_LETTER}spring-sale"), 3),
        (Source("", f"{_LETTER}weekly-tips"), 2),
        (Source(_GOOGLE, f"{_ADS}brand&utm_term=fernwood"), 2),
        (Source(_GOOGLE, f"{_ADS}pruning-saw"), 1.5),
        (Source(_FACEBOOK, "utm_source=facebook&utm_medium=paid&utm_campaign=balcony&utm_content=video"), 1),
    ]
)
SEARCHES = Weighted(
    [("saw", 9), ("trowel", 7), ("gloves", 6), ("spare blade", 4), ("compost", 3), ("watering can", 3)]
)
PLANS = Weighted([("free", 6), ("gardener", 3), ("estate", 1)])
LINKS_OUT = Weighted([("https://www.youtube.com/@fernwood", 3), ("https://x.com/fernwood", 1)])
