"""Answers are kept as long as they hold, within their limits; the rest is in tests/ingest/test_kept_answers.py."""

import threading
from math import inf

import pytest

from footfall.model.errors import Overloaded
from footfall.store import answers
from footfall.store.answers import Answers
from footfall.store.reach import Reach

MARCH = Reach(since_ms=1_000, until_ms=2_000)


class Asked:
    """Works an answer out, of rows in March if nothing else is said, and knows how often."""

    def __init__(self, answer: object = 1, reach: Reach = MARCH) -> None:
        self.times = 0
        self.undone_ms: float | None = None
        self.answer = answer
        self.reach = reach

    def __call__(self, undone_ms: float | None) -> tuple[object, Reach]:
        self.times += 1
        self.undone_ms = undone_ms
        return self.answer, self.reach


@pytest.fixture(autouse=True)
def _all_are_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_QUICK_SECONDS", 0)


@pytest.fixture
def kept() -> Answers:
    return Answers(1_000_000)


def test_an_answer_is_worked_out_once(kept: Answers) -> None:
    ask = Asked()
    assert [kept.of("shop", "how many", ask)[0] for _ in range(3)] == [1, 1, 1]
    assert ask.times == 1
    assert kept.counted == {"store": 1, "memory": 2}


def test_other_questions_and_projects_have_answers_of_their_own(kept: Answers) -> None:
    found = [
        kept.of(*whose, Asked(whose))[0] for whose in [("shop", "a"), ("shop", "b"), ("blog", "a"), ("shop", "a")]
    ]
    assert found == [("shop", "a"), ("shop", "b"), ("blog", "a"), ("shop", "a")]


@pytest.mark.parametrize(
    ("project", "change", "is_forgotten"),
    [
        ("shop", Reach(1_500, 1_500), True),
        ("shop", Reach(0, 9_000), True),
        ("shop", Reach(2_000, 3_000), True),
        ("shop", Reach(2_001, inf), False),
        ("shop", Reach(0, 999), False),
        ("shop", Reach(tables=frozenset(("profiles",))), False),
        ("blog", Reach(1_500, 1_500), False),
    ],
)
def test_a_change_makes_forget_what_it_reaches(
    kept: Answers, project: str, change: Reach, is_forgotten: bool
) -> None:
    ask = Asked()
    kept.of("shop", "how many", ask)
    kept.forget({project: change})
    kept.of("shop", "how many", ask)
    assert ask.times == 1 + is_forgotten


def test_an_answer_about_people_is_forgotten_when_one_changes(kept: Answers) -> None:
    people = Reach(tables=frozenset(("profiles",)))
    ask = Asked(reach=people)
    for change in (Reach(0, inf), people):
        kept.of("shop", "who", ask)
        kept.forget({"shop": change})
    kept.of("shop", "who", ask)
    assert ask.times == 2


@pytest.mark.parametrize(("change", "is_kept"), [(Reach(1_500, 1_500), False), (Reach(5_000, 5_000), True)])
def test_what_changes_while_it_is_worked_out_is_not_kept(kept: Answers, change: Reach, is_kept: bool) -> None:
    def ask(_: float | None) -> tuple[str, Reach]:
        kept.forget({"shop": change})
        return "before", MARCH

    assert kept.of("shop", "how many", ask)[0] == "before"
    assert kept.of("shop", "how many", Asked("after"))[0] == ("before" if is_kept else "after")


class Slow(Asked):
    """Works an answer out when it is told to."""

    def __init__(self, answer: object) -> None:
        super().__init__(answer)
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, undone_ms: float | None) -> tuple[object, Reach]:
        self.begun.set()
        assert self.go_on.wait(10)
        return super().__call__(undone_ms)


def meanwhile(kept: Answers, change: Reach | None) -> tuple[list[object], int]:
    """Two ask the same, the second while the first one waits, after a change; the answers and how often the second
    was worked out.
    """
    found: list[object] = [None, None]
    first, second = Slow("first"), Asked("second")

    def look(place: int, ask: Asked) -> None:
        found[place] = kept.of("shop", "how many", ask)[0]

    threads = [threading.Thread(target=look, args=each) for each in ((0, first), (1, second))]
    threads[0].start()
    assert first.begun.wait(10)
    if change is not None:
        kept.forget({"shop": change})
    threads[1].start()
    if change is not None:
        threads[1].join()
    first.go_on.set()
    for thread in threads:
        thread.join()
    return found, second.times


def test_who_asks_the_same_meanwhile_waits_for_the_answer(kept: Answers) -> None:
    assert meanwhile(kept, None) == (["first", "first"], 0)


def test_who_asks_after_a_change_sees_it_though_an_older_answer_is_on_its_way(kept: Answers) -> None:
    assert meanwhile(kept, Reach(1_500, 1_500)) == (["first", "second"], 1)
    assert kept.of("shop", "how many", Asked("third"))[0] == "second"


def test_an_error_is_told_and_not_kept(kept: Answers) -> None:
    def fail(_: float | None) -> tuple[str, Reach]:
        raise Overloaded("too much", retry_after=1)

    with pytest.raises(Overloaded):
        kept.of("shop", "how many", fail)
    assert kept.of("shop", "how many", Asked())[0] == 1


def test_those_that_were_wanted_last_stay_when_memory_is_full() -> None:
    kept = Answers(40_000)
    asked = {name: Asked("x" * 4_200) for name in "abcdefghij"}
    for name in "abcdefghiaj" + "ajb":
        kept.of("shop", name, asked[name])
    assert {name for name, ask in asked.items() if ask.times == 2} == {"b"}
    assert sum(ask.times for ask in asked.values()) == 11


def test_what_is_quick_or_large_is_asked_anew(kept: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    large, quick = Asked([(each, "x" * 100) for each in range(2_000)]), Asked()
    for _ in range(2):
        kept.of("shop", "large", large)
    monkeypatch.setattr(answers, "_QUICK_SECONDS", 5)
    for _ in range(2):
        kept.of("shop", "quick", quick)
    assert (large.times, quick.times) == (2, 2)


def test_without_memory_for_it_nothing_is_kept() -> None:
    forgetful, ask = Answers(0), Asked()
    for _ in range(2):
        forgetful.of("shop", "how many", ask)
    assert (ask.times, forgetful.counted) == (2, {"store": 2})


def test_what_was_slow_and_is_asked_again_is_told_from_when_on_rows_changed(
    kept: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> float | None:
        ask = Asked()
        kept.of("shop", "how many", ask)
        return ask.undone_ms

    assert told() is None
    kept.forget({"shop": Reach(1_700, 2_500)})
    assert told() is None, "it was quick"
    monkeypatch.setattr(answers, "_SLOW_SECONDS", 0)
    kept.forget({"shop": Reach(1_700, 2_500)})
    assert told() is None, "the last time it was quick"
    kept.forget({"shop": Reach(1_800, 2_500)})
    assert told() == 1_800
    monkeypatch.setattr(answers, "_SLOW_SECONDS", 60)
    kept.forget({"shop": Reach(1_900, 2_500)})
    assert told() == 1_900, "it may be quick because of that"


def test_a_slow_answer_that_is_undone_while_it_is_worked_out_is_told_so(
    kept: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_SLOW_SECONDS", 0)

    def ask(_: float | None) -> tuple[str, Reach]:
        kept.forget({"shop": Reach(1_500, 1_600)})
        return "before", MARCH

    kept.of("shop", "how many", ask)
    after = Asked()
    kept.of("shop", "how many", after)
    assert after.undone_ms == 1_500
