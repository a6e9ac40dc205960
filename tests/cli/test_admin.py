"""The administration commands, as a shell sees them."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from footfall.catalog import Authenticator, Catalog
from footfall.cli.main import main
from footfall.model.errors import NotFound, Unauthorized

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Shell:
    """Runs `footfall` with a data folder of its own and keeps what it said."""

    def __init__(self, data: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self.capture = capture

    def run(self, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([*arguments])
        said = self.capture.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, said.out, said.err

    def json(self, *arguments: str) -> Any:
        code, out, err = self.run(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    def refusal(self, *arguments: str) -> tuple[int, str]:
        code, out, err = self.run(*arguments)
        assert out == ""
        assert re.fullmatch(r"footfall: [^\n]+\n", err), err
        return code, err


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("FOOTFALL_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("FOOTFALL_CONFIG", raising=False)
    return Shell(tmp_path / "data", capsys)


@pytest.fixture
def catalog(shell: Shell) -> Iterator[Catalog]:
    with Catalog(shell.data / "catalog.sqlite3") as opened:
        yield opened


def test_a_name_that_the_terminal_can_not_show_hides_no_secret(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = TextIOWrapper(BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", output)
    assert shell.run("project", "create", "Büro")[0] == 0
    output.flush()
    said = output.buffer.getvalue().decode()  # type: ignore[attr-defined]
    assert said.startswith("Project B\\xfcro is ready.")
    assert "client secret  sec_" in said


def test_project_create_answers_with_the_project_and_its_client(shell: Shell) -> None:
    made = shell.json(
        "project",
        "create",
        "My shop",
        "--id",
        "shop",
        "--domain",
        "shop.example",
        "--timezone",
        "Europe/Berlin",
    )
    client = made.pop("client")
    assert re.fullmatch(UUID, made.pop("uuid"))
    assert made == {"id": "shop", "name": "My shop", "domain": "shop.example", "timezone": "Europe/Berlin"}
    assert re.fullmatch(UUID, client["id"])
    assert re.fullmatch(r"sec_[0-9a-f]{20}", client["secret"])
    assert client["mode"] == "write"
    assert set(client) == {"id", "secret", "mode"}


def test_the_new_client_works_from_a_page_and_from_a_server(shell: Shell, catalog: Catalog) -> None:
    made = shell.json("project", "create", "Shop", "--domain", "shop.example")["client"]
    time.sleep(0.6)
    authenticator = Authenticator(catalog)
    assert authenticator.ingest(made["id"], "", "https://www.shop.example").project.id == "shop"
    assert authenticator.ingest(made["id"], made["secret"]).secret_valid


def test_project_list_lists_oldest_first(shell: Shell) -> None:
    assert shell.json("project", "list") == []
    shell.json("project", "create", "One")
    shell.json("project", "create", "Two", "--domain", "two.example")
    listed = shell.json("project", "list")
    assert [each["id"] for each in listed] == ["one", "two"]
    assert set(listed[0]) == {"id", "uuid", "name", "domain", "timezone"}


def test_people_read_whole_ids(shell: Shell) -> None:
    made = shell.json("project", "create", "[bold]Shop[/bold]")
    _, out, _ = shell.run("project", "list")
    assert made["uuid"] in out
    assert "[bold]Shop[/bold]" in out
    code, out, err = shell.run("project", "create", "Another")
    assert (code, err) == (0, "")
    assert re.search(r"client secret +sec_[0-9a-f]{20}\n", out)


@pytest.mark.parametrize("mode", ["read", "write", "root"])
def test_client_create_answers_with_the_secret(shell: Shell, mode: str) -> None:
    project = shell.json("project", "create", "Shop")
    made = shell.json("client", "create", project["uuid"], "--mode", mode, "--name", "CI")
    assert set(made) == {"id", "secret", "mode", "projectId"}
    assert (made["mode"], made["projectId"]) == (mode, "shop")
    listed = shell.json("client", "list", "shop")[-1]
    assert listed == {"id": made["id"], "name": "CI", "mode": mode, "projectId": "shop"}


def test_user_create_shows_a_random_password_once(shell: Shell) -> None:
    made = shell.json("user", "create", "ann", "--role", "view-only")
    assert set(made) == {"id", "username", "role", "password"}
    assert (made["username"], made["role"]) == ("ann", "view-only")
    assert len(made["password"]) == 20


def test_user_create_takes_a_password_from_standard_input(
    shell: Shell, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = subprocess.Popen(["printf", "pass word\\n"], stdout=subprocess.PIPE, text=True)
    monkeypatch.setattr("sys.stdin", reader.stdout)
    made = shell.json("user", "create", "ann", "--role", "admin", "--password-stdin")
    reader.communicate()
    assert set(made) == {"id", "username", "role"}
    time.sleep(0.6)
    assert catalog.sign_in("ann", "pass word").id == made["id"]


def test_user_password_makes_a_new_one(shell: Shell, catalog: Catalog) -> None:
    old = shell.json("user", "create", "ann")["password"]
    made = shell.json("user", "password", "ann")
    assert set(made) == {"id", "username", "password"}
    assert catalog.sign_in("ann", made["password"]).id == made["id"]
    with pytest.raises(Unauthorized):
        catalog.sign_in("ann", old)
    code, out, _ = shell.run("user", "password", "ann")
    assert code == 0
    assert "shown this once" in out
    assert shell.refusal("user", "password", "nobody") == (1, "footfall: There is no user 'nobody'.\n")


def test_user_list_shows_names_and_roles(shell: Shell) -> None:
    assert "first start of the server makes one" in shell.run("user", "list")[1]
    shell.json("user", "create", "ann")
    shell.json("user", "create", "bob", "--role", "view-only")
    listed = shell.json("user", "list")
    assert [(each["username"], each["role"]) for each in listed] == [("ann", "admin"), ("bob", "view-only")]
    assert set(listed[0]) == {"id", "username", "role"}


def test_key_create_answers_with_a_key_of_the_user(shell: Shell, catalog: Catalog) -> None:
    user = shell.json("user", "create", "ann")
    made = shell.json("key", "create", "ann", "--name", "CI")
    assert set(made) == {"id", "name", "key"}
    assert made["name"] == "CI"
    time.sleep(0.6)
    assert catalog.user_of_key(made["key"])[0].id == user["id"]


def test_the_data_folder_may_stand_before_or_after_the_command(shell: Shell, tmp_path: Path) -> None:
    there = str(tmp_path / "there")
    shell.json("--data", there, "project", "create", "One")
    shell.json("project", "create", "Two", "--data", there)
    assert [each["id"] for each in shell.json("project", "list", "--data", there)] == ["one", "two"]
    assert shell.json("project", "list") == []


def test_the_configuration_may_stand_before_or_after_the_command(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOOTFALL_DATA")
    config = tmp_path / "my.toml"
    config.write_text(f'data = "{tmp_path / "there"}"\n')
    shell.json("--config", str(config), "project", "create", "One")
    assert len(shell.json("project", "list", "--config", str(config))) == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("project", "create", "X", "--timezone", "Mars/Olympus"), "time zone 'Mars/Olympus'"),
        (("project", "create", "X", "--id", "Not A Slug"), "id 'Not A Slug'"),
        (("project", "create", "X", "--domain", "no domain"), "domain 'no domain'"),
        (("project", "create", " "), "name"),
        (("project", "create"), "Missing argument"),
        (("project", "create", "X", "--colour", "red"), "--colour"),
        (("client", "create", "x", "--mode", "admin"), "'read'"),
        (("user", "create", "ann", "--role", "king"), "'view-only'"),
        (("projects",), "project"),
    ],
)
def test_bad_usage_is_one_sentence_and_exit_code_2(shell: Shell, arguments: tuple[str, ...], word: str) -> None:
    code, message = shell.refusal(*arguments)
    assert code == 2
    assert word in message


def test_what_can_not_be_done_is_one_sentence_and_exit_code_1(shell: Shell) -> None:
    shell.json("project", "create", "Shop")
    for arguments, word in (
        (("project", "create", "Again", "--id", "shop"), "exists already"),
        (("client", "create", "nope"), "project list"),
        (("client", "list", "nope"), "project list"),
        (("key", "create", "nobody"), "no user 'nobody'"),
        (("project", "list", "--data", "/dev/null/x"), "can't be opened"),
        (("project", "list", "--config", "/nowhere.toml"), "/nowhere.toml"),
    ):
        code, message = shell.refusal(*arguments)
        assert code == 1
        assert word in message


def test_an_empty_password_is_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115
    assert shell.refusal("user", "create", "ann", "--password-stdin")[0] == 2


def test_a_password_that_is_no_text_is_refused(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"pass\xffword\n")
    for errors in ("strict", "surrogateescape"):
        monkeypatch.setattr("sys.stdin", file.open(encoding="utf-8", errors=errors))
        assert "must be UTF-8" in shell.refusal("user", "create", "ann", "--password-stdin")[1]


def test_an_id_that_is_no_text_is_refused(shell: Shell) -> None:
    shell.json("project", "create", "Shop")
    command: list[str | bytes] = [sys.executable, "-m", "footfall", "visitor", "delete", "shop", b"\xff"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (2, "footfall: an argument is not UTF-8.\n")


def test_names_are_shown_as_they_are(shell: Shell) -> None:
    shell.json("project", "create", "Shop :heart: [b]\\")
    assert "Shop :heart: [b]\\" in shell.run("project", "list")[1]
    assert "Key :cat: of ann" in (
        shell.json("user", "create", "ann") and shell.run("key", "create", "ann", "--name", "Key :cat:")[1]
    )


def test_a_running_process_sees_what_another_made_within_a_second(shell: Shell, catalog: Catalog) -> None:
    catalog.watch()
    command = [sys.executable, "-m", "footfall.cli.main", "project", "create", "Shop"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    start = time.monotonic()
    while time.monotonic() - start < 1:
        try:
            assert catalog.get_project("shop").name == "Shop"
            return
        except NotFound:
            time.sleep(0.01)
    pytest.fail("the project was not seen within a second")


def test_a_failure_in_a_real_process_has_no_traceback(shell: Shell) -> None:
    command = [sys.executable, "-m", "footfall.cli.main", "project", "create", "X", "--timezone", "Mars"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "footfall: The time zone 'Mars' is not an IANA name such as Europe/Berlin or UTC.\n"


def test_help_waits_for_no_database_and_no_server() -> None:
    code = (
        "import sys\nfrom footfall.cli.main import main\ntry:\n    main(['project', '--help'])\n"
        "finally:\n    assert not {'sqlalchemy', 'duckdb', 'fastapi', 'structlog'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "deletions" in done.stdout
