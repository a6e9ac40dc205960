"""The made-up visitors: what they browse with, where they are, and who some of them are."""

from random import Random

from msgspec import Struct

from footfall.demo.weighted import Weighted
from footfall.ingest.enrich.ua import UserAgent, parse
from footfall.ingest.records import Place

KNOWN_SHARE = 0.06  # of the visitors, who have an account and are signed in
COMPANIES = ("acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "wonka", "tyrell")
_RETURNS = 0.35  # of the visits, by someone who was here before
_REMEMBERED = 20_000  # visitors who may come back
_IDLE_MS = 31 * 60_000  # between two visits of one visitor

_KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_KHTML}"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_LINUX = f"Mozilla/5.0 (X11; Linux x86_64) {_KHTML}"
_FIREFOX = "rv:144.0) Gecko/20100101 Firefox/144.0"


def _ios(system: str, browser: str, device: str = "iPhone; CPU iPhone OS") -> str:
    return f"Mozilla/5.0 ({device} {system} like Mac OS X) {_APPLE} {browser} Mobile/15E148 Safari/604.1"


def _android(device: str, browser: str) -> str:
    return f"Mozilla/5.0 (Linux; Android {device}) {_KHTML} {browser} Safari/537.36"


AGENTS = Weighted(
    [
        (f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36", 17),
        (f"{_WINDOWS} Chrome/141.0.0.0 Safari/537.36", 6),
        (f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", 7),
        (f"{_WINDOWS} Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0", 1.2),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; {_FIREFOX}", 4),
        (f"{_MAC} {_KHTML} Chrome/142.0.0.0 Safari/537.36", 9),
        (f"{_MAC} {_APPLE} Version/18.6 Safari/605.1.15", 5),
        (f"{_MAC} {_APPLE} Version/26.0 Safari/605.1.15", 3),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; {_FIREFOX}", 1.5),
        (f"{_LINUX} Chrome/142.0.0.0 Safari/537.36", 2),
        (f"{_LINUX} Chrome/139.0.0.0 Safari/537.36 Vivaldi/7.5", 0.4),
        (f"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; {_FIREFOX}", 1.5),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_KHTML} Chrome/141.0.0.0 Safari/537.36", 0.8),
        (_ios("18_6", "Version/18.6"), 12),
        (_ios("17_7", "Version/17.7"), 4),
        (_ios("18_5", "CriOS/141.0.7390.96"), 2),
        (_ios("18_6", "Version/18.6", "iPad; CPU OS"), 1.5),
        (_android("10; K", "Chrome/142.0.0.0 Mobile"), 11),
        (_android("14; SM-S918B", "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile"), 2.5),
        (_android("15; Pixel 9", "Chrome/142.0.0.0 Mobile"), 2),
        (_android("13; SM-A546B", "Chrome/141.0.0.0 Mobile"), 2),
        (_android("13; SM-X706B", "Chrome/141.0.0.0"), 0.7),
        ("Mozilla/5.0 (Android 14; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0", 0.8),
        (f"Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) {_KHTML} Version/7.0 TV Safari/537.36", 0.2),
        (f"Mozilla/5.0 (PlayStation 5 9.60) {_APPLE} Version/15.4 Safari/605.1.15", 0.1),
    ]
)

_Spot = tuple[Place, int]  # a place, and the first two bytes of addresses there


def _spot(country: str, region: str, city: str, longitude: float, latitude: float, network: str) -> _Spot:
    first, second = (int(part) for part in network.split("."))
    return Place(country, region, city, longitude, latitude), first << 8 | second


PLACES = Weighted(
    [
        (_spot("US", "California", "San Francisco", -122.42, 37.77, "73.15"), 8),
        (_spot("US", "New York", "New York", -74.01, 40.71, "72.225"), 8),
        (_spot("US", "Texas", "Austin", -97.74, 30.27, "70.112"), 5),
        (_spot("US", "Illinois", "Chicago", -87.65, 41.85, "73.44"), 4),
        (_spot("US", "Washington", "Seattle", -122.33, 47.61, "73.97"), 4),
        (_spot("US", "Virginia", "Ashburn", -77.49, 39.04, "71.114"), 2),
        (_spot("DE", "State of Berlin", "Berlin", 13.41, 52.52, "84.140"), 6),
        (_spot("DE", "Bavaria", "Munich", 11.58, 48.14, "84.153"), 4),
        (_spot("DE", "Hamburg", "Hamburg", 9.99, 53.55, "84.142"), 3),
        (_spot("GB", "England", "London", -0.13, 51.51, "86.150"), 6),
        (_spot("GB", "Scotland", "Edinburgh", -3.19, 55.95, "86.168"), 2),
        (_spot("FR", "Île-de-France", "Paris", 2.35, 48.86, "90.1"), 4),
        (_spot("FR", "Auvergne-Rhône-Alpes", "Lyon", 4.85, 45.75, "90.22"), 2),
        (_spot("NL", "North Holland", "Amsterdam", 4.89, 52.37, "84.80"), 3),
        (_spot("IN", "Karnataka", "Bengaluru", 77.59, 12.97, "106.206"), 4),
        (_spot("IN", "Maharashtra", "Mumbai", 72.88, 19.07, "106.210"), 3),
        (_spot("CA", "Ontario", "Toronto", -79.42, 43.7, "99.224"), 3),
        (_spot("CA", "British Columbia", "Vancouver", -123.12, 49.25, "24.85"), 1.5),
        (_spot("BR", "São Paulo", "São Paulo", -46.64, -23.55, "177.32"), 3),
        (_spot("AU", "New South Wales", "Sydney", 151.21, -33.87, "1.128"), 2),
        (_spot("ES", "Madrid", "Madrid", -3.7, 40.42, "83.40"), 2),
        (_spot("IT", "Lombardy", "Milan", 9.19, 45.46, "79.20"), 2),
        (_spot("PL", "Mazovia", "Warsaw", 21.01, 52.23, "83.8"), 2),
        (_spot("SE", "Stockholm County", "Stockholm", 18.06, 59.33, "90.230"), 1.5),
        (_spot("CH", "Zurich", "Zürich", 8.55, 47.37, "85.2"), 1.5),
        (_spot("JP", "Tokyo", "Tokyo", 139.69, 35.69, "126.50"), 2.5),
        (_spot("MX", "Mexico City", "Mexico City", -99.13, 19.43, "187.190"), 1.5),
        (_spot("TR", "Istanbul", "Istanbul", 28.95, 41.01, "78.180"), 1),
        (_spot("ZA", "Gauteng", "Johannesburg", 28.04, -26.2, "105.224"), 0.7),
        (_spot("SG", "", "Singapore", 103.85, 1.29, "116.86"), 0.8),
    ]
)

_FIRST = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Frances", "Shafi", "Tim")
_LAST = ("Ashdown", "Birch", "Cooper", "Dale", "Elmwood", "Fielding", "Garner", "Heath", "Ivy", "Keller")


class Visitor(Struct):
    """One browser of one person. `busy_until` is when their last visit ended, in ms."""

    device_id: str
    user_agent: str
    agent: UserAgent
    place: Place
    ip: str
    profile_id: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    busy_until: int = 0

    @property
    def email(self) -> str:
        """An address that reaches nobody (RFC 2606); '' for strangers."""
        return f"{self.profile_id}@example.com" if self.profile_id else ""


def new_visitor(random: Random) -> Visitor:
    """Someone who was never here before."""
    user_agent = AGENTS.pick(random)
    place, network = PLACES.pick(random)
    bits = random.getrandbits(128)
    visitor = Visitor(f"{bits:032x}", user_agent, parse(user_agent), place, _address(network, bits))
    if random.random() < KNOWN_SHARE:
        introduce(visitor, random)
    return visitor


def introduce(visitor: Visitor, random: Random) -> None:
    """Give a visitor a name and an account, and every second one a company."""
    visitor.profile_id = f"user-{random.getrandbits(40):010x}"
    visitor.first_name = random.choice(_FIRST)
    visitor.last_name = random.choice(_LAST)
    visitor.company = random.choice(COMPANIES) if random.random() < 0.5 else ""


def _address(network: int, bits: int) -> str:
    return f"{network >> 8}.{network & 255}.{bits & 255}.{(bits >> 8 & 127) + 1}"


class Crowd:
    """The visitors of one site, new ones and those who come back."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._known: list[Visitor] = []

    def someone(self, at: int, length_ms: int) -> Visitor:
        """A visitor who has time from `at` ms on, for so long."""
        random, known = self._random, self._known
        visitor = None
        if known and random.random() < _RETURNS:
            visitor = known[int(random.random() * len(known))]
        if visitor is None or visitor.busy_until > at:
            visitor = new_visitor(random)
            if len(known) < _REMEMBERED:
                known.append(visitor)
            else:
                known[int(random.random() * _REMEMBERED)] = visitor
        visitor.busy_until = at + length_ms + _IDLE_MS
        return visitor
