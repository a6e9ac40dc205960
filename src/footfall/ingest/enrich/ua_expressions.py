"""What `ua-parser`'s expressions find in a user agent: browser, system and device, each by the first that fits.

The package's own parser compiles all 1,270 of them when it is made; see `first_fit.py`.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from ua_parser import load_lazy_builtins
from ua_parser_rs import DeviceExtractor, OSExtractor, UserAgentExtractor

from footfall.ingest.enrich.first_fit import FirstFit, Try

if TYPE_CHECKING:
    from ua_parser_rs import OS, Device, UserAgent


class Expressions:
    """The three lists, ready to be asked."""

    def __init__(self) -> None:
        browsers, systems, devices = load_lazy_builtins()
        self.browser: FirstFit[UserAgent] = _first_fit(browsers, _browser)
        self.system: FirstFit[OS] = _first_fit(systems, _system)
        self.device: FirstFit[Device] = _first_fit(devices, _device)


@cache
def expressions() -> Expressions:
    """Made once."""
    return Expressions()


def _first_fit(matchers: list[Any], compiled: Callable[[Any], Try[Any]]) -> FirstFit[Any]:
    return FirstFit([matcher.regex for matcher in matchers], lambda number: compiled(matchers[number]))


def _browser(known: Any) -> "Try[UserAgent]":
    values = (known.regex, known.family, known.major, known.minor, known.patch, known.patch_minor)
    return UserAgentExtractor([values]).extract


def _system(known: Any) -> "Try[OS]":
    values = (known.regex, known.family, known.major, known.minor, known.patch, known.patch_minor)
    return OSExtractor([values]).extract


def _device(known: Any) -> "Try[Device]":
    values = (known.regex, known.regex_flag, known.family, known.brand, known.model)
    return DeviceExtractor([values]).extract
