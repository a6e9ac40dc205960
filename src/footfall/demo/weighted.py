"""Picking by weight, fast: the odds are laid out once, and each pick is one look."""

from collections.abc import Iterable
from random import Random
from typing import Generic, TypeVar

Choice = TypeVar("Choice")

_PLACES = 16_384


class Weighted(Generic[Choice]):
    """Choices with weights; what weighs less than a 16,384th of all still has one place."""

    def __init__(self, choices: Iterable[tuple[Choice, float]]) -> None:
        pairs = list(choices)
        total = sum(weight for _, weight in pairs)
        self._table: list[Choice] = []
        for choice, weight in pairs:
            self._table += [choice] * max(1, round(weight / total * _PLACES))
        self._size = len(self._table)

    def pick(self, random: Random) -> Choice:
        """One of the choices."""
        return self._table[int(random.random() * self._size)]
