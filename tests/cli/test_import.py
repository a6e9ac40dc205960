"""`footfall import`, as a site owner uses it: with a server running and without one."""

import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from support.process import Client, Footfall

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
LOG = "\n".join(
    [
        f'203.0.113.9 - - [02/Mar/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 512 "https://www.google.com/" "{CHROME}"',
        f'203.0.113.9 - - [02/Mar/2026:10:00:01 +0000] "GET /app.css HTTP/1.1" 200 512 "-" "{CHROME}"',
        f'203.0.113.9 - - [02/Mar/2026:10:02:00 +0000] "GET /pricing HTTP/1.1" 200 512 "-" "{CHROME}"',
        f'203.0.113.9 - - [02/Mar/2026:10:03:00 +0000] "GET /gone HTTP/1.1" 404 512 "-" "{CHROME}"',
        f'198.51.100.7 - - [02/Mar/2026:23:59:00 +0000] "GET /pricing HTTP/1.1" 200 512 "-" "{CHROME}"',
        '198.51.100.8 - - [02/Mar/2026:11:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "Googlebot/2.1"',
        "",
    ]
)
ROWS = [
    {"name": "screen_view", "created_at": "2026-03-02T10:00:00Z", "device_id": "d1", "path": "/a"},
    {"name": "screen_view", "created_at": "2026-03-02T10:01:00Z", "device_id": "d1", "path": "/b"},
    {"name": "", "created_at": "2026-03-02T10:02:00Z", "device_id": "d1"},
]


@pytest.fixture
def site(footfall: Footfall) -> Client:
    footfall.project("Site", "--domain", "https://site.example")
    return footfall.client("site", "read")


def imported(footfall: Footfall, kind: str, *files: Path) -> dict[str, Any]:
    done = footfall.run("import", kind, *map(str, files), "--project", "site", "--json")
    assert done.code == 0, done.errors
    answer: dict[str, Any] = json.loads(done.output)
    return answer


def metrics(footfall: Footfall, site: Client) -> dict[str, Any]:
    with footfall.http(site) as http:
        answer = http.get("/insights/site/metrics", params={"startDate": "2026-03-02", "endDate": "2026-03-02"})
    assert answer.status_code == 200, answer.text
    numbers: dict[str, Any] = answer.json()["metrics"]
    return numbers


def test_a_log_imported_without_a_server_is_there_when_it_starts(
    footfall: Footfall, site: Client, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text(LOG)
    said = imported(footfall, "access-log", log)
    assert (said["lines"], said["added"], said["known"]) == (6, 3, 0)
    assert said["left_out"] == {"asset": 1, "error": 1, "bot": 1}
    footfall.start()
    assert metrics(footfall, site) == {
        "bounce_rate": 50.0,
        "unique_visitors": 2,
        "total_sessions": 2,
        "avg_session_duration": 120.0,
        "total_screen_views": 3,
        "views_per_session": 1.5,
        "total_revenue": 0,
    }


def test_a_log_imported_beside_a_server_is_answered_by_it(
    footfall: Footfall, site: Client, tmp_path: Path
) -> None:
    log = tmp_path / "access.log.gz"
    log.write_bytes(gzip.compress(LOG[:300].encode()) + gzip.compress(LOG[300:].encode()))  # cat a.gz b.gz
    footfall.start()
    assert imported(footfall, "access-log", log)["added"] == 3
    assert metrics(footfall, site)["total_screen_views"] == 3


def test_the_same_log_again_and_grown_adds_only_what_is_new(
    footfall: Footfall, site: Client, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text(LOG)
    imported(footfall, "access-log", log)
    with log.open("a") as more:
        more.write(f'203.0.113.9 - - [02/Mar/2026:10:05:00 +0000] "GET /docs HTTP/1.1" 200 1 "-" "{CHROME}"\n')
    said = imported(footfall, "access-log", log)
    assert (said["added"], said["known"]) == (1, 3)
    footfall.start()
    numbers = metrics(footfall, site)
    # The new line belongs to the first visitor's session, which is 10:00 to 10:05 now.
    assert (numbers["total_sessions"], numbers["total_screen_views"]) == (2, 4)
    assert numbers["avg_session_duration"] == 300.0


def test_rows_that_can_not_be_used_are_counted_and_the_others_come_in(
    footfall: Footfall, site: Client, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join(map(json.dumps, ROWS)))
    said = imported(footfall, "events", file)
    assert (said["added"], said["left_out"]) == (2, {"refused": 1})
    assert "Line 3" in said["examples"][0]
    footfall.start()
    assert metrics(footfall, site)["bounce_rate"] == 0.0


@pytest.mark.parametrize(("kind", "lines", "code"), [
    ("events", '{"name": ""}\nnot json\n', 1),
    ("access-log", "\x7fELF\x02\x01\n\x00\n", 1),
    ("access-log", LOG.splitlines()[-1], 0),
    ("events", "\n \n", 0),
])  # fmt: skip
def test_a_file_of_which_no_line_can_be_used_fails_and_one_that_has_nothing_to_count_does_not(
    footfall: Footfall, site: Client, tmp_path: Path, kind: str, lines: str, code: int
) -> None:
    file = tmp_path / "file"
    file.write_text(lines)
    done = footfall.run("import", kind, str(file), "--project", "site", "--json")
    assert (done.code, json.loads(done.output)["added"]) == (code, 0)
    assert ("None of the 2 lines could be used" in done.errors) is bool(code)


def test_a_line_that_can_not_be_used_is_named_by_its_file_if_there_are_several(
    footfall: Footfall, site: Client, tmp_path: Path
) -> None:
    first, second = tmp_path / "access.log", tmp_path / "access.log.1"
    first.write_text(LOG)
    second.write_text(f"no log line\n{LOG}")
    done = footfall.run("import", "access-log", str(first), str(second), "--project", "site", "--json")
    assert json.loads(done.output)["examples"] == [f"{second}: Line 1 is in no format we read."]


def test_a_person_reads_what_was_left_out_and_why(footfall: Footfall, site: Client, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(LOG)
    done = footfall.run("import", "access-log", str(log), "--project", "site")
    assert "Read 6 lines" in done.output
    assert "bots and programs" in done.output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["import", "access-log", "no-such.log", "--project", "site"], 2, "Can't open no-such.log"),
        (["import", "access-log", "{log}", "--project", "nobody"], 1, "nobody"),
        (["import", "access-log", "{log}", "{log}.xz", "--project", "site"], 2, "access.log.xz is packed with xz"),
    ],
)
def test_a_wrong_file_or_project_is_one_sentence(
    footfall: Footfall, site: Client, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    log = tmp_path / "access.log"
    log.write_text(LOG)
    (tmp_path / "access.log.xz").write_bytes(lzma.compress(LOG.encode()))
    done = footfall.run(*[argument.format(log=log) for argument in arguments])
    assert done.code == code
    assert words in done.errors
    assert done.errors.count("\n") == 1
