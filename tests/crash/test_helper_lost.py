"""The server's helper dies under load, alone, and with the server; then we count."""

import asyncio
import os
import signal
from pathlib import Path

from crash.ledger import Stored
from crash.load import Load
from support.process import Footfall
from support.waiting import until

_EARLY = """
from footfall.ingest import hands
hands._BUSY = hands._QUIET = 1
hands._LOOK_SECONDS = 0.1
hands._cores = lambda: 2
"""
"""For this server a few hits are much, and any machine has two cores."""


def test_hits_are_stored_once_whoever_dies(tmp_path: Path) -> None:
    early = tmp_path / "early"
    early.mkdir()
    (early / "sitecustomize.py").write_text(_EARLY)
    with Footfall(tmp_path / "data", anew=True) as footfall:
        client = footfall.project("Shop")
        footfall.settings["PYTHONPATH"] = os.pathsep.join([str(early), os.environ.get("PYTHONPATH", "")])
        footfall.start()
        load = Load(footfall.port, client, seed=1)
        asyncio.run(_kill(footfall, load))
        # A service's processes are all told to stop, its helper too.
        os.kill(_helper(footfall), signal.SIGTERM)
        code, _ = footfall.stop()
    stored = Stored(footfall.data)
    assert code == 0
    assert len(load.acknowledged) > 200
    assert load.acknowledged - stored.numbers.keys() == set()
    assert [n for n, times in stored.numbers.items() if times > 1] == []
    assert stored.complaints() == []


async def _kill(footfall: Footfall, load: Load) -> None:
    sending = asyncio.create_task(load.run(12))
    os.kill(await asyncio.to_thread(_helper, footfall), signal.SIGKILL)
    await asyncio.sleep(0.5)
    footfall.kill()
    await asyncio.to_thread(footfall.start)
    await asyncio.to_thread(_helper, footfall)
    load.stopping = True
    await sending


def _helper(footfall: Footfall) -> int:
    """The id of the helper's process, as soon as it builds the batches."""
    with footfall.http() as http:
        until(lambda: "footfall_drain_helped 1.0" in http.get("/metrics").text)
    tasks = Path(f"/proc/{footfall.pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    (helper,) = [each for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
    return helper
