"""Which of a thousand regular expressions fits a text first.

Compiled, those of `ua-parser` take 25 MB. But a text can only be fitted by those whose needed texts
(`literals.py`) it holds, which are a few dozen, and a site's visitors need few of them all: each is compiled when
it is first tried.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from footfall.ingest.enrich.literals import SHORTEST, needed

Fit = TypeVar("Fit")
Try = Callable[[str], Fit | None]
"""A compiled expression: what it finds in a text, None where it does not fit."""


class FirstFit(Generic[Fit]):
    """Expressions, the most important first. `compiled` makes the one with a number ready to be tried."""

    def __init__(self, patterns: Sequence[str], compiled: Callable[[int], Try[Fit]]) -> None:
        self._compiled = compiled
        self._ready: dict[int, Try[Fit]] = {}
        self._always: set[int] = set()
        self._by_beginning: dict[str, list[tuple[str, int]]] = defaultdict(list)
        needs = [needed(pattern) for pattern in patterns]
        shared = Counter(texts for sets in needs for texts in sets)
        for number, sets in enumerate(needs):
            if not sets:
                self._always.add(number)
                continue
            # The rarest tells most: nearly all expressions of telephones need "applewebkit".
            for text in min(sets, key=lambda texts: (shared[texts], -min(map(len, texts)))):
                self._by_beginning[text[:SHORTEST]].append((text, number))

    def find(self, text: str) -> Fit | None:
        """What the first expression that fits finds."""
        for number in sorted(self._candidates(text.casefold())):
            attempt = self._ready.get(number)
            if attempt is None:
                attempt = self._ready[number] = self._compiled(number)
            found = attempt(text)
            if found is not None:
                return found
        return None

    def _candidates(self, text: str) -> set[int]:
        beginnings = {text[at : at + SHORTEST] for at in range(len(text) - SHORTEST + 1)}
        found = set(self._always)
        for beginning in beginnings & self._by_beginning.keys():
            found.update(number for needed_text, number in self._by_beginning[beginning] if needed_text in text)
        return found
