"""`footfall profile delete` and its like, beside a running server and without one."""

import time

from support.process import Client, Footfall


def track(footfall: Footfall, site: Client, name: str, profile: str) -> str:
    """A program's event, or with a browser's name a page view; the device's id."""
    body = {"type": "track", "payload": {"name": name, "profileId": profile, "properties": {"__path": "/"}}}
    agent = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"}
    with footfall.http(site) as http:
        answer = http.post("/track", json=body, headers=agent)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["deviceId"])


def test_people_and_devices_are_deleted_with_and_without_a_server(footfall: Footfall) -> None:
    site = footfall.project("Site")
    footfall.start()
    device = track(footfall, site, "screen_view", "ann")
    removed = footfall.run("profile", "delete", "site", "ann", "--json").told["removed"]
    assert (removed["events"], removed["sessions"]) == (2, 1)
    track(footfall, site, "screen_view", "ben")
    footfall.kill()

    report = footfall.run("visitor", "delete", "site", device, "--json").told
    assert (report["scope"], report["done"], report["removed"]["events"]) == ("visitor", True, 2)
    again = footfall.run("visitor", "delete", "site", device)
    assert (again.code, again.output) == (1, "")
    assert again.errors == f"footfall: There is nothing of the visitor '{device}' in Site.\n"
    listed = footfall.run("project", "deletions", "site", "--json").told
    assert [each["scope"] for each in listed] == ["visitor", "profile"]
    assert "WHAT" in footfall.run("project", "deletions", "site").output
    assert footfall.run("profile", "delete", "none", "ann").code == 1


def test_nothing_of_who_was_deleted_stays_in_the_journals_files(footfall: Footfall) -> None:
    """Neither in its log nor in what is free in it, where long records stood."""
    site = footfall.project("Site")
    footfall.start()
    with footfall.http(site) as http:
        for number in range(50):
            known = {"text": f"zebulon {number} " * 500}
            person = {"type": "identify", "payload": {"profileId": "ann", "properties": known}}
            assert http.post("/track", json=person).status_code == 200
        track(footfall, site, "hello", "ann")
        files = [footfall.data / f"journal.sqlite3{end}" for end in ("", "-wal")]
        assert any(b"zebulon" in file.read_bytes() for file in files)
        assert footfall.run("profile", "delete", "site", "ann", "--json").told["done"]
        until = time.monotonic() + 15
        while any(b"zebulon" in file.read_bytes() for file in files):
            assert time.monotonic() < until
            time.sleep(0.1)
        track(footfall, site, "hello", "ben")
    assert footfall.stop()[0] == 0


def test_a_project_is_deleted_and_brought_back(footfall: Footfall) -> None:
    footfall.project("Site")
    assert footfall.run("project", "retention", "site", "30", "--json").told == {
        "id": "site",
        "retentionDays": 30,
    }
    assert footfall.run("project", "retention", "site", "none", "--json").told["retentionDays"] is None
    assert footfall.run("project", "retention", "site", "soon").code == 2
    assert footfall.run("project", "retention", "site", "0").code == 2

    assert set(footfall.run("project", "delete", "site", "--json").told) == {"id", "deleteAt"}
    assert footfall.run("project", "list", "--json").told == []
    assert footfall.run("project", "delete", "site").code == 1
    assert footfall.run("project", "restore", "site", "--json").told["id"] == "site"
    assert footfall.run("project", "restore", "site").code == 1
    assert [each["id"] for each in footfall.run("project", "list", "--json").told] == ["site"]
