"""Expressions that are compiled when they are needed find what `ua-parser`, which compiles all, finds."""

from typing import Any

import pytest
import ua_parser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.ingest.enrich.first_fit import FirstFit
from footfall.ingest.enrich.literals import needed
from footfall.ingest.enrich.ua_expressions import Expressions, expressions

VERSION = ("family", "major", "minor", "patch", "patch_minor")
MAKER = ("family", "brand", "model")


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("Chrome", [{"chrome"}]),
        (r"Chrome/\d+ Mobile", [{"chrome/"}, {" mobile"}]),
        (r"\(KHTML\)", [{"(khtml)"}]),
        ("(?:HTC|Sony) [A-Z]+", [{"htc", "sony"}]),
        ("(?:HTC|x[yz])", []),  # the second has no text
        ("(?:HTC|)abc", [{"abc"}]),
        ("(?i:HTC)", [{"htc"}]),
        ("(HTC)?abc", [{"abc"}]),
        ("(HTC){0,2}abc", [{"abc"}]),
        ("(HTC){1,2}", [{"htc"}]),
        ("(HTC)+?", [{"htc"}]),
        ("abcd?", [{"abc"}]),
        ("abcd*ef", [{"abc"}, {"ef"}]),
        ("abcd+efg", [{"abcd"}, {"efg"}]),
        ("abc.def", [{"abc"}, {"def"}]),
        ("abc[^]d]efg", [{"abc"}, {"efg"}]),
        ("^abc$", [{"abc"}]),
        ("a|cde", []),
        ("ab|cde", [{"ab", "cde"}]),
        ("(abc|(de|fgh)ijk)", [{"abc", "ijk"}]),
        ("aÄc", []),
        ("(?!abc)def", []),  # what is not known is not guessed
        (r"\x41bcd", []),
        ("(?i)abc", []),
    ],
)
def test_texts_that_are_needed(pattern: str, texts: list[set[str]]) -> None:
    assert needed(pattern) == texts


def test_the_first_that_fits_is_asked_and_only_what_may_fit_is_compiled() -> None:
    made: list[int] = []
    patterns = ["nokia", "phone|tablet", "mobile phone", ".x"]

    def compiled(number: int) -> Any:
        made.append(number)
        return lambda text: f"{number} in {text}" if number != 3 else None

    first = FirstFit(patterns, compiled)
    assert first.find("A Mobile PHONE") == "1 in A Mobile PHONE"
    assert first.find("mobile") is None
    assert first.find("no\u212aia") == "0 in no\u212aia"  # the Kelvin sign is a k where case does not matter
    assert first.find("tablet") == "1 in tablet"
    assert made == [1, 3, 0]


def told(known: Expressions, agent: str) -> list[Any]:
    """Browser, system and device."""
    finders = ((known.browser, VERSION), (known.system, VERSION), (known.device, MAKER))
    return [parts(finder.find(agent), names) for finder, names in finders]


def theirs(agent: str) -> list[Any]:
    found = ua_parser.parse(agent)
    return [parts(each, names) for each, names in zip(_three(found), (VERSION, VERSION, MAKER), strict=True)]


def _three(found: ua_parser.Result) -> tuple[Any, Any, Any]:
    return found.user_agent, found.os, found.device


def parts(found: Any, names: tuple[str, ...]) -> Any:
    return found and tuple(getattr(found, name) for name in names)


def test_every_crawler_is_recognised_as_ua_parser_does() -> None:
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    agents = [text for entry in CRAWLER_USER_AGENTS_DATA for text in entry["instances"]][::9]
    assert len(agents) > 100
    assert [told(expressions(), agent) for agent in agents] == [theirs(agent) for agent in agents]


patterns = st.deferred(
    lambda: st.sampled_from([known.regex for matchers in ua_parser.load_lazy_builtins() for known in matchers])
)
cases = st.sampled_from([str, str.upper, str.lower, str.swapcase])


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(pattern=patterns, case=cases, data=st.data())
def test_what_any_expression_fits_is_recognised_as_ua_parser_does(pattern: str, case: Any, data: Any) -> None:
    agent = case(data.draw(st.from_regex(pattern))).encode("utf-8", "replace").decode()
    assert told(expressions(), agent) == theirs(agent)
