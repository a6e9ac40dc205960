"""Geo databases: where in the world an address is.

Reads MaxMind's layout (GeoLite2, GeoIP2, DB-IP's own files) and the flat one of the `ip-location-db`
packages. Contract: openpanel.md §4.6.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import maxminddb

from footfall.ingest.enrich.client_ip import is_public
from footfall.ingest.records import NOWHERE, Place


class GeoReader:
    """Answers from a city database where there is one, from a country database otherwise.

    Each path is an .mmdb file, or None. Of databases that come as two files, `…-ipv4.mmdb` and
    `…-ipv6.mmdb`, name either: its sister beside it is opened too. Raises OSError or ValueError for a
    file that can't be read as a database. What was found is not kept; callers do that.
    """

    def __init__(self, path_country: Path | None = None, path_city: Path | None = None) -> None:
        # City first: what it does not know about an address, the country database may.
        self._readers = [reader for path in (path_city, path_country) if path for reader in _open(path)]

    def lookup(self, ip: str) -> Place:
        """The place of `ip`; NOWHERE for private, unknown and impossible addresses. Never raises."""
        if not self._readers or not is_public(ip):
            return NOWHERE
        for reader in self._readers:
            try:
                found = _place(reader.get(ip))
            except (ValueError, TypeError, KeyError, maxminddb.InvalidDatabaseError):
                continue  # an IPv6 address in a database of IPv4, or a damaged record
            if found.country:
                return found
        return NOWHERE

    def close(self) -> None:
        """Close the files; every address is NOWHERE from then on."""
        readers, self._readers = self._readers, []
        for reader in readers:
            reader.close()


def find_databases(folder: Path) -> tuple[Path | None, Path | None]:
    """The country and the city database among the .mmdb files of `folder`, None for what is not there."""
    named = sorted(folder.glob("*.mmdb"))
    country = next((path for path in named if "country" in path.name.lower()), None)
    city = next((path for path in named if "city" in path.name.lower()), None)
    return country, city


def _open(path: Path) -> list[maxminddb.Reader]:
    paths = [path]
    for family, other in (("ipv4", "ipv6"), ("ipv6", "ipv4")):
        sister = path.with_name(path.name.replace(family, other))
        if sister != path and sister.is_file():
            paths.append(sister)
    return [maxminddb.open_database(str(each), maxminddb.MODE_AUTO) for each in paths]


def _place(record: object) -> Place:
    """A record of either layout as a place."""
    if not isinstance(record, Mapping):
        return NOWHERE
    if "country_code" in record:
        return Place(
            _code(record["country_code"]),
            _text(record.get("state1")),
            _text(record.get("city")),
            _degrees(record.get("longitude")),
            _degrees(record.get("latitude")),
        )
    subdivisions = record.get("subdivisions")
    region = subdivisions[0] if isinstance(subdivisions, list) and subdivisions else None
    place = _object(record.get("location"))
    return Place(
        _code(_object(record.get("country")).get("iso_code")),
        _english(region),
        _english(record.get("city")),
        _degrees(place.get("longitude")),
        _degrees(place.get("latitude")),
    )


def _object(value: object) -> Mapping[str, object]:
    return cast(Mapping[str, object], value) if isinstance(value, Mapping) else {}


def _english(value: object) -> str:
    return _text(_object(_object(value).get("names")).get("en"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _code(value: object) -> str:
    """An alpha-2 code; 'ZZ' and the like are how databases say that they don't know."""
    code = _text(value).upper()
    return code if len(code) == 2 and code.isalpha() and code != "ZZ" else ""


def _degrees(value: object) -> float | None:
    # Databases hold single precision; six decimals are ten centimetres.
    return round(float(value), 6) if isinstance(value, int | float) else None
