"""A backup under load has every hit that was acknowledged before it, once, whatever happens to the server meanwhile."""

import asyncio
from collections.abc import Set
from pathlib import Path

from crash.ledger import Stored
from crash.load import Load
from support.process import Footfall

CONNECTIONS = 8


def test_a_backup_has_all_that_was_acknowledged_before_it(tmp_path: Path) -> None:
    with Footfall(tmp_path / "data") as footfall:
        client = footfall.project("Shop")
        footfall.start()
        load = Load(footfall.port, client, seed=1)
        backups = asyncio.run(_back_up(footfall, load))
    for folder, acknowledged in backups.items():
        with Footfall(folder) as copy:
            copy.start()
            assert copy.stop()[0] == 0
        stored = Stored(folder)
        numbers = stored.numbers
        assert len(acknowledged) > 50
        assert acknowledged - numbers.keys() == set(), "lost"
        assert [number for number, times in numbers.items() if times > 1] == [], "doubled"
        assert numbers.keys() - load.sent == set()
        assert not stored.complaints(), "\n".join(stored.complaints())


async def _back_up(footfall: Footfall, load: Load) -> dict[Path, Set[int]]:
    """Three backups, and what was acknowledged when each began; during the second one the server is killed."""
    sending = asyncio.create_task(load.run(CONNECTIONS))
    made: dict[Path, Set[int]] = {}
    for number in range(3):
        await asyncio.sleep(0.7)
        while len(load.acknowledged) <= 50:  # the machine may be busy
            await asyncio.sleep(0.05)
        folder = footfall.data.with_name(f"backup-{number}")
        made[folder] = set(load.acknowledged)
        copying = asyncio.create_task(asyncio.to_thread(footfall.run, "backup", str(folder)))
        if number == 1:
            await asyncio.sleep(0.3)
            footfall.kill()
            footfall.launch()
            await asyncio.to_thread(footfall.wait)
        done = await copying
        assert done.code == 0, done.errors
    load.stopping = True
    await sending
    return made
