"""Visitors who click as fast as they are answered, and remember what they were promised.

Each hit has a number `n` of its own. What got a 2xx stands in `acknowledged`; what was sent and never
answered may have been stored or not, and stands in `sent` only.
"""

import asyncio
import itertools
import json
import random
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

from support.process import Client

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
)
_PAGES = ("/", "/pricing", "/docs", "/blog/one", "/blog/two", "/cart")
_HOUR = 3600.0


class Visitor:
    """One browser at one address; every third one is signed in."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.address = f"203.0.{number // 200}.{number % 200 + 1}"
        self.browser = BROWSERS[number % len(BROWSERS)]
        self.profile = f"user-{number}" if number % 3 == 0 else ""


class Load:
    """Some connections that send hits to a server that comes and goes."""

    def __init__(self, port: int, client: Client, *, seed: int, visitors: int = 40, pause: float = 0.002) -> None:
        self.sent: set[int] = set()
        self.acknowledged: set[int] = set()
        self.refused: Counter[int] = Counter()
        self.increments_sent: Counter[str] = Counter()
        self.increments_acknowledged: Counter[str] = Counter()
        self.stopping = False
        self._port = port
        self._client = client
        self._random = random.Random(seed)
        self._visitors = [Visitor(number) for number in range(visitors)]
        self._numbers = itertools.count(1)
        self._pause = pause

    async def run(self, connections: int) -> None:
        """Send until `stopping`."""
        await asyncio.gather(*(self._connection() for _ in range(connections)))

    async def _connection(self) -> None:
        while not self.stopping:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                try:
                    while not self.stopping:
                        await self._one(reader, writer)
                        await asyncio.sleep(self._pause)
                finally:
                    writer.close()
            await asyncio.sleep(0.02)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visitor = self._random.choice(self._visitors)
        if visitor.profile and self._random.random() < 0.1:
            self.increments_sent[visitor.profile] += 1
            body: dict[str, object] = {
                "type": "increment",
                "payload": {"profileId": visitor.profile, "property": "clicks", "value": 1},
            }
            if await self._exchange(reader, writer, visitor, body):
                self.increments_acknowledged[visitor.profile] += 1
            return
        number = next(self._numbers)
        self.sent.add(number)
        if await self._exchange(reader, writer, visitor, self._hit(visitor, number)):
            self.acknowledged.add(number)

    def _hit(self, visitor: Visitor, number: int) -> dict[str, object]:
        pick = self._random.random()
        properties: dict[str, object] = {"n": number}
        name = "clicked"
        if pick < 0.6:
            name = "screen_view"
            properties["__path"] = f"https://shop.example{self._random.choice(_PAGES)}"
        if pick > 0.8:
            # From a queue on the device: minutes old (as if it were now), or hours (a session of its own).
            ago = self._random.choice((300.0, 600.0, 1000.0, 2 * _HOUR, 5 * _HOUR)) + self._random.random() * 60
            properties["__timestamp"] = datetime.fromtimestamp(time.time() - ago, UTC).isoformat()
        payload: dict[str, object] = {"name": name, "properties": properties}
        if visitor.profile:
            payload["profileId"] = visitor.profile
        return {"type": "track", "payload": payload}

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        visitor: Visitor,
        body: dict[str, object],
    ) -> bool:
        """Whether it got a 2xx. Raises when the connection breaks."""
        content = json.dumps(body).encode()
        head = (
            f"POST /track HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\nuser-agent: {visitor.browser}\r\n"
            f"openpanel-client-id: {self._client.id}\r\nopenpanel-client-secret: {self._client.secret}\r\n"
            f"openpanel-client-ip: {visitor.address}\r\n\r\n"
        )
        writer.write(head.encode() + content)
        status = await _status(reader)
        length = 0
        while (line := await reader.readline()) != b"\r\n":
            if not line:
                raise ConnectionResetError
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        await reader.readexactly(length)
        if 200 <= status < 300:
            return True
        self.refused[status] += 1
        return False


async def _status(reader: asyncio.StreamReader) -> int:
    line = await reader.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionResetError
    return int(line.split(b" ")[1])
