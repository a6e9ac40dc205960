"""Crawlers: the quick look-up finds what the package's own patterns find, one after the other."""

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.ingest.enrich.crawlers import Crawlers, known_crawlers, plain_text


@cache
def ours():
    return Crawlers([(crawler.pattern, crawler.tag) for crawler in known_crawlers()])


@cache
def theirs():
    return [(re.compile(crawler.pattern), crawler.tag) for crawler in known_crawlers()]


@cache
def examples():
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    return [text for entry in CRAWLER_USER_AGENTS_DATA for text in entry["instances"]]


def one_after_the_other(agent):
    for pattern, tag in theirs():
        match = pattern.search(agent)
        if match:
            return match[0].strip(), tag
    return None


def looked_up(agent):
    found = ours().find(agent)
    return found and (found[0].strip(), found[1])


def test_every_crawler_of_the_list_is_found():
    every = examples()[::7]
    assert [looked_up(agent) for agent in every] == [one_after_the_other(agent) for agent in every]
    assert len(known_crawlers()) > 1_000


pieces = st.one_of(
    st.deferred(lambda: st.sampled_from([plain_text(crawler.pattern) for crawler in known_crawlers()])),
    st.deferred(lambda: st.sampled_from(examples())),
    st.text(alphabet=" /-().;abotBOTwgetWcurl09", max_size=12),
)


@given(st.lists(pieces, max_size=4), st.integers(0, 3), st.integers(0, 3))
def test_any_agent_is_taken_for_whom_the_patterns_take_it(parts, front, back):
    agent = "".join(parts)
    agent = agent[front : len(agent) - back]
    assert looked_up(agent) == one_after_the_other(agent)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("Googlebot\\/", "Googlebot/"), ("Mediapartners \\(Googlebot\\)", "Mediapartners (Googlebot)"),
        ("a.b", ""), ("^curl", ""), ("[wW]get", ""), ("end$", ""), (r"v\d", ""), ("one|two", ""), ("", ""),
    ],
)  # fmt: skip
def test_plain_text_is_what_has_nothing_but_letters_and_escapes(pattern, text):
    assert plain_text(pattern) == text
