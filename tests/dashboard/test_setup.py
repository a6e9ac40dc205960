"""The set-up link of a first start: it makes the first admin somebody's own, once."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footfall.cli.serve import welcome
from support.dashboard import Browser
from support.footfall import Footfall

WANTED = {"username": "grace", "password": "correct horse"}


@pytest.fixture
def fresh(make_footfall: Callable[..., Footfall]) -> tuple[Browser, str]:
    """A browser at a new installation, and the token of its link."""
    footfall = make_footfall()
    made = footfall.runtime.catalog.create_first_admin()
    assert made is not None
    return Browser(footfall), footfall.runtime.catalog.setup.begin(made[0])


def test_who_has_the_link_chooses_name_and_password(fresh: tuple[Browser, str]) -> None:
    browser, token = fresh
    assert browser.get("/dashboard/session")["setup"] is True
    session = browser.good("POST", "/dashboard/setup", {"token": token, **WANTED})
    assert (session["user"]["username"], session["user"]["role"], session["setup"]) == ("grace", "admin", False)
    assert browser.get("/dashboard/session")["user"]["username"] == "grace"
    other = Browser(browser.footfall)
    assert other.get("/dashboard/session")["setup"] is False
    assert other.signs_in("grace", WANTED["password"]).get("/dashboard/session")["mayCreate"] is True
    assert other.status("POST", "/dashboard/session", {"username": "admin", "password": WANTED["password"]}) == 401


def test_it_works_once(fresh: tuple[Browser, str]) -> None:
    browser, token = fresh
    browser.good("POST", "/dashboard/setup", {"token": token, **WANTED})
    again = Browser(browser.footfall).ask(
        "POST", "/dashboard/setup", {"token": token, **WANTED, "username": "eve"}
    )
    assert (again.status_code, again.json()["message"]) == (401, "This set-up link was used already, or is none")


@pytest.mark.parametrize("token", ["", "x", "é\u0000"])
def test_nobody_claims_an_installation_without_it(fresh: tuple[Browser, str], token: str) -> None:
    browser, _ = fresh
    assert browser.status("POST", "/dashboard/setup", {"token": token, **WANTED}) == 401
    assert browser.cookies == {}


def test_a_password_that_was_changed_otherwise_voids_it(fresh: tuple[Browser, str]) -> None:
    browser, token = fresh
    catalog = browser.footfall.runtime.catalog
    catalog.update_user(catalog.snapshot().users_by_name["admin"].id, password="changed by hand")
    assert browser.get("/dashboard/session")["setup"] is False
    assert browser.status("POST", "/dashboard/setup", {"token": token, **WANTED}) == 401


@pytest.mark.parametrize(
    "change", [{"password": "short"}, {"username": ""}, {"username": "a\u0007"}, {"token": None}]
)
def test_what_can_not_be_is_400_and_the_link_stays(fresh: tuple[Browser, str], change: dict[str, Any]) -> None:
    browser, token = fresh
    assert browser.status("POST", "/dashboard/setup", {"token": token, **WANTED, **change}) == 400
    assert browser.status("POST", "/dashboard/setup", {"token": token, **WANTED}) == 200


def test_guesses_are_limited_as_sign_ins_are(make_footfall: Callable[..., Footfall]) -> None:
    browser = Browser(make_footfall(rate_limit_login="2/60s"))
    wrong = {"token": "x", **WANTED}
    assert [browser.status("POST", "/dashboard/setup", wrong) for _ in range(3)] == [401, 401, 429]


def test_the_first_start_prints_it_once(
    make_footfall: Callable[..., Footfall], capsys: pytest.CaptureFixture[str]
) -> None:
    footfall = make_footfall()
    welcome(footfall.runtime.catalog, "http://0.0.0.0:8000")
    (token,) = re.findall(r"http://localhost:8000/setup#(\S+)", capsys.readouterr().out)
    welcome(footfall.runtime.catalog, "http://0.0.0.0:8000")
    assert capsys.readouterr().out == ""
    assert Browser(footfall).status("POST", "/dashboard/setup", {"token": token, **WANTED}) == 200


def test_an_installation_with_users_has_no_link(template: Path, make_footfall: Callable[..., Footfall]) -> None:
    browser = Browser(make_footfall())
    assert browser.get("/dashboard/session")["setup"] is False
