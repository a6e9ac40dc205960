"""Rows read by the column are what rows read one by one are, and so are the refusals."""

import os
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from footfall.importers.event_columns import ColumnReader
from footfall.importers.event_rows import RowReader
from footfall.model.errors import BadRequest
from footfall.model.event import Event

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
    "country": ["", "de", "DE", "Germany", " germany", "d ", "x" * 300, "??", "\x00\x00", None],
    "currency": ["", "eur", "EUR", "gold", "1?!"],
    "revenue": [None, 0, 4_900, "4900", -1, 2**63, 49.5],
    "longitude": [None, 13, 13.4, "13.4", 181],
    "device_id": ["", "d1", 4_711, True, "x" * 513],
    "path": ["", "/a", "/" + "a" * 3_000, "/x\x1b", 'say "hi"', "ü🌱\x7f"],
    "groups": [[], None, ["acme"], ["b", "b"], [7], "acme", [""]],
    "properties": [
        *({}, None, {"plan": "pro"}, {"a": {"b": [1, True]}, "n": None}, '{"plan":"pro"}', [1], "plan=pro"),
        *({"__title": "[T"}, {"__title": 5, "plan": "pro"}),
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


@SOME
@given(raws=st.lists(lines, min_size=1, max_size=30), plain=st.integers(0, 150))
@example(raws=[b"{}"], plain=200)
def test_columns_are_what_rows_are(raws: list[bytes], plain: int) -> None:
    filler = [msgspec.json.encode({**LIKELY, "id": f"{ID[:-3]}{number:03d}"}) for number in range(plain)]
    raws = filler + raws + filler
    by_row = list(RowReader("shop", NOW).read_all(raws))
    reader = ColumnReader("shop", NOW)
    refused = dict(reader.add(raws))
    columns = reader.take()

    events: list[Event] = [row.event for row in by_row if not isinstance(row, BadRequest)]
    assert list(columns.events(range(len(columns)))) == events
    assert {place: (error.message, error.field) for place, error in refused.items()} == {
        place: (row.message, row.field) for place, row in enumerate(by_row) if isinstance(row, BadRequest)
    }


def test_rows_of_our_own_exports_need_no_look_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {
        "deviceId": "d1",
        "country": "Germany",
        "device": "Desktop",
        "duration": 7,
        "properties": {"__title": "T"},
    }
    raws = [
        msgspec.json.encode(
            {"id": f"{ID[:-2]}{number}", **shown, "name": "screen_view", "createdAt": LIKELY["created_at"]}
        )
        for number in range(10, 20)
    ]
    monkeypatch.delattr(RowReader, "read_shaped")
    reader = ColumnReader("shop", NOW)
    assert list(reader.add(raws)) == []
    events = list(reader.take().events(range(10)))
    assert {(each.country, each.device, each.title, *each.properties) for each in events} == {
        ("DE", "desktop", "T")
    }
