"""Off a terminal every line of the log is JSON, the libraries' too, and none names a visitor's address (docs/operations.md)."""

import json
import socket
import time
from pathlib import Path

from support.process import Footfall

ADDRESS = "203.0.113.77"


def test_lines_are_json_whoever_writes_them(tmp_path: Path) -> None:
    with Footfall(tmp_path / "data", {"log_level": "debug"}, anew=True) as footfall:
        site = footfall.project("Shop")
        footfall.start()
        with footfall.http(site) as http:
            seen = {"name": "screen_view", "properties": {"__path": "/"}}
            headers = {"x-forwarded-for": ADDRESS, "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/127.0"}
            assert http.post("/track", json={"type": "track", "payload": seen}, headers=headers).status_code == 200
        with socket.create_connection(("127.0.0.1", footfall.port)) as nonsense:
            nonsense.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
            assert nonsense.recv(100).startswith(b"HTTP/1.1 400")
        until = time.monotonic() + 5
        while "Invalid HTTP request" not in (text := footfall.log.read_text()):
            assert time.monotonic() < until
            time.sleep(0.05)
    lines = [json.loads(line) for line in text.splitlines()]
    assert {(line["logger"], line["level"]) for line in lines if line["event"].startswith("Invalid HTTP")} == {
        ("uvicorn.error", "warning")
    }
    assert ADDRESS not in text
