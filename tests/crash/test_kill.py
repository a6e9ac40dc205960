"""A 2xx means: on disk, and counted once. The server dies fifty times under load; then we count.

`FOOTFALL_CRASH_SEED` picks another run, `FOOTFALL_CRASH_KILLS` and `FOOTFALL_CRASH_SECONDS` a longer one: a
machine that is too slow for all the deaths in the time dies less often.
"""

import asyncio
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from crash.ledger import Stored
from crash.load import Load
from support.process import Footfall

KILLS = int(os.environ.get("FOOTFALL_CRASH_KILLS", "50"))
SEED = int(os.environ.get("FOOTFALL_CRASH_SEED", "1"))
SECONDS = float(os.environ.get("FOOTFALL_CRASH_SECONDS", "100"))
CONNECTIONS = 12


def test_every_acknowledged_hit_is_stored_once_whenever_the_server_dies(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with Footfall(tmp_path / "data") as footfall:
        client = footfall.project("Shop")
        footfall.start()
        load = Load(footfall.port, client, seed=SEED)
        kills = asyncio.run(_kill_and_restart(footfall, load, random.Random(SEED)))
        code, _ = footfall.stop()
    stored = Stored(footfall.data)
    numbers = stored.numbers
    report = (
        f"{kills} kills, {len(load.sent)} sent, {len(load.acknowledged)} acknowledged, "
        f"{len(numbers)} stored, {stored.sessions} sessions, "
        f"{sum(load.increments_acknowledged.values())} increments, refused {dict(load.refused)}"
    )
    record_property("result", report)
    sys.stdout.write(report + "\n")
    assert code == 0
    assert kills > 5, report
    assert len(load.acknowledged) > kills * 10, report
    assert load.acknowledged - numbers.keys() == set(), f"lost; {report}"
    assert [n for n, times in numbers.items() if times > 1] == [], f"doubled; {report}"
    assert numbers.keys() - load.sent == set()
    assert not stored.complaints(), "\n".join([report, *stored.complaints()])
    for profile, acknowledged in load.increments_acknowledged.items():
        assert acknowledged <= stored.clicks[profile] <= load.increments_sent[profile]


async def _kill_and_restart(footfall: Footfall, load: Load, chance: random.Random) -> int:
    sending = asyncio.create_task(load.run(CONNECTIONS))
    kills, until = 0, time.monotonic() + SECONDS
    while kills < KILLS and time.monotonic() < until:
        await asyncio.sleep(chance.uniform(0.2, 0.7))
        footfall.kill()
        footfall.launch()
        kills += 1
        if kills % 10 == 0:
            # Once more while it starts, which is when it drains what the last one left.
            await asyncio.sleep(chance.uniform(0.5, 1.1))
            footfall.kill()
            footfall.launch()
            kills += 1
        await asyncio.to_thread(footfall.wait)
    await asyncio.sleep(0.5)
    load.stopping = True
    await sending
    return kills
