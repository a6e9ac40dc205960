"""What a server needs before it accepts: hits are lost until then."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import anyio
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from footfall.server.later import Later
from support.process import Footfall


def test_a_server_accepts_before_it_imports_what_only_questions_need() -> None:
    asked = "import footfall.cli.serve, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "footfall.ingest.drain" in loaded
    assert not {"fastapi", "sqlglot", "jwt", "footfall.query"} & set(loaded)


def test_hits_are_taken_where_questions_cannot_be_answered_and_the_log_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jwt.py").write_text("raise ImportError('half an installation')")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    with Footfall(tmp_path / "data", anew=True) as footfall:
        site = footfall.project("Site")
        footfall.start()
        until = time.monotonic() + 30
        while '"start.no_questions"' not in footfall.log.read_text():
            assert time.monotonic() < until, "never said"
            time.sleep(0.05)
        assert "half an installation" in footfall.log.read_text()
        with footfall.http(site) as http:
            assert http.post("/track", json={"type": "track", "payload": {"name": "hello"}}).status_code == 200
            assert http.get("/insights/site/metrics").status_code == 500
        assert footfall.stop()[0] == 0


def test_who_asks_before_questions_are_made_takes_no_thread_from_others() -> None:
    may_go_on = threading.Event()
    answered: list[int] = []

    async def application(scope: Scope, _receive: Receive, _send: Send) -> None:
        answered.append(scope["path"])

    def make() -> ASGIApp:
        assert may_go_on.wait(30)
        return application

    async def ask(later: Later[ASGIApp], number: int) -> None:
        await later({"path": number}, None, None)  # type: ignore[arg-type]

    async def crowd() -> None:
        later = Later(make)
        asking = [asyncio.create_task(ask(later, number)) for number in range(100)]
        await asyncio.sleep(0.05)
        assert await asyncio.wait_for(anyio.to_thread.run_sync(lambda: "a page"), 10) == "a page"
        may_go_on.set()
        await asyncio.gather(*asking)

    asyncio.run(crowd())
    assert sorted(answered) == list(range(100))
