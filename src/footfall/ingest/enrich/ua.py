"""User agents: which system, browser and device a header names, in the words that reports use.

The recognising is `ua-parser`'s (ua_expressions.py); this module gives its answers the names, the whole
versions and the device kinds of the contract. Contract: openpanel.md §4.3.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from footfall.ingest.enrich.ua_expressions import expressions
from footfall.ingest.enrich.ua_names import (
    BRANDS,
    BROWSERS,
    IN_APP_WEBKIT,
    MODEL_BRANDS,
    NOT_A_BROWSER,
    SYSTEMS,
    UNKNOWN_BRANDS,
    UNKNOWN_MODELS,
)

if TYPE_CHECKING:
    import ua_parser_rs

# §4.3: a program that names only itself, such as curl/8.4.0.
_SERVER = re.compile(r"[^/]+/[\d.]+")
_APP_MODEL = re.compile(r"\bModel=([^;)]+)")
_APP_BRAND = re.compile(r"\bManufacturer=([^;)]+)")
_ANDROID_MODEL = re.compile(
    r"Android [\d.]+; (?:U; )?(?:[a-z]{2}[-_][a-z]{2}; )?((?:[^;()]|\([^)]*\))+?)(?: Build/|[;)])", re.I
)
_WEBKIT = re.compile(r"AppleWebKit/([\d.]+)")
_APPLE_MODEL = re.compile(r"(iPhone|iPad|iPod|Watch)")

# Device kinds, the first that matches; each list is what makers and browsers put in the header.
_CONSOLE = re.compile(r"playstation|xbox|nintendo|\bouya\b|shield console|steamdeck", re.I)
_TV = re.compile(
    r"smart-?tv|\btv\b|appletv|apple tv|googletv|android ?tv|hbbtv|netcast|web0s|bravia|roku|crkey|viera"
    r"|aquos-tv|\baft[a-z]{1,5}\b|dtv|mibox|shield android",
    re.I,
)
_XR = re.compile(r"oculus|\bquest( \d| pro)?\b|\bpico (4|neo)|vision ?pro|\bvr safari", re.I)
_WEARABLE = re.compile(r"\bwatch ?os\b|applewatch|\bwatch\d+,\d+|wear ?os|galaxy watch|\bsm-r\d|ticwatch", re.I)
_TABLET = re.compile(
    r"tablet(?! pc)|ipad|kindle|playbook|silk(?!.*mobile)|\bsm-[tx]\d|\bgt-[pn]\d{4}|nexus (7|9|10)\b"
    r"|\bpixel (c|tablet)\b|xoom|\bkf[a-z]{2,5}\b|\btab\b|\bpad\b|mediapad|matepad|lenovo tb|\bredmi pad",
    re.I,
)
_MOBILE = re.compile(
    r"iphone|ipod|\bmobile\b|windows phone|blackberry|\bbb10\b|opera m(ini|obi)|iemobile|webos/|symbian"
    r"|fennec|\bsm-[a-z]?\d|\blg-|android|cfnetwork/[\d.]+ darwin|kaios|harmonyos|nokia",
    re.I,
)


class UserAgent(msgspec.Struct, frozen=True):
    """What a user agent header says; every field is '' where it does not say.

    device  desktop, mobile, tablet, smarttv, console, wearable, xr or server
    """

    os: str = ""
    os_version: str = ""
    browser: str = ""
    browser_version: str = ""
    device: str = ""
    brand: str = ""
    model: str = ""

    @property
    def is_server(self) -> bool:
        """Whether a program sent it rather than someone's browser or app."""
        return self.device == "server"


SERVER = UserAgent(device="server")


def parse(ua: str | None) -> UserAgent:
    """Read a user agent header; None or '' (no header) is a server. Never raises. Contract §4.3."""
    if not ua:
        return SERVER
    return _parse(ua if len(ua) <= _LONGEST else ua[:_LONGEST])


_LONGEST = 1_024  # what is longer is not a browser's, and would make the cache's size unpredictable


@lru_cache(maxsize=20_000)
def _parse(ua: str) -> UserAgent:
    if _SERVER.fullmatch(ua):
        return SERVER
    ua = ua.encode("utf-8", "replace").decode("utf-8")  # the engine refuses lone surrogates
    known = expressions()
    os, os_version = _system(known.system.find(ua), ua)
    brand, model = _maker(known.device.find(ua), ua)
    browser, browser_version = _browser(known.browser.find(ua), ua, os)
    if not (os or browser or brand or model):
        return SERVER
    return UserAgent(os, os_version, browser, browser_version, _device(ua, os), brand, model)


