"""Formulas: what they come to, and what is none (openpanel contract §9.2.8)."""

import pytest

from footfall.model.errors import BadRequest
from footfall.query.formula import parse_formula


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A/B", 2.5),
        ("A / B * 100", 250),
        ("A + B * C", 23),
        ("(A+B)*C", 63),
        ("A - B - C", -6),
        ("A ÷ B × C − 1", 21.5),
        ("-A + +B", -3),
        ("2^3^2", 512),
        ("-2^2", -4),
        ("2^-1", 0.5),
        ("7 mod 3", 1),
        ("-7 % 3", 2),
        (".5 + 1e2 + 2.", 102.5),
        ("abs(-3) + ceil(1.2) + floor(1.8)", 6),
        ("round(2.5) + round(-2.5) + round(1.005, 2)", 1.01),
        ("sqrt(16) + min(3, 1, 2) + max(A, B)", 10),
        ("log(exp(1))", 1),
        ("log(8, 2) + log10(1000)", 6),
        ("Z", 0),
        ("A / 0", 0),
        ("0 / 0", 0),
        ("sqrt(-1)", 0),
        ("log(0)", 0),
        ("exp(1000)", 0),
        ("(-8)^0.5", 0),
        ("0^-1", 0),
        ("9^9^9^9", 0),
        ("1e999", 0),
        ("9^322", 0),
        ("A mod 0", 0),
        ("1 / (A / 0)", 0),
        ("(" * 400 + "A" + ")" * 400, 5),
        ("-" * 999 + "A", -5),
    ],
)
def test_what_a_formula_comes_to(text: str, expected: float) -> None:
    assert parse_formula(text).value({"A": 5, "B": 2, "C": 9}) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "A B", "A +", "* A", "A / / B", "(A", "A)", "()", "a", "AB", "A.B", "1.2.3", "abs", "abs A", "abs()",
        "abs(1, 2)", "round(1, 2, 3)", "min()", "(A, B)", "A, B", "pow(A, 2)", "__import__('os')", "A; B", "A = B",
        "A ** B", "0x10", "A" + "+A" * 600, "1" * 1001, "𝐀", "A\0", "π",
    ],
)  # fmt: skip
def test_what_is_no_formula(text: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse_formula(text, "series.2.formula")
    assert raised.value.field == "series.2.formula"


def test_which_series_it_names() -> None:
    assert parse_formula("max(A, C) / 2").letters == {"A", "C"}
