"""The plain texts that a regular expression can't do without: whatever it fits holds one of them.

`(?:HTC|Sony) [A-Z]+` fits nothing without `htc` or `sony`. The texts are in small letters, of ASCII, and two
letters or more. Of an expression with syntax that is not known here nothing is said.
"""

import re

Texts = frozenset[str]

SHORTEST = 2
_TOKEN = re.compile(
    r"(?P<open>\((?:\?i?:|(?!\?)))|(?P<close>\))|(?P<bar>\|)|(?P<any>\[\^?\]?(?:\\.|[^\]\\])*\]|[.^$]|\\[dDwWsSbB])"
    r"|(?P<times>(?:[?*+]|\{(?P<least>\d+)(?:,\d*)?\})\??)|\\(?P<escaped>[^a-zA-Z0-9])|(?P<letter>[^\\()?*+{])",
    re.DOTALL,
)


def needed(pattern: str) -> list[Texts]:
    """Sets of texts: whatever fits holds one text of each set. Empty if nothing is known to be needed."""
    tokens = list(_TOKEN.finditer(pattern))
    is_known = sum(len(token[0]) for token in tokens) == len(pattern)
    return _Reader(tokens).alternatives() if is_known else []


class _Reader:
    """Reads an expression from its first token to its last."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def alternatives(self) -> list[Texts]:
        """Up to the end, or the parenthesis that closes it. Of several alternatives any one is needed."""
        found = [self._sequence()]
        while self._kind() == "bar":
            self._at += 1
            found.append(self._sequence())
        self._at += 1
        if len(found) == 1:
            return found[0]
        return [Texts().union(*map(_longest, found))] if all(found) else []

    def _sequence(self) -> list[Texts]:
        found: list[Texts] = []
        run = ""
        while (kind := self._kind()) not in ("", "bar", "close"):
            token = self._tokens[self._at]
            self._at += 1
            inside = self.alternatives() if kind == "open" else []
            letter = (token["letter"] or token["escaped"] or "").lower()
            times = self._times()
            if letter.isascii() and times != "0":
                run += letter
            if not letter.isascii() or not letter or times:
                found += [Texts([run])] if len(run) >= SHORTEST else []
                run = ""
            found += inside if times != "0" else []
        return found + ([Texts([run])] if len(run) >= SHORTEST else [])

    def _kind(self) -> str:
        return str(self._tokens[self._at].lastgroup) if self._at < len(self._tokens) else ""

    def _times(self) -> str:
        """How often at least what was just read has to come: '' once, '0' or '1' or more otherwise."""
        if self._kind() != "times":
            return ""
        token = self._tokens[self._at]
        self._at += 1
        least = token["least"] or ("1" if token[0].startswith("+") else "0")
        return "0" if int(least) == 0 else least


def _longest(found: list[Texts]) -> Texts:
    """The set whose shortest text is longest."""
    return max(found, key=lambda texts: min(map(len, texts)))