def _system(found: "ua_parser_rs.OS | None", ua: str) -> tuple[str, str]:
    if found is None or found.family == "Other":
        return "", ""
    if found.family == "Android" and "HarmonyOS" in ua:
        return "HarmonyOS", ""
    version = _dotted(found.major, found.minor, found.patch, found.patch_minor)
    return SYSTEMS.get(found.family, found.family), version


def _browser(found: "ua_parser_rs.UserAgent | None", ua: str, os: str) -> tuple[str, str]:
    """The browser and its whole version. Programs and apps that only name themselves are not browsers."""
    if found is None or found.family in NOT_A_BROWSER or "CFNetwork/" in ua:
        return "", ""
    if found.family == "Android" and "AppleWebKit" not in ua:  # an app's own requests, not its web view's
        return "", ""
    if os == "iOS" and found.family in IN_APP_WEBKIT:
        engine = _WEBKIT.search(ua)
        return ("WebKit", engine[1]) if engine else ("", "")
    name = BROWSERS.get(found.family)
    if name is None:
        if not os:
            return "", ""
        name = found.family
    return name, _whole(_dotted(found.major, found.minor, found.patch, found.patch_minor), ua)


def _dotted(*parts: str | None) -> str:
    """Version parts up to the first missing one: ('17', '1', None) → 17.1."""
    kept: list[str] = []
    for part in parts:
        if not part:
            break
        kept.append(part)
    return ".".join(kept)


def _whole(version: str, ua: str) -> str:
    """`version` with the parts that the recogniser cut off, read from the header itself."""
    if not version:
        return ""
    start = max(ua.find(f"/{version}."), ua.find(f" {version}."))
    if start < 0:
        return version
    end = start + 1 + len(version)
    while end < len(ua) and (ua[end].isdigit() or ua[end] == "."):
        end += 1
    return ua[start + 1 : end].rstrip(".")


def _maker(found: "ua_parser_rs.Device | None", ua: str) -> tuple[str, str]:
    """Who made the device and what they call it."""
    if (app := _APP_MODEL.search(ua)) is not None:
        named = _APP_BRAND.search(ua)
        model = app[1].strip()
        return (_spelled(named[1].strip()) if named else _brand_of(model)), model
    if "Xbox" in ua:
        return "Microsoft", "Xbox One" if "Xbox One" in ua else "Xbox"
    if found is None or found.brand == "Spider":
        return "", ""
    if found.brand == "Apple":
        return "Apple", _apple_model(found.model or "", ua)
    android = _ANDROID_MODEL.search(ua)
    model = android[1].strip() if android else found.model or ""
    if model in UNKNOWN_MODELS:
        model = ""
    if not found.brand or found.brand.startswith(UNKNOWN_BRANDS):
        return _brand_of(model), model
    brand = _spelled(found.brand)
    # "HUAWEI VOG-L29", "LG-H870": the maker stands in its own column.
    return brand, re.sub(rf"^{re.escape(brand)}[ -]", "", model, flags=re.I)


def _spelled(brand: str) -> str:
    return BRANDS.get(brand) or (brand.capitalize() if brand.islower() else brand)


def _apple_model(model: str, ua: str) -> str:
    if "Macintosh" in ua:
        return "Macintosh"
    if "AppleTV" in ua or "Apple TV" in ua:
        return "Apple TV"
    family = _APPLE_MODEL.match(model)
    return family[1] if family else ("" if model.startswith("iOS") else model)


def _brand_of(model: str) -> str:
    return next((brand for pattern, brand in MODEL_BRANDS if pattern.match(model)), "")


def _device(ua: str, os: str) -> str:
    """The kind of device, the most particular first. Contract §4.3."""
    if _CONSOLE.search(ua):
        return "console"
    if _TV.search(ua):
        return "smarttv"
    if _XR.search(ua):
        return "xr"
    if _WEARABLE.search(ua):
        return "wearable"
    if os in ("Windows", "macOS", "Chrome OS") and "iPad" not in ua and "Tablet;" not in ua:
        return "desktop"
    if _TABLET.search(ua):
        return "tablet"
    if os == "iOS" or _MOBILE.search(ua):
        return "mobile"
    return "desktop"
