"""What is answered and not counted, and the ledger that says so. Contract §3.6, §3.7."""

import asyncio
import threading

import httpx
import pytest

from support.footfall import FIREFOX, GOOGLEBOT, PYTHON, SECRET, WRITER, Footfall, Visitor


def test_the_same_request_within_a_tenth_of_a_second_counts_once(footfall: Footfall, visitor: Visitor) -> None:
    first = visitor.views("/")
    footfall.advance(ms=99)
    second = visitor.views("/")

    assert (second.status_code, second.json()) == (200, first.json())
    assert len(footfall.events()) == 1
    assert footfall.drops() == {"duplicate": 1}


def test_after_that_it_counts_again(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/")
    footfall.advance(ms=100)
    visitor.views("/")
    assert len(footfall.events()) == 2
    assert footfall.drops() == {}


def test_another_body_address_or_browser_is_another_request(footfall: Footfall) -> None:
    footfall.visitor(ip="198.51.100.1").views("/")
    footfall.visitor(ip="198.51.100.1").views("/b")
    footfall.visitor(ip="198.51.100.1", ua=FIREFOX).views("/")
    footfall.visitor(ip="198.51.100.2").views("/")
    assert len(footfall.events()) == 4


def test_programs_may_repeat_themselves(footfall: Footfall) -> None:
    for _ in range(2):
        footfall.backend().tracks("cron")
    assert len(footfall.events()) == 2


def test_a_step_that_is_sent_twice_is_taken_once(footfall: Footfall, visitor: Visitor) -> None:
    visitor.identifies("u1", properties={"n": 1})
    answers = [visitor.does("increment", profileId="u1", property="n").json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert footfall.profile("u1").properties["n"] == "2"


def test_a_repeat_of_a_failure_fails_alike(footfall: Footfall, visitor: Visitor) -> None:
    answers = [visitor.does("increment", profileId="nobody", property="n") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_requests_at_once_are_told_apart_too(footfall: Footfall, visitor: Visitor) -> None:
    async def both() -> list[httpx.Response]:
        transport = httpx.ASGITransport(footfall.server.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            body = {"type": "track", "payload": {"name": "click"}}
            headers = visitor.headers
            return list(
                await asyncio.gather(*(client.post("/track", json=body, headers=headers) for _ in range(20)))
            )

    answers = footfall.run(both())
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(footfall.events("click")) == 1


def test_a_bot_is_told_its_name(footfall: Footfall) -> None:
    bot = footfall.visitor(ua=GOOGLEBOT)
    for answer in (
        bot.views("/"),
        bot.does("identify", profileId="u1"),
        bot.does("group", id="a", type="b", name="c"),
    ):
        assert answer.status_code == 202
        assert answer.json().keys() == {"bot"}
        assert answer.json()["bot"].keys() == {"name", "type"}
        assert "google" in answer.json()["bot"]["name"].lower()

    assert footfall.events() == []
    assert footfall.sessions() == []
    assert footfall.profile("u1") is None
    assert footfall.drops() == {"bot": 3}


def test_a_bot_with_a_valid_secret_counts(footfall: Footfall) -> None:
    assert (
        footfall.visitor(ua=GOOGLEBOT, headers={"openpanel-client-secret": SECRET}).views("/").status_code == 200
    )
    assert len(footfall.events()) == 1


def test_a_bot_with_a_wrong_secret_is_a_bot(footfall: Footfall) -> None:
    assert (
        footfall.visitor(ua=GOOGLEBOT, headers={"openpanel-client-secret": "wrong"}).views("/").status_code == 202
    )


@pytest.mark.parametrize("ua", [PYTHON, "curl/8.4.0", "axios/1.6.0", "node"])
def test_programs_are_not_bots(footfall: Footfall, ua: str) -> None:
    assert footfall.visitor(ua=ua).tracks("x").status_code == 200


def test_a_browser_that_lacks_what_browsers_send_is_marked_not_dropped(footfall: Footfall) -> None:
    bare = {"accept-language": "", "sec-fetch-mode": "", "sec-ch-ua": ""}
    footfall.visitor(headers=bare).tracks("x", __bot="1", __bot_reasons="mine")
    reasons = footfall.event("x").properties["__bot_reasons"]
    assert reasons.split(",") == [
        "header:missing_sec_ch_ua",
        "header:missing_sec_fetch",
        "header:missing_accept_language",
    ]


def test_the_ledger_counts_by_day_and_survives_a_restart(footfall: Footfall) -> None:
    bot = footfall.visitor(ua=GOOGLEBOT)
    bot.views("/")
    footfall.settle()
    bot.views("/b")
    footfall.advance(days=1)
    bot.views("/")
    footfall.restart()

    rows = footfall.ask("SELECT day, reason, sum(count)::INT FROM drops GROUP BY ALL ORDER BY day")
    assert rows == [("2026-03-10", "bot", 2), ("2026-03-11", "bot", 1)]


def test_who_writes_the_ledger_waits_for_whoever_writes_it_already(
    footfall: Footfall, monkeypatch: pytest.MonkeyPatch
) -> None:
    footfall.visitor(ua=GOOGLEBOT).views("/")
    append = footfall.runtime.journal.append
    slowly = threading.Event()
    monkeypatch.setattr(footfall.runtime.journal, "append", lambda *group: (slowly.wait(0.1), append(*group)))

    async def write_twice() -> None:
        intake = footfall.server.intake
        first = asyncio.create_task(intake.flush())
        await asyncio.sleep(0)
        await intake.flush()
        footfall.runtime.drain.catch_up()
        await first

    footfall.run(write_twice())
    assert footfall.ask("SELECT reason, count FROM drops") == [("bot", 1)]


def test_what_names_no_client_of_ours_is_in_nobodys_ledger(footfall: Footfall) -> None:
    footfall.request("POST", "/track", json={})
    footfall.request("POST", "/track", json={}, headers={"openpanel-client-id": WRITER[:-1] + "9"})
    assert footfall.drops() == {}
