"""The crawlers of the `crawler-user-agents` package, and which of its 1,500 patterns a user agent fits first.

Nearly all patterns are plain text. Compiled, they would take 15 MB; here they are looked up by their first
letters, and only the few real expressions go to the Rust engine that also reads user agents.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import msgspec
from ua_parser_rs import UserAgentExtractor

_PACKAGE = "crawleruseragents"
_LIST = "crawler-user-agents.json"
_LETTERS = 3
_ESCAPED = re.compile(r"\\([^A-Za-z0-9])")
_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")

Found = tuple[str, str]
"""The text that a pattern fits, and the pattern's tag."""


class Crawler(msgspec.Struct, frozen=True):
    """One entry of the package's list."""

    pattern: str
    tags: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """What kind of crawler it is, '' if the list does not say."""
        return self.tags[0] if self.tags else ""


class Crawlers:
    """Patterns with their tags, the most important first."""

    def __init__(self, patterns: Sequence[tuple[str, str]]) -> None:
        texts: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        expressions = []
        for rank, (pattern, tag) in enumerate(patterns):
            text = plain_text(pattern)
            if len(text) >= _LETTERS:
                texts[text[:_LETTERS]].append((rank, text, tag))
            else:
                # Rust's engine knows no escaped slash. The rank travels in the place of a version.
                rust = pattern.replace("\\/", "/")
                expressions.append((f"({rust})", "$1", tag, str(rank), None, None))
        self._texts = dict(texts)
        self._expressions = UserAgentExtractor(expressions)

    def find(self, ua: str) -> Found | None:
        """What the first pattern that fits found, None if none does. `ua` has no lone surrogates."""
        match = self._expressions.extract(ua)
        found = (int(match.minor or 0), match.family, match.major or "") if match else None
        beginnings = {ua[place : place + _LETTERS] for place in range(len(ua) - _LETTERS + 1)}
        for beginning in beginnings & self._texts.keys():
            for entry in self._texts[beginning]:
                if (found is None or entry[0] < found[0]) and entry[1] in ua:
                    found = entry
        return None if found is None else found[1:]


def plain_text(pattern: str) -> str:
    """The text that a pattern stands for, '' if it is more than a text."""
    return "" if _SPECIAL.search(_ESCAPED.sub("", pattern)) else _ESCAPED.sub(r"\1", pattern)


def known_crawlers() -> list[Crawler]:
    """The package's list. Read from its file, because importing it keeps 2 MB of examples in memory."""
    spec = find_spec(_PACKAGE)
    folder = Path(cast("str", spec.origin)).parent if spec else Path()
    return msgspec.json.decode((folder / _LIST).read_bytes(), type=list[Crawler])
