"""What a server needs before it accepts: hits are lost until then."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

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
