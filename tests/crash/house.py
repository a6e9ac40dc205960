"""The way in without a network: journal, drain and store on a folder, which can break off at any step."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from footfall.catalog.salts import Salts
from footfall.ingest.accept import Intake, Sender, Tracked
from footfall.ingest.commit import GroupCommit
from footfall.ingest.drain import Drain
from footfall.ingest.enrich.geo import GeoReader
from footfall.ingest.journal import Journal
from footfall.ingest.visitors import Visitors
from footfall.model.project import Project
from footfall.store.base import Batch
from footfall.store.duckdb import DuckDBStore
from footfall.store.ready import Ready

TIMEOUT_MS = 30 * 60_000
MINUTE = 60_000
HOUR = 60 * MINUTE
START = 1_710_504_300_000  # 2024-03-15 12:05 UTC
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0"
SHOP = Project(key=1, id="shop", uuid=UUID(int=1), name="Shop")


class Crash(Exception):
    """The process is gone."""


class BreakingStore(DuckDBStore):
    """A store whose process can die right before or right after it commits."""

    dies_before = False
    dies_after = False

    def write(self, batch: Batch | Ready) -> None:
        """Write, or die at the step that was asked for."""
        if self.dies_before:
            raise Crash
        super().write(batch)
        if self.dies_after:
            raise Crash


class House:
    """One process after the other on one folder. `now` is its clock, ms UTC."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = START
        self.sent = 0
        self.open()

    def open(self) -> None:
        """A process starts: everything from the files, as `footfall serve` does it."""
        self.store = BreakingStore(self.folder / "events.duckdb", threads=1)
        self.journal = Journal(self.folder / "journal.sqlite3")
        self.drain = Drain(self.journal, self.store, timeout_ms=TIMEOUT_MS, clock=lambda: self.now)
        while self.drain.step():
            pass
        self.visitors = Visitors(TIMEOUT_MS)
        self.visitors.restore(self.drain.hands.sessions.all())
        self.commit = GroupCommit(self.journal, lambda: None)
        self.intake = Intake(
            self.commit, self.visitors, GeoReader(), lambda: Salts("a" * 32, "b" * 32), lambda: self.now
        )

    def die(self) -> None:
        """The process is gone; what was in memory with it."""
        self.commit.close()
        self.journal.close()
        self.store.close()

    def restart(self) -> None:
        """Die and come back."""
        self.die()
        self.open()

    def leave(self) -> None:
        """Stop as one should."""
        self.commit.close()
        self.drain.stop()
        self.journal.close()
        self.store.close()

    def send(
        self, visitor: int = 1, *, path: str = "/", profile: str = "", ago: int = 0, **properties: Any
    ) -> Awaitable[None]:
        """A page view, numbered; the awaitable is done when it is durable. '' as path makes it a click."""
        self.sent += 1
        told: dict[str, Any] = {"n": self.sent, **properties}
        if path:
            told["__path"] = f"https://shop.example{path}"
        if ago:
            told["__timestamp"] = datetime.fromtimestamp((self.now - ago) / 1000, UTC).isoformat()
        sender = Sender(SHOP, f"203.0.113.{visitor}", BROWSER, {}, is_proven=True)
        tracked = Tracked("screen_view" if path else "click", profile, told)
        return self.intake.track(sender, tracked)[1]

    def hits(self, *visitors: int, **more: Any) -> None:
        """One hit of each visitor, acknowledged when this returns."""

        async def all_of_them() -> None:
            await asyncio.gather(*(self.send(visitor, **more) for visitor in visitors))

        asyncio.run(all_of_them())
