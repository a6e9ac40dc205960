"""Visitor and session ids: the vectors of openpanel.md §4.1 and §4.2."""

import pytest

from footfall.ingest.enrich.ids import device_id, session_id


def test_a_visitor_has_the_id_that_openpanel_gives_them():
    assert device_id("Mozilla/5.0", "1.2.3.4", "proj", "salt") == "5a5d1aa12e9abcbfacdf5612ffa9ba2e"


@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [
        (1780000000000, "nHjoJdr8T4iobyBaitxnyg"),
        (1780002000000, "XWZKc48-V71z5yNpXzPSgw"),
        (1780002004999, "XWZKc48-V71z5yNpXzPSgw"),
        (1780002005000, "x2tbFMCfdsFV7DE9cP4Q7w"),
    ],
)
def test_a_session_belongs_to_its_half_hour_and_the_first_five_seconds_to_the_one_before(at_ms, expected):
    assert session_id("proj", "dev", at_ms) == expected


def test_another_day_another_salt_another_visitor():
    assert device_id("Mozilla/5.0", "1.2.3.4", "proj", "monday") != device_id(
        "Mozilla/5.0", "1.2.3.4", "proj", "tuesday"
    )


def test_half_a_surrogate_pair_in_a_header_still_makes_an_id():
    assert len(device_id("bad \ud800 header", "", "proj", "salt")) == 32
