"""Where a visitor is by the word of the network in front of the server (umami contract §1.6).

Only a trusted proxy's headers are to be read here (docs/enrichment.md says who is one).
"""

from collections.abc import Mapping
from urllib.parse import unquote

from footfall.ingest.enrich.properties import clean_text
from footfall.ingest.records import Place

_PROVIDERS = (
    ("cf-ipcountry", "cf-region-code", "cf-ipcity"),
    ("x-vercel-ip-country", "x-vercel-ip-country-region", "x-vercel-ip-city"),
    ("cloudfront-viewer-country", "cloudfront-viewer-country-region", "cloudfront-viewer-city"),
)
HEADERS_READ = tuple(name for names in _PROVIDERS for name in names)
"""Lower-case."""

_NOWHERE = frozenset({"XX", "T1"})  # unknown, and the Tor network
_LONGEST = 100


def provided_place(headers: Mapping[str, str], looked_up: Place) -> Place:
    """The place of the first provider that knows the country; what it does not say, and `looked_up` says of the
    same country, is taken from there. Else `looked_up`.
    """
    for country_header, region_header, city_header in _PROVIDERS:
        country = headers.get(country_header, "").strip().upper()
        if len(country) != 2 or not country.isalpha() or country in _NOWHERE:
            continue
        region, city = _text(headers, region_header), _text(headers, city_header)
        if region and "-" not in region:
            region = f"{country}-{region}"
        if not city and looked_up.country == country:
            return looked_up
        return Place(country, region, city)
    return looked_up


def _text(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        return ""
    try:
        value = value.encode("latin-1").decode()
    except UnicodeError:
        return ""
    return clean_text(unquote(value))[:_LONGEST]
