"""Countries: ISO 3166-1 alpha-2 codes, as stored, and their English names, as shown and as asked for."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

import msgspec

_ALSO = {
    "usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "turkey": "TR",
    "czech republic": "CZ", "russian federation": "RU", "korea": "KR", "holland": "NL", "uae": "AE",
    "america": "US", "republic of korea": "KR", "the netherlands": "NL",
    "ivory coast": "CI", "macedonia": "MK", "swaziland": "SZ", "burma": "MM", "viet nam": "VN",
}  # fmt: skip


def country_name(code: str) -> str:
    """The English name of a code in any case, the text itself if there is no such country."""
    return _names().get(code.upper(), code)


def country_code(text: str) -> str | None:
    """The code of a code or an English name in any case, None if there is no such country."""
    return _codes().get(text.strip().casefold())


def codes_where(fits: Callable[[str], bool]) -> list[str]:
    """The codes of the countries whose code or name fits; both are given in lower case."""
    return [code for code, name in _names().items() if fits(code.casefold()) or fits(name.casefold())]


def country_names() -> Mapping[str, str]:
    """The English name of every code."""
    return _names()


@cache
def _names() -> dict[str, str]:
    return msgspec.json.decode((files("footfall") / "data" / "countries.json").read_bytes(), type=dict[str, str])


@cache
def _codes() -> dict[str, str]:
    names = {name.casefold(): code for code, name in _names().items()}
    plain = {name.replace("&", "and").replace("’", "'"): code for name, code in names.items()}
    return {**_ALSO, **plain, **names, **{code.casefold(): code for code in _names()}}
