"""`footfall backup`, beside a running server and without one."""

import json
import shutil
import time
from pathlib import Path

from footfall.store.standstill import standing_still
from support.process import Client, Footfall
from support.waiting import until


def track(footfall: Footfall, site: Client, *names: str) -> None:
    """Events of a program."""
    with footfall.http(site) as http:
        for name in names:
            answer = http.post("/track", json={"type": "track", "payload": {"name": name}})
            assert answer.status_code == 200, answer.text


def names_in(folder: Path) -> list[str]:
    """The events that a server finds in a data folder."""
    with Footfall(folder) as footfall:
        done = footfall.run("export", "events", "-p", "site", "--format", "ndjson")
    assert done.code == 0, done.errors
    return sorted(json.loads(line)["name"] for line in done.output.splitlines())


def test_a_copy_is_made_beside_a_server_and_serves(footfall: Footfall, tmp_path: Path) -> None:
    site = footfall.project("Site")
    footfall.start()
    track(footfall, site, "first", "second")
    folder = tmp_path / "deep" / "backup"
    found = footfall.run("backup", str(folder), "--json").told
    assert found["folder"] == str(folder)
    assert found["events"] + found["waiting"] == 2
    assert sorted(file.name for file in folder.iterdir()) == [
        "catalog.sqlite3",
        "events.duckdb",
        "journal.sqlite3",
    ]
    assert found["bytes"] == sum(file.stat().st_size for file in folder.iterdir())
    assert {oct(file.stat().st_mode)[-3:] for file in (folder, *folder.iterdir())} == {"700", "600"}
    track(footfall, site, "third")
    footfall.stop()
    assert names_in(folder) == ["first", "second"]
    assert names_in(footfall.data) == ["first", "second", "third"]


def test_without_a_server_what_is_still_in_the_journal_comes_along(footfall: Footfall, tmp_path: Path) -> None:
    site = footfall.project("Site")
    (footfall.data / "footfall.toml").write_text('log_level = "warning"\n')
    footfall.start()
    track(footfall, site, "first")
    footfall.kill()
    done = footfall.run("backup", str(tmp_path / "backup"))
    assert done.output.startswith(f"Backed up {footfall.data} to {tmp_path / 'backup'} in ")
    assert (tmp_path / "backup" / "footfall.toml").read_text() == 'log_level = "warning"\n'
    shutil.rmtree(footfall.data)
    assert names_in(tmp_path / "backup") == ["first"]


def test_while_files_are_copied_hits_are_taken_and_seen_afterwards(footfall: Footfall) -> None:
    site = footfall.project("Site")
    reader = footfall.client("site", "read")
    footfall.start()

    def seen() -> int:
        status, body = footfall.asks("/export/events?projectId=site", reader)
        assert status == 200
        return len(body["data"])

    with standing_still(footfall.data):
        before = (footfall.data / "events.duckdb").stat().st_mtime_ns
        track(footfall, site, "first", "second")
        time.sleep(0.5)
        assert seen() == 0
        assert (footfall.data / "events.duckdb").stat().st_mtime_ns == before
    until(lambda: seen() == 2, 20)


def test_a_start_that_waits_for_a_backup_says_so(footfall: Footfall) -> None:
    footfall.project("Site")
    with standing_still(footfall.data):
        footfall.launch()
        until(lambda: "a backup copies its file" in footfall.log.read_text(), 20)
    footfall.wait()


def test_nothing_is_written_over_and_nothing_half_is_left(footfall: Footfall, tmp_path: Path) -> None:
    footfall.project("Site")
    missing = footfall.run("backup", str(tmp_path / "backup"))
    assert missing.code == 2
    assert missing.errors == f"footfall: {footfall.data} is no data folder: there is no journal.sqlite3 in it\n"
    footfall.start()
    (tmp_path / "there").mkdir()
    there = footfall.run("backup", str(tmp_path / "there"))
    assert (there.code, "is there already" in there.errors) == (2, True)
    (tmp_path / "file").write_text("")
    under = footfall.run("backup", str(tmp_path / "file" / "backup"))
    assert (under.code, "can't be written" in under.errors) == (1, True)
    (tmp_path / "taken.part").mkdir()
    (tmp_path / "taken.part" / "file").write_text("")
    taken = footfall.run("backup", str(tmp_path / "taken"))
    assert (taken.code, "another backup is making it, or one was killed" in taken.errors) == (1, True)
    assert (tmp_path / "taken.part" / "file").is_file()
    damaged = footfall.data / "catalog.sqlite3"
    footfall.stop()
    damaged.write_bytes(b"no database" * 1000)
    failed = footfall.run("backup", str(tmp_path / "backup"))
    assert (failed.code, "can't be copied" in failed.errors) == (1, True)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["data", "taken.part", "there"]
