"""`footfall export events`: the same files beside a running server and without one."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest

from footfall.cli.main import main
from support.process import COMMAND, Finished, Footfall

EVENTS = [
    {"name": "screen_view", "created_at": "2024-03-04T10:00:00Z", "device_id": "tab", "path": "/", "country": "DE",
     "properties": {"plan": "free"}},
    {"name": "=sum(1)", "created_at": "2024-03-05T10:00:00.250Z", "device_id": "tab", "groups": ["acme"],
     "properties": {"text": 'two\nlines, "ü"'}},
    {"name": "revenue", "created_at": "2024-03-06T10:00:00Z", "profile_id": "ann", "revenue": 900, "currency": "EUR"},
]  # fmt: skip
MANY = [{"name": "x", "created_at": 1709550000000 + n, "properties": {"k": "x" * 900}} for n in range(900)]
NOWHERE = "http://127.0.0.1:9"


class House:
    """A data folder with the project `shop`: three events, and `large` with more than fits a pipe."""

    def __init__(self, footfall: Footfall, folder: Path) -> None:
        self.footfall = footfall
        for project, events in (("shop", EVENTS), ("large", MANY)):
            self.run("project", "create", project)
            file = folder / f"{project}.ndjson"
            file.write_text("".join(f"{json.dumps(event)}\n" for event in events))
            done = self.run("import", "events", str(file), "--project", project)
            assert done.code == 0, done.errors

    @property
    def is_served(self) -> bool:
        """Whether a server has the events."""
        return self.footfall.port > 0

    def run(self, *arguments: str, stream: type[io.TextIOWrapper] = io.TextIOWrapper) -> Finished:
        """Run a command in this process, which is quicker than one of its own."""
        output, errors = (stream(io.BytesIO(), "utf-8", newline="") for _ in range(2))
        with patch.object(sys, "stdout", output), patch.object(sys, "stderr", errors), quiet():
            with pytest.raises(SystemExit) as left:
                main([*arguments, "--data", str(self.footfall.data)])
            output.flush()
            errors.flush()
        said = [stream.buffer.getvalue().decode() for stream in (output, errors)]  # type: ignore[attr-defined]
        return Finished(int(left.value.code or 0), *said)

    def export(self, *arguments: str, project: str = "shop", url: str = "", **how: Any) -> Finished:
        """Run the export, beside the server if it runs."""
        address = ["--url", url or self.footfall.url] if self.is_served else []
        return self.run("export", "events", "-p", project, *address, *arguments, **how)


class Terminal(io.TextIOWrapper):
    """Somebody looks."""

    def isatty(self) -> bool:
        return True


def quiet() -> Any:
    """The logs stay as the tests have them."""
    return patch.multiple("footfall.cli.exports", configure_logs=lambda *_: None)


@pytest.fixture(scope="module", params=["alone", "served"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("export")
    with Footfall(folder / "data") as footfall:
        house = House(footfall, folder)
        if request.param == "served":
            footfall.start()
        yield house


def rows(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_ndjson_is_what_the_api_has_newest_first(house: House, tmp_path: Path) -> None:
    done = house.export()
    assert (done.code, done.errors) == (0, "")
    found = [row for row in rows(done.output) if not row["name"].startswith("session_")]
    assert [row["name"] for row in found] == ["revenue", "=sum(1)", "screen_view"]
    assert (found[0]["revenue"], found[0]["profileId"]) == (900, "ann")
    assert (found[2]["country"], found[2]["properties"]) == ("Germany", {"plan": "free"})
    file = tmp_path / "events.ndjson"
    told = house.export("-o", str(file))
    assert f"Wrote {len(rows(done.output))} events to {file}" in told.output + told.errors
    assert file.read_text() == done.output


def test_csv_has_a_header_and_no_formulas(house: House) -> None:
    found = list(csv.DictReader(io.StringIO(house.export("--format", "csv").output, newline="")))
    assert [row["name"] for row in found if "session" not in row["name"]] == ["revenue", "'=sum(1)", "screen_view"]
    formula = next(row for row in found if row["name"] == "'=sum(1)")
    assert json.loads(formula["properties"]) == {"text": 'two\nlines, "ü"'}


def test_parquet_has_typed_columns(house: House, tmp_path: Path) -> None:
    file = tmp_path / "it's.parquet"
    done = house.export("--format", "parquet", "-o", str(file), "--event", "revenue", "--event", "=sum(1)")
    assert done.code == 0, done.errors
    with duckdb.connect() as engine:
        found = engine.execute(
            "SELECT name, createdAt::VARCHAR, revenue, groups, properties FROM read_parquet(?)", [str(file)]
        ).fetchall()
    assert found == [
        ("revenue", "2024-03-06 10:00:00", 900, [], {}),
        ("=sum(1)", "2024-03-05 10:00:00.25", 0, ["acme"], {"text": 'two\nlines, "ü"'}),
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["it's.parquet"], "nothing else is left"


def test_days_and_names_select(house: House) -> None:
    assert [row["name"] for row in rows(house.export("--start", "2024-03-06", "--event", "revenue").output)] == [
        "revenue"
    ]
    done = house.export("--start", "2024-03-04", "--end", "2024-03-05", "--event", "screen_view")
    assert [row["name"] for row in rows(done.output)] == ["screen_view"]
    assert house.export("--event", "none").output == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--format", "xml"), 2, "--format is one of ndjson, csv, parquet"),
        (("--format", "parquet"), 2, "a Parquet file can't go to standard output"),
        (("-o", ""), 2, "--out names no file"),
        (("--start", "never"), 2, "start is a date, YYYY-MM-DD"),
        (("-o", "/nowhere/at/all"), 1, "/nowhere/at/all can't be written"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    house: House, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = house.export(*arguments)
    assert (done.code, done.output) == (code, "")
    assert said in done.errors
    assert done.errors.count("\n") == 1


def test_a_pipe_a_link_and_the_mode_of_a_file_stay(house: House, tmp_path: Path) -> None:
    pipe, file, link = tmp_path / "pipe", tmp_path / "events.ndjson", tmp_path / "latest"
    os.mkfifo(pipe)
    file.touch(0o600)
    link.symlink_to(file)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        assert house.export("-o", str(pipe)) == (0, "", "")
        assert reader.communicate(timeout=30)[0] == house.export().output
    assert house.export("-o", str(pipe), "--format", "parquet").code == 2
    for form in ("parquet", "ndjson"):
        assert house.export("-o", str(link), "--format", form).code == 0
        assert (pipe.is_fifo(), link.is_symlink(), file.stat().st_mode & 0o777) == (True, True, 0o600)
    assert file.read_text() == house.export().output


def test_an_unknown_project_is_said(house: House) -> None:
    done = house.export(project="none")
    assert (done.code, done.errors) == (1, "footfall: There is no project none; see: footfall project list\n")


def test_who_stops_reading_ends_it_quietly(house: House) -> None:
    address = ["--url", house.footfall.url] if house.is_served else []
    command = [*COMMAND, "export", "events", "-p", "large", *address, "--data", str(house.footfall.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) == b"{"
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""


def test_a_full_disk_under_the_output_is_said_in_a_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall.exporters.events.SLICE", 50)  # so that more is being read when it happens
    done = house.export("-o", "/dev/full", project="large")
    assert (done.code, done.errors) == (1, "footfall: No space left on device.\n")
    assert house.export().code == 0


def test_a_bar_is_for_whoever_looks(house: House, tmp_path: Path) -> None:
    file = str(tmp_path / "events.ndjson")
    assert house.export("-o", file).errors == ""
    with patch.dict("os.environ", TERM="xterm"):
        looked_at = house.export("-o", file, stream=Terminal)
        rows_on_a_terminal = house.export("-o", "-", stream=Terminal)
    assert "\x1b[" in looked_at.errors
    assert rows_on_a_terminal.errors == ""
    assert rows_on_a_terminal.output == Path(file).read_text()


def test_the_server_is_asked_by_a_client_that_is_gone_afterwards(house: House) -> None:
    assert house.export().code == 0
    assert "footfall export" not in house.run("client", "list", "shop").output
    for url in (NOWHERE, "nonsense") if house.is_served else ():
        done = house.export(url=url)
        assert done.code == 1
        assert f"no server answers at {url}; name the server's address with --url" in done.errors
