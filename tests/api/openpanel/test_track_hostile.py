"""Whatever comes, the answer is a reason and the server goes on: never a 5xx, never a stuck drain."""

import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.footfall import SECRET, WRITER, Footfall

TYPES = ["track", "identify", "increment", "decrement", "alias", "group", "assign_group", "replay"]
KEYS = [
    *(
        "name",
        "properties",
        "profileId",
        "groups",
        "firstName",
        "lastName",
        "email",
        "avatar",
        "property",
        "value",
    ),
    *("alias", "id", "type", "groupIds", "path", "currency", "__path", "__title", "__referrer", "__timestamp"),
    *("__ip", "__deviceId", "__identify", "__revenue", "__os", "__bot"),
]
HEADERS = [
    *("openpanel-client-id", "openpanel-client-secret", "openpanel-client-ip", "openpanel-sdk-name", "origin"),
    *("user-agent", "x-forwarded-for", "forwarded", "cf-connecting-ip", "accept-language", "sec-ch-ua"),
]

words = st.sampled_from(
    ["screen_view", "revenue", "u1", "2026-03-10", "/a?b=c", "[1]", '{"a":1}', "\u0000", "a@b.c"]
)
numbers = (
    st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([2**64, -(2**70), 1e308])
)
scalars = (
    st.none() | st.booleans() | numbers | words | st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | words, inner, max_size=4),
    max_leaves=12,
)
likely = st.fixed_dictionaries(
    {
        "type": st.sampled_from(TYPES),
        "payload": st.dictionaries(
            st.sampled_from(KEYS), anything | st.dictionaries(st.sampled_from(KEYS), anything), max_size=6
        ),
    }
)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def is_a_reason(answer: httpx.Response) -> bool:
    """JSON below 500, or the text of a 401."""
    if answer.status_code == 401:
        return answer.headers["content-type"].startswith("text/plain") and answer.text.startswith("Ingestion: ")
    return answer.status_code < 500 and json.loads(answer.content) is not None


@FEW
@given(body=anything | likely, proven=st.booleans())
def test_any_json_gets_a_reason(house: Footfall, body: Any, proven: bool) -> None:
    headers = {"openpanel-client-secret": SECRET} if proven else {}
    assert is_a_reason(house.visitor(headers=headers).sends(body))


@FEW
@given(body=st.binary(max_size=200), encoding=st.sampled_from(["", "gzip", "deflate", "br"]))
def test_any_bytes_get_a_reason(house: Footfall, body: bytes, encoding: str) -> None:
    assert is_a_reason(house.visitor(headers={"content-encoding": encoding}).sends(body))


@FEW
@given(
    headers=st.dictionaries(
        st.sampled_from(HEADERS),
        st.sampled_from([WRITER, SECRET, "https://shop.example", "1.2.3.4", "::1%eth0", 'for="[::]:x"'])
        | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    )
)
def test_any_headers_get_a_reason(house: Footfall, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = house.request("POST", "/track", content=b'{"type":"track","payload":{"name":"x"}}', headers=raw)
    assert is_a_reason(answer) or answer.status_code == 429


def test_all_of_it_is_drained(house: Footfall) -> None:
    """Runs last in this module, on the same server."""
    house.settle()
    assert house.runtime.journal.quarantined() == 0
    assert house.runtime.drain.position == house.runtime.journal.last()
    house.visitor(ip="198.51.100.200").tracks("after-all-that")
    assert house.event("after-all-that").properties == {}
