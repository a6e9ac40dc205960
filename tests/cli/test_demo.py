"""`footfall demo` is what `make run` shows a newcomer: traffic, an address, and a curl that answers."""

import json
import re
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

from support.process import Footfall


def test_the_demo_prints_a_curl_that_answers_with_believable_numbers(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "footfall", "demo", "--data", str(tmp_path / "data"), "--port", "0"]
    demo = subprocess.Popen([*command, "--events", "3000", "--days", "8"], stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    watchdog = threading.Timer(90, demo.kill)
    watchdog.start()
    try:
        said = ""
        for line in demo.stdout:
            said += line
            if "client-secret: sec_" in line:
                break
        address = re.search(r"curl '([^']+)'", said)
        headers = dict(re.findall(r"-H '([\w-]+): ([^']+)'", said))
        assert address is not None
        request = urllib.request.Request(address[1], headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = json.load(answer)
        numbers = body["metrics"]
        assert len(body["series"]) == 8
        assert 300 < numbers["total_sessions"] < 3000
        assert numbers["unique_visitors"] <= numbers["total_sessions"]
        assert 20 < numbers["bounce_rate"] < 80
        assert 20 < numbers["avg_session_duration"] < 1800
        assert numbers["total_revenue"] > 0
    finally:
        watchdog.cancel()
        demo.terminate()
        demo.wait(30)
    assert demo.returncode == 0


def test_a_demo_on_a_folder_that_a_server_has_begins_nothing(tmp_path: Path) -> None:
    with Footfall(tmp_path / "data") as footfall:
        footfall.project("Shop")
        footfall.start()
        done = footfall.run("demo", "--port", "0")
        assert (done.code, "is in use by another process" in done.errors) == (1, True)
        assert "demo" not in footfall.run("project", "list").output
