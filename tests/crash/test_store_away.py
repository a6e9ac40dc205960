"""ClickHouse dies under load: hits go on being acknowledged, and are stored once when it is back."""

import asyncio
from pathlib import Path

from crash.load import Load
from footfall.model.event import MARKS
from support.clickhouse_server import ClickHouseServer
from support.process import Client, Footfall
from support.waiting import until


def test_hits_are_taken_while_clickhouse_is_away_and_stored_once(tmp_path: Path) -> None:
    clickhouse = ClickHouseServer(tmp_path / "engine")
    with clickhouse as url, Footfall(tmp_path / "data", {"store": url}) as footfall:
        site = footfall.project("Shop")
        reader = footfall.client("shop", "read")
        footfall.start()
        load = Load(footfall.port, site, seed=1, pause=0.05)
        before = asyncio.run(_until_it_dies(load, clickhouse))
        assert len(load.acknowledged) > before + 20, "while it was away"
        clickhouse.start()
        until(lambda: load.acknowledged <= set(_stored(footfall, reader)), 30)
        numbers = _stored(footfall, reader)
        assert len(numbers) == len(set(numbers))
        assert footfall.stop()[0] == 0
        log = footfall.log.read_text()
    assert "now: [Errno 111] Connection refused" in log
    # A URL has all settings in it, and with a deletion people's ids.
    assert "http://" not in log
    assert "Traceback" not in log


async def _until_it_dies(load: Load, clickhouse: ClickHouseServer) -> int:
    """A second of hits with it, two without it; how many were acknowledged before it died."""
    sending = asyncio.create_task(load.run(2))
    await asyncio.sleep(1)
    before = len(load.acknowledged)
    await asyncio.to_thread(clickhouse.kill)
    await asyncio.sleep(2)
    load.stopping = True
    await sending
    return before


def _stored(footfall: Footfall, reader: Client) -> list[int]:
    """The numbers of the hits that the server tells of; the start of a session has those of its first hit."""
    status, body = footfall.asks("/export/events?projectId=shop&includes=properties&limit=1000", reader)
    events = body["data"] if status == 200 else []
    hits = [event for event in events if event["name"] not in MARKS]
    return [int(event["properties"]["n"]) for event in hits]
