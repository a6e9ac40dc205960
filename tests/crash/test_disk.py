"""The disk refuses: nothing is acknowledged that is not kept, reading goes on, and so does everything after.

A limit on the size of files that the server may write (setrlimit) stands for a full disk: it needs no rights,
and hits the journal, the store and the log alike.
"""

import resource
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from crash.ledger import Stored
from crash.load import BROWSERS
from footfall.catalog.projects import NewProject
from footfall.server.app import Server
from footfall.server.runtime import Runtime
from footfall.server.settings import Settings
from support.process import Footfall

ALMOST_NOTHING = 10
UNLIMITED = resource.RLIM_INFINITY


class Shop:
    """A server on a disk that may fill up, and one visitor."""

    def __init__(self, footfall: Footfall) -> None:
        self.footfall = footfall
        self._client = footfall.project("Shop")
        self._reader = footfall.client(self._client.project, "read")
        footfall.start()
        self._sent = 0
        self.acknowledged: set[int] = set()

    def limit(self, size: int) -> None:
        """No file may grow over this many bytes."""
        resource.prlimit(self.footfall.pid, resource.RLIMIT_FSIZE, (size, UNLIMITED))

    def hit(self, padding: dict[str, str] | None = None) -> httpx.Response:
        """One page view."""
        self._sent += 1
        properties = {"n": self._sent, "__path": "https://shop.example/", **(padding or {})}
        body = {"type": "track", "payload": {"name": "screen_view", "properties": properties}}
        with self.footfall.http(self._client) as http:
            answer = http.post("/track", json=body, headers={"user-agent": BROWSERS[2]})
        if answer.is_success:
            self.acknowledged.add(self._sent)
        return answer

    def is_ready(self) -> bool:
        """What it says of itself."""
        with self.footfall.http() as http:
            return http.get("/healthz/ready").status_code == 200

    def views(self) -> int:
        """Read: page views today."""
        with self.footfall.http(self._reader) as http:
            answer = http.get(f"/insights/{self._client.project}/metrics", params={"range": "today"})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["metrics"]["total_screen_views"])

    def becomes_ready(self, wanted: bool, seconds: float = 20.0) -> bool:
        """Wait for it."""
        until = time.monotonic() + seconds
        while self.is_ready() is not wanted:
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def adds_up(self) -> bool:
        """Stop; everything that was acknowledged is stored, once."""
        code, _ = self.footfall.stop()
        stored = Stored(self.footfall.data)
        assert stored.complaints() == []
        assert self.acknowledged - stored.numbers.keys() == set()
        return code == 0


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Footfall(tmp_path / "data") as footfall:
        yield Shop(footfall)


def test_a_journal_that_can_not_be_written_is_a_503_and_reading_goes_on(shop: Shop) -> None:
    assert shop.hit().status_code == 200
    time.sleep(1)
    shop.limit(ALMOST_NOTHING)
    for _ in range(3):
        refused = shop.hit()
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["error"] == "Service Unavailable"
    assert shop.views() == 1
    shop.limit(UNLIMITED)
    assert shop.hit().status_code == 200
    assert shop.becomes_ready(True)
    assert shop.adds_up()


def test_a_store_that_can_not_be_written_keeps_what_the_journal_took(shop: Shop) -> None:
    """For longer than the drain tries a batch that fails for other reasons: nothing may go to quarantine."""
    # The journal's files stop growing, for it is trimmed; the store's log must be the longest by far.
    for _ in range(3):
        for _ in range(25):
            shop.hit({f"padding {n}": secrets.token_hex(5_000) for n in range(10)})
        time.sleep(2.5)
    longest = max(shop.footfall.data.iterdir(), key=lambda path: path.stat().st_size)
    assert longest.name == "events.duckdb.wal"
    shop.limit(longest.stat().st_size + 500)
    for _ in range(3):
        assert shop.hit().status_code == 200
    assert shop.becomes_ready(False)
    assert shop.views() > 0
    time.sleep(8)
    assert not shop.is_ready()
    shop.limit(UNLIMITED)
    assert shop.becomes_ready(True)
    assert shop.adds_up()


def test_a_disk_that_is_nearly_full_takes_nothing_and_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is full, so that what was acknowledged finds room in the store."""
    runtime = Runtime(Settings(data=str(tmp_path)))
    _, client, secret = runtime.catalog.create_project_with_client(NewProject(name="Shop"))
    usage = shutil.disk_usage(tmp_path)
    with TestClient(Server(runtime).app) as http:

        def hit() -> httpx.Response:
            headers = {"openpanel-client-id": str(client.id), "openpanel-client-secret": secret}
            body = {"type": "track", "payload": {"name": "hello"}}
            answer: httpx.Response = http.post("/track", json=body, headers=headers)
            return answer

        assert hit().status_code == 200
        monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10 * 2**20))
        refused = _until(hit, 503)
        assert "only 10 MiB are free" in refused.json()["message"]
        assert int(refused.headers["retry-after"]) > 0
        assert http.get("/healthcheck").status_code == 200
        monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
        assert _until(hit, 200).status_code == 200


def test_a_server_starts_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hits wait in the journal; whoever looks after the server has to hear why."""
    usage, full_until = shutil.disk_usage(tmp_path), time.monotonic() + 60

    def disk_usage(_path: object) -> object:
        return usage._replace(free=10 * 2**20) if time.monotonic() < full_until else usage

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    runtime = Runtime(Settings(data=str(tmp_path)))
    _, client, secret = runtime.catalog.create_project_with_client(NewProject(name="Shop"))
    headers = {"openpanel-client-id": str(client.id), "openpanel-client-secret": secret}
    with TestClient(Server(runtime).app) as http:
        body = {"type": "track", "payload": {"name": "hello"}}
        assert http.post("/track", json=body, headers=headers).status_code == 200
    full_until = time.monotonic() + 5
    runtime = Runtime(Settings(data=str(tmp_path)))
    with TestClient(Server(runtime).app) as http:
        ready = http.get("/healthz/ready")
        assert (ready.status_code, "only 10 MiB free" in ready.json()["reason"]) == (503, True)
        full_until = 0
        assert _until(lambda: http.get("/healthz/ready"), 200).json() == {"ready": True}
        assert runtime.store.size().events == 1


def _until(ask: Callable[[], httpx.Response], status: int) -> httpx.Response:
    """The first answer with this status, or the last of five seconds."""
    until = time.monotonic() + 5
    while (answer := ask()).status_code != status and time.monotonic() < until:
        time.sleep(0.1)
    assert answer.status_code == status
    return answer
