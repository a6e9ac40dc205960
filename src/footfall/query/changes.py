"""Changes: what a line of numbers comes to, and how it changed against the period before.

What these numbers mean stands in `series.py`. Source: openpanel contract §9.2.6, §9.2.7.
"""

import math
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

LARGEST = 1e100
"""What is larger is no measurement: it would make a sum infinite, and that of all others with it."""


class State(StrEnum):
    """Which way a number went."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"


class Change(Struct, frozen=True):
    """A number of the period before, and how today's differs."""

    value: float
    change: float | None
    diff: float | None
    state: State


class Metrics(Struct, frozen=True):
    """What a line of numbers comes to."""

    sum: float = 0
    average: float = 0
    min: float = 0
    max: float = 0
    count: int | None = None


def rounded(number: float, decimals: int = 2) -> float:
    """A half away from zero, also where binary fractions fall just short of it."""
    scaled = abs(number) * 10**decimals
    if scaled >= 2**52:
        return number
    return math.copysign(math.floor(scaled * (1 + 1e-12) + 0.5) / 10**decimals, number)


def metrics(values: Sequence[float], count: int | None = None) -> Metrics:
    """What these buckets come to."""
    if not values:
        return Metrics(count=count)
    present = [value for value in values if value]
    total = math.fsum(values)
    return Metrics(
        sum=rounded(total),
        average=rounded(total / len(present)) if present else 0,
        min=rounded(min(values)),
        max=rounded(max(values)),
        count=count,
    )


def change(now: float, before: float) -> Change:
    """How `now` differs from `before`."""
    state = State.NEUTRAL if now == before else State.POSITIVE if now > before else State.NEGATIVE
    signed = _percent((now - before) / abs(before), 2) if before else None
    larger, smaller = max(now, before), min(now, before)
    diff = _percent(larger / smaller - 1, 1) if smaller > 0 and larger != smaller else None
    return Change(before, signed, diff, state)


def _percent(share: float, decimals: int) -> float | None:
    """None where a number was next to nothing, and the other is infinitely more."""
    return rounded(share * 100, decimals) if math.isfinite(share * 100) else None
