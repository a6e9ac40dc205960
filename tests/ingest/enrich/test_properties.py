"""Properties: openpanel.md §6.4, and the caps that keep hostile input cheap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.ingest.enrich.properties import flatten, unflatten


def test_nested_objects_and_lists_get_dotted_keys():
    properties = {"a": {"b": {"c": "x"}}, "tags": ["red", "blue"], "list": [1, 2, [True]]}
    assert flatten(properties) == {
        "a.b.c": "x",
        "tags.0": "red",
        "tags.1": "blue",
        "list.0": "1",
        "list.1": "2",
        "list.2.0": "true",
    }


def test_nothing_is_left_of_null_and_empty():
    assert flatten({"a": None, "b": "", "c": "  ", "d": {}, "e": [], "": "x", "f": {"g": None}}) == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1234567.89, "1234567.89"),
        (0.00001, "0.00001"),
        (1.5e-7, "1.5e-7"),
        (1e21, "1e+21"),
        (10**21, "1e+21"),
        (10**20, "100000000000000000000"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_numbers_read_as_javascript_prints_them(value, text):
    assert flatten({"n": value}) == {"n": text}


def test_a_number_of_thousands_of_digits_does_no_harm():
    assert flatten({"n": 10**5000, "m": -(10**5000)}) == {"n": "Infinity", "m": "-Infinity"}


def test_text_is_trimmed_and_freed_of_what_no_report_can_show():
    dirty = {
        "a": "  x y ",
        "b": "nul\x00l",
        "c": "half \ud83d pair",
        "k\x00ey": "v",
        "d": "two\nlines\ttab",
        "e": "\x00",
    }
    assert flatten(dirty) == {"a": "x y", "b": "null", "c": "half  pair", "key": "v", "d": "two\nlines\ttab"}


def test_text_that_is_json_is_read_and_text_that_only_looks_like_it_is_left_out():
    properties = {
        "cart": '{"items": [{"id": 7}], "note": ""}',
        "bad": "{oops}",
        "open": "[1, 2",
        "fine": "a {b}",
    }
    assert flatten(properties) == {"cart.items.0.id": "7", "fine": "a {b}"}


def test_keys_with_dots_stay_as_they_are():
    assert flatten({"a.b": "x", "a": {"c": "y"}}) == {"a.b": "x", "a.c": "y"}


def test_long_values_are_cut_and_surplus_keys_left_out():
    assert len(flatten({"text": "x" * 20_000})["text"]) == 10_000
    assert len(flatten({f"k{n}": "v" for n in range(1_000)})) == 256
    assert len(flatten({"list": ["v"] * 1_000})) == 256
    assert list(flatten({"k" * 500: "v"})) == ["k" * 200]


def test_what_is_nested_too_deep_is_left_out():
    deep: object = "x"
    for _ in range(100):
        deep = {"a": deep}
    assert flatten({"deep": deep, "b": "y"}) == {"b": "y"}
    assert flatten({"deep": "[" * 100_000 + "]" * 100_000, "b": "y"}) == {"b": "y"}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@given(st.dictionaries(st.text(), _json, max_size=10))
def test_whatever_comes_in_clean_short_text_goes_out(properties):
    for key, value in flatten(properties).items():
        assert key
        assert value == value.strip()
        assert value
        (key + value).encode("utf-8")
        assert "\x00" not in key + value


def test_dotted_keys_nest_again():
    assert unflatten({"a.b.c": "x", "a.d": "y", "e": "z"}) == {"a": {"b": {"c": "x"}, "d": "y"}, "e": "z"}


def test_a_key_below_a_value_stays_dotted():
    assert unflatten({"a.b": "x", "a": "y"}) == {"a": "y", "a.b": "x"}
    assert unflatten({"a.b": "x", "a.b.c": "y"}) == {"a": {"b": "x"}, "a.b.c": "y"}
    assert unflatten({"a.b.c": "y", "a.b": "x"}) == {"a": {"b": {"c": "y"}}, "a.b": "x"}
