"""Rows read by the column are what rows read one by one are, and so are the refusals."""

import json
import os
from typing import Any

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from footfall.exporters.event_lines import camel
from footfall.importers.event_columns import ColumnReader
from footfall.importers.event_rows import RowReader
from footfall.importers.event_runs import Cutting
from footfall.model.errors import BadRequest
from footfall.model.event import Event
from footfall.store.columns import Gathering

NOW = 1_700_000_000_000
ID = "0190a0a0-1111-4222-8333-444455556666"
SOME = settings(
    max_examples=int(os.environ.get("HISTORIES", "60")), deadline=None, suppress_health_check=list(HealthCheck)
)

UNLIKELY: dict[str, list[Any]] = {
    "id": [None, "", "evt_1", 7, ID.upper(), "{" + ID + "}", ID[:-1], ID + "0", ID.replace("-", "x")],
    "name": [None, "", "  ", " click ", "x" * 256, 5, "a\x00b"],
    "created_at": [
        *(None, "", "yesterday", -5, 1_715_940_303, 1_715_940_303.25, "1715940303250", "2024-05-17"),
        *(
            "2024-05-17T12:05:03.2504567+02:00",
            "2024-05-17 10:05:03",
            "1969-12-31T23:59:59Z",
            "2100-01-01T00:00:00Z",
        ),
    ],
    "imported_at": [None, 1_715_940_303_250, "2023-01-01 00:00:00", "soon", ""],
    "country": ["", "de", "DE", "Germany", "??", "\x00\x00", None],
    "currency": ["", "eur", "EUR", "gold", "1?!"],
    "revenue": [None, 0, 4_900, "4900", -1, 2**63, 49.5],
    "longitude": [None, 13, 13.4, "13.4", 181],
    "device_id": ["", "d1", 4_711, True, "x" * 256],
    "path": ["", "/a", "/" + "a" * 3_000, "/x\x1b", 'say "hi"', "ü🌱\x7f"],
    "groups": [[], None, ["acme"], ["b", "b"], [7], "acme", [""]],
    "properties": [
        *({}, None, {"plan": "pro"}, {"a": {"b": [1, True]}, "n": None}, '{"plan":"pro"}', [1], "plan=pro"),
        *(
            {"__title": "T"},
            {"__path": "https://e.example/a?utm_source=b#c", "__referrer": "https://www.bing.com/"},
        ),
        *(
            {"__revenue": 4_900, "currency": "eur"},
            {"__revenue": "49.5"},
            {"currency": "usd"},
            {"": "x"},
            {"t": " x "},
        ),
        {"list": "[1,2]", "note": "[draft]", "code": "7", "__strings": "\ncode\n"},
        {"j": '{"k":1.5}', "big": 10**30, "ü.\u2028": "\u2028"},
    ],
    "project_id": ["other", None],
    "nobody_knows": [1, {"a": 1}],
    "osVersion": ["15.1", 15.1],
    "device": ["desktop", "Desktop", "", None],
    "sdk_name": ["umami", "web"],
}
LIKELY = {
    "id": ID,
    "name": "screen_view",
    "created_at": "2024-05-17T10:05:03.250Z",
    "device_id": "d1",
    "path": "/a",
}


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A plain row with some of its columns replaced by what somebody might write."""
    row: dict[str, Any] = {**LIKELY, "id": f"{ID[:-2]}{draw(st.integers(10, 40))}"}
    for name in draw(st.lists(st.sampled_from(list(UNLIKELY)), max_size=3, unique=True)):
        row[name] = draw(st.sampled_from(UNLIKELY[name]))
        if row[name] is None and draw(st.booleans()):
            del row[name]
    return row


lines = st.one_of(
    *[rows().map(msgspec.json.encode)] * 8,
    st.sampled_from(
        [b"{", b"[]", b"7", b'{"name":"a\\ud800","created_at":1715940303250}', b"\xff", b'{"name":1e999}']
    ),
)


def same_as_by_row(raws: list[bytes]) -> ColumnReader:
    """Check that these rows come out by the column as they do one by one; returns the reader."""
    by_row = list(RowReader("shop", NOW).read_all(raws))
    reader = ColumnReader("shop", NOW)
    refused = dict(reader.add(raws))
    columns = reader.take()

    events: list[Event] = [row.event for row in by_row if not isinstance(row, BadRequest)]
    assert list(columns.events(range(len(columns)))) == events
    assert {place: (error.message, error.field) for place, error in refused.items()} == {
        place: (row.message, row.field) for place, row in enumerate(by_row) if isinstance(row, BadRequest)
    }
    return reader


@SOME
@given(raws=st.lists(lines, min_size=1, max_size=30), plain=st.integers(0, 150))
@example(raws=[b"{}"], plain=200)
def test_columns_are_what_rows_are(raws: list[bytes], plain: int) -> None:
    filler = [msgspec.json.encode({**LIKELY, "id": f"{ID[:-3]}{number:03d}"}) for number in range(plain)]
    same_as_by_row(filler + raws + filler)


ALIKE: dict[str, list[Any]] = {
    "name": ["screen_view", "click", "click", " click", "x" * 256],
    "created_at": ["2024-05-17T10:05:03.250Z"] * 3 + ["2024-05-17T10:05:03.9996Z", 1_715_940_303, "soon"],
    "imported_at": [None, "2024-05-18T00:00:00Z", 1_715_940_303_250, "2024-05-18 00:00:00"],
    "device_id": ["d1", "d2", 'd"3', "d\\"],
    "session_id": ["s1", "s2", "", 's","path":"/x'],
    "path": ["/a", "/b", "/ü🌱", "/\x1f", '/","os":"', "/" + "a" * 3_000],
    "referrer": ["", "https://x.example/"],
    "revenue": [0, None, 4_900, -1],
    "currency": ["EUR", "EUR", "eur", ""],
    "country": ["DE", "FR", "de", "??", ""],
    "longitude": [None, 13, 13.4, 200],
    "os": ["iOS", "Windows", ",", '"'],
    "device": ["mobile", "Mobile"],
    "sdk_name": ["web", "web", "web", "umami"],
    "groups": [[], ["acme"], ["b", "b"]],
    "properties": [
        *({}, {"plan": "pro"}, {"a": {"b": 1, "os": "x"}}, {"a": 1, "os": "x", "path": "/", "groups": []}),
        *({"__title": "T"}, {"currency": "USD"}, {"list": "[1,2]", "n": None}),
    ],
    "project_id": ["bench"],
    "duration": [0, 1_500],
}
SEPARATORS = [(",", ":"), (", ", ": "), (" ,\t", " :  ")]


@st.composite
def rows_alike(draw: st.DrawFn) -> list[bytes]:
    """Rows of one spelling: the same keys in one order, the same space between; a few are spelled otherwise."""
    names = [*("name", "created_at"), *draw(st.lists(st.sampled_from(list(ALIKE)[2:]), unique=True))]
    order = draw(st.permutations(["id", *names]))
    separators = draw(st.sampled_from(SEPARATORS))
    is_camel, end = draw(st.booleans()), draw(st.sampled_from(["", "", "\r", " "]))
    # Mostly the first, which is plain, so that whole blocks are.
    likely = draw(st.sampled_from([1, 1, 2, 6]))
    raws = []
    for number in range(draw(st.integers(1, 40))):
        row: dict[str, Any] = {"id": f"{ID[:-3]}{number:03d}"}
        row |= {name: draw(st.sampled_from(ALIKE[name][:likely])) for name in names}
        keys = order if draw(st.integers(0, 200)) else list(reversed(order))
        spelled = {camel(key) if is_camel else key: row[key] for key in keys}
        raws.append((json.dumps(spelled, separators=separators, ensure_ascii=False) + end).encode())
    return raws


@SOME
@given(raws=rows_alike())
def test_rows_that_are_spelled_alike_are_what_they_are_alone(raws: list[bytes]) -> None:
    same_as_by_row(raws)


@SOME
@given(
    raws=rows_alike(), edits=st.lists(st.tuples(st.integers(0), st.sampled_from(b'",:{}[]\\ a1\x01')), max_size=2)
)
def test_damaged_rows_are_refused_or_read_as_they_are_alone(
    raws: list[bytes], edits: list[tuple[int, int]]
) -> None:
    for at, byte in edits:
        last = bytearray(raws[-1])
        last[at % len(last)] = byte
        raws[-1] = bytes(last)
    same_as_by_row([raw for raw in raws if not raw.isspace()])


def test_every_value_is_read_in_a_block_as_it_is_alone() -> None:
    plain = {"id": ID, **{name: values[0] for name, values in ALIKE.items()}, "properties": {"list": "[1,2]"}}
    for name, values in ALIKE.items():
        for value in values:
            same_as_by_row([msgspec.json.encode(plain), msgspec.json.encode({**plain, name: value})])
    paid = {**plain, "revenue": 4_900, "currency": "", "properties": {"currency": "USD"}}
    same_as_by_row([msgspec.json.encode(plain), msgspec.json.encode(paid)])


def test_a_value_that_holds_the_text_between_two_columns_is_still_one_value() -> None:
    row = {**LIKELY, "properties": {"a": 1, "path": "/x", "title": "t"}, "title": 'A,"path":"/b"'}
    odd = {**LIKELY, "properties": {"a": 1, "path": "/x", "title": "t"}, "path": ["/"], "title": "T"}
    same_as_by_row([msgspec.json.encode(row), msgspec.json.encode(odd), msgspec.json.encode(row)])


def test_rows_of_one_spelling_are_cut_into_runs() -> None:
    gathering = Gathering()
    cutting = Cutting(NOW)
    cutting.begin(gathering)
    row = {**LIKELY, "country": "DE", "os": "iOS", "properties": {"plan": "pro"}}
    assert cutting.add([msgspec.json.encode(row), msgspec.json.encode({**row, "os": "Windows", "country": "FR"})])
    assert not cutting.add([msgspec.json.encode({**row, "os": 7})])
    assert not cutting.add([msgspec.json.encode({**row, "properties": {"__title": "T"}})])
    assert cutting.add([msgspec.json.encode({"os": "iOS", **LIKELY})])
    assert len(gathering) == 3
