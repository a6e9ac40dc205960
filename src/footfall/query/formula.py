"""Formulas over series: `A / B * 100`, read by a parser of our own and evaluated per time bucket.

Source: openpanel contract §9.2.8. At most 1,000 characters.

numbers     12, 0.5, .5, 1e3
A to Z      the value of the chart's first to 26th series, in the same bucket with the same breakdown; 0 if it
            has none
+ - * /     with `×`, `÷` and `−` for those who have them; `%` and `mod` for the remainder, which has the sign of
            the divisor
^           the power, from the right: 2^3^2 is 2^9; -2^2 is -4
functions   abs, ceil, floor, round, sqrt, exp, log and log10 of one number; round(x, n) to n decimals and
            log(x, base) of two; min and max of one or more

A half is rounded away from zero. What is no finite number, as after a division by zero, or larger than 1e100
counts as 0.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from footfall.model.errors import BadRequest
from footfall.query.changes import LARGEST

MAX_CHARS = 1000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>[-+*/%^(),×÷−]))",
    re.ASCII,
)
_SPELLED = {"×": "*", "÷": "/", "−": "-", "mod": "%"}


class Step(Struct, frozen=True):
    """One step of a formula in postfix order: a number, a letter, or what is done to the last values."""

    number: float | None = None
    letter: str = ""
    does: Callable[..., float] | None = None
    takes: int = 0


class Formula(Struct, frozen=True):
    """A formula that was read. `letters` are the series that it names."""

    text: str
    steps: tuple[Step, ...]

    @property
    def letters(self) -> set[str]:
        """The series that it names."""
        return {step.letter for step in self.steps if step.letter}

    def value(self, of: Mapping[str, float]) -> float:
        """Its value for these values of the letters; 0 if it has none."""
        stack: list[float] = []
        for step in self.steps:
            if step.does is None:
                stack.append(of.get(step.letter, 0.0) if step.number is None else step.number)
                continue
            taken = stack[len(stack) - step.takes :]
            del stack[len(stack) - step.takes :]
            stack.append(_done(step.does, taken))
        return stack[0] if abs(stack[0]) < LARGEST else 0.0


def parse_formula(text: str, field: str = "formula") -> Formula:
    """The formula that the text is. Raises BadRequest that says what is wrong."""
    if len(text) > MAX_CHARS:
        raise BadRequest(f"a formula has {MAX_CHARS} characters at most", field, "too_big")
    try:
        return Formula(text.strip(), tuple(_Reading(_tokens(text)).steps()))
    except ValueError as error:
        raise BadRequest(f"the formula can't be read: {error}", field, "invalid_string") from None


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        token = _TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"{text[at:].strip()[:20]!r} is not expected")
        found.append(_SPELLED.get(token[0].strip(), token[0].strip()))
        at = token.end()
    return found


def _done(does: Callable[..., float], taken: Sequence[float]) -> float:
    """As floating-point units do: what is undefined is not a number, what is too large is infinite."""
    try:
        found = does(*taken)
    except (ValueError, ZeroDivisionError, TypeError):
        return math.nan
    except OverflowError:
        return math.inf
    return math.nan if isinstance(found, complex) else float(found)


def _divided(left: float, right: float) -> float:
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
    return left / right


def _rounded(number: float, decimals: float = 0) -> float:
    """A half away from zero, as it is written in decimals."""
    scale = 10 ** max(min(int(decimals), 15), 0)
    scaled = abs(number) * scale
    if not math.isfinite(scaled) or scaled >= 2**52:
        return number
    return math.copysign(math.floor(scaled + 0.5 + scaled * 1e-15) / scale, number)


class _Function(Struct, frozen=True):
    does: Callable[..., float]
    most: int
    """How many numbers it takes, from one on."""


_MANY = 100
_FUNCTIONS = {
    "abs": _Function(abs, 1),
    "ceil": _Function(math.ceil, 1),
    "floor": _Function(math.floor, 1),
    "round": _Function(_rounded, 2),
    "sqrt": _Function(math.sqrt, 1),
    "exp": _Function(math.exp, 1),
    "log": _Function(math.log, 2),
    "log10": _Function(math.log10, 1),
    "min": _Function(lambda *numbers: min(numbers), _MANY),
    "max": _Function(lambda *numbers: max(numbers), _MANY),
}


class _Operator(Struct, frozen=True):
    does: Callable[..., float]
    binds: int
    takes: int = 2
    from_right: bool = False

    def yields_to(self, new: "_Operator") -> bool:
        """Whether this one, which stands further left, is done before the new one."""
        return self.binds > new.binds or (self.binds == new.binds and not new.from_right)


_BINARY = {
    "+": _Operator(lambda left, right: left + right, 1),
    "-": _Operator(lambda left, right: left - right, 1),
    "*": _Operator(lambda left, right: left * right, 2),
    "/": _Operator(_divided, 2),
    "%": _Operator(lambda left, right: left % right, 2),
    "^": _Operator(lambda left, right: left**right, 4, from_right=True),
}
_UNARY = {
    "+": _Operator(lambda number: number, 3, takes=1),
    "-": _Operator(lambda number: -number, 3, takes=1),
}


class _Open(Struct):
    """A parenthesis that is open: of a function, or only there to group."""

    function: str = ""
    numbers: int = 1


class _Reading:
    """The parts in postfix order, by two stacks, so that no formula is too deep."""

    def __init__(self, parts: list[str]) -> None:
        self._parts = parts
        self._out: list[Step] = []
        self._waiting: list[_Operator | _Open] = []

    def steps(self) -> list[Step]:
        """All of them. Raises ValueError."""
        wants_value = True
        at = 0
        while at < len(self._parts):
            if wants_value:
                at, wants_value = self._value(at)
            else:
                wants_value = self._after_value(self._parts[at])
                at += 1
        if wants_value:
            raise ValueError("it ends too early")
        while self._waiting:
            top = self._waiting.pop()
            if isinstance(top, _Open):
                raise ValueError("a parenthesis is not closed")
            self._do(top)
        return self._out

    def _value(self, at: int) -> tuple[int, bool]:
        """Where a value must begin: where to go on, and whether one must still follow."""
        part = self._parts[at]
        if part in _UNARY:
            self._waiting.append(_UNARY[part])
            return at + 1, True
        if part == "(":
            self._waiting.append(_Open())
            return at + 1, True
        if part in _FUNCTIONS:
            if self._parts[at + 1 : at + 2] != ["("]:
                raise ValueError(f"{part} wants a parenthesis")
            self._waiting.append(_Open(part))
            return at + 2, True
        if len(part) == 1 and part in LETTERS:
            self._out.append(Step(letter=part))
        elif part[0].isdigit() or part[0] == ".":
            self._out.append(Step(number=float(part)))
        else:
            raise ValueError(f"{part[:20]!r} is not expected")
        return at + 1, False

    def _after_value(self, part: str) -> bool:
        """What follows a value; whether another must come then."""
        if part == ")":
            self._close()
            return False
        if part == ",":
            top = self._until_open()
            if not top.function:
                raise ValueError("a comma stands outside of a function")
            top.numbers += 1
            return True
        if part not in _BINARY:
            raise ValueError(f"{part[:20]!r} is not expected")
        new = _BINARY[part]
        while self._waiting:
            last = self._waiting[-1]
            if isinstance(last, _Open) or not last.yields_to(new):
                break
            self._do(last)
            self._waiting.pop()
        self._waiting.append(new)
        return True

    def _close(self) -> None:
        top = self._until_open()
        self._waiting.pop()
        if top.function:
            function = _FUNCTIONS[top.function]
            if top.numbers > function.most:
                raise ValueError(f"{top.function} takes {function.most} at most")
            self._out.append(Step(does=function.does, takes=top.numbers))

    def _until_open(self) -> _Open:
        """Do what waits since the last open parenthesis."""
        while self._waiting:
            top = self._waiting[-1]
            if isinstance(top, _Open):
                return top
            self._do(top)
            self._waiting.pop()
        raise ValueError("a parenthesis is not open")

    def _do(self, operator: _Operator) -> None:
        self._out.append(Step(does=operator.does, takes=operator.takes))
