"""The PyPI client `openpanel` 0.0.1, as published. It sends nulls, never retries, and prints its errors."""

import asyncio

import pytest
from openpanel import OpenPanel

from sdk.conftest import Shop


async def _nothing() -> None:
    pass


def _settle(client: OpenPanel) -> None:
    """Wait until everything is sent: it sends one after the other, on an event loop of its own."""
    asyncio.run_coroutine_threadsafe(_nothing(), client.loop).result(30)
    client._cleanup()


def test_a_program_tracks_identifies_and_counts(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    client = OpenPanel(shop.client.id, shop.client.secret, shop.footfall.url)
    client.set_global_properties({"release": "7.1"})
    client.track("job_started", {"items": 3, "deep": {"er": True}})
    client.identify("ada", {"firstName": "Ada", "email": "ada@shop.example", "properties": {"plan": "pro"}})
    client.track("job_done")
    client.increment("ada", "jobs", 5)
    client.increment("ada", "jobs")
    client.decrement("ada", "jobs", 2)
    client.track("revenue", {"__revenue": 1200, "currency": "EUR"})
    client.clear()
    client.track("anonymous")
    _settle(client)

    assert capsys.readouterr().out == "", "it prints what it could not send"
    stored = shop.stored()
    assert stored.names == ["job_started", "job_done", "revenue", "anonymous"]
    started = stored.one("job_started")
    assert started["properties"] == {"release": "7.1", "items": "3", "deep.er": "true"}
    assert (started["sdk_name"], started["sdk_version"], started["device"]) == ("python", "0.0.1", "server")
    assert (started["profile_id"], started["session_id"]) == ("", "")
    assert stored.one("job_done")["profile_id"] == "ada"
    assert stored.one("revenue")["revenue"] == 1200
    assert stored.one("anonymous")["profile_id"] == ""
    ada = stored.profiles["ada"]
    assert (ada["first_name"], ada["email"], ada["properties"]["plan"]) == ("Ada", "ada@shop.example", "pro")
    assert ada["properties"]["jobs"] == "4", "5, one more by default, two less"


def test_an_alias_is_refused_and_everything_else_goes_on(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    client = OpenPanel(shop.client.id, shop.client.secret, shop.footfall.url)
    client.alias("ada", "ada@shop.example")
    client.track("after")
    _settle(client)
    assert capsys.readouterr().out == "Error sending payload: HTTP 400\n"
    assert shop.stored().names == ["after"]


def test_a_program_behind_api_reaches_the_same_place(shop: Shop) -> None:
    client = OpenPanel(shop.client.id, shop.client.secret, f"{shop.footfall.url}/api")
    client.track("hello")
    _settle(client)
    assert shop.stored().names == ["hello"]
