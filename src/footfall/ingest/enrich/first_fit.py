"""Which of a thousand regular expressions fits a text first.

Compiled, those of `ua-parser` take 25 MB. But a text can only be fitted by those whose needed texts
(`literals.py`) it holds, which are a few dozen, and a site's visitors need few of them all: each is compiled when
it is first tried.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence, Set
from functools import lru_cache
from typing import Generic, TypeVar

from footfall.ingest.enrich.literals import SHORTEST, needed

_LETTERS = 3

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
                self._by_beginning[text[:_LETTERS]].append((text, number))

    def find(self, text: str) -> Fit | None:
        """What the first expression that fits finds."""
        for number in sorted(self._candidates(*_folded(text))):
            attempt = self._ready.get(number)
            if attempt is None:
                attempt = self._ready[number] = self._compiled(number)
            found = attempt(text)
            if found is not None:
                return found
        return None

    def _candidates(self, text: str, beginnings: Set[str]) -> set[int]:
        found = set(self._always)
        for beginning in beginnings & self._by_beginning.keys():
            found.update(number for needed_text, number in self._by_beginning[beginning] if needed_text in text)
        return found


@lru_cache(maxsize=8)  # one text is asked several lists one after the other
def _folded(text: str) -> tuple[str, Set[str]]:
    """The text in small letters, and what needed texts in it may begin with."""
    small = text.casefold()
    sizes = range(SHORTEST, _LETTERS + 1)
    return small, {small[at : at + size] for size in sizes for at in range(len(small) - size + 1)}
