"""Whose turn it is: few at once, in order, each alone for a moment; what is kept waits for nobody."""

import threading

import pytest

from footfall.store import answers as kept
from footfall.store.answers import Answers
from footfall.store.reach import Reach
from footfall.store.turns import Turns
from support.waiting import until

FOREVER = 3600.0


class Worker:
    """A thread that wants a turn, and has it until it is told to end."""

    def __init__(self, turns: Turns, done: list[str], name: str, project: str = "") -> None:
        self.begun, self.end = threading.Event(), threading.Event()
        self._turns, self._done, self._name, self._project = turns, done, name, project
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        with self._turns.taken(self._project):
            self.begun.set()
            assert self.end.wait(10)
            self._done.append(self._name)

    def finish(self) -> None:
        """Returns when its turn is over."""
        self.end.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture(autouse=True)
def _all_are_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_QUICK_SECONDS", 0)


def queue(turns: Turns, done: list[str], names: str, *, by_case: bool = False) -> list[Worker]:
    """Workers that came in this order, each when the one before had a turn or stood in the queue.

    `by_case`: those in upper case are of another project.
    """
    workers = []
    for number, name in enumerate(names, 1):
        workers.append(Worker(turns, done, name, "other" if by_case and name.isupper() else ""))
        until(lambda number=number: sum(w.begun.is_set() for w in workers) + turns.waiting == number, 5)  # type: ignore[misc]
    return workers


def test_each_has_its_turn_alone_in_the_order_in_which_they_came() -> None:
    turns = Turns(most=3, alone_seconds=FOREVER)
    done: list[str] = []
    workers = queue(turns, done, "abcd")
    assert [worker.begun.is_set() for worker in workers] == [True, False, False, False]
    for worker in workers:
        assert worker.begun.wait(10)
        worker.finish()
    assert done == ["a", "b", "c", "d"]


def test_beside_one_that_goes_on_for_longer_the_next_begins_up_to_as_many_as_may() -> None:
    turns = Turns(most=2, alone_seconds=0)
    done: list[str] = []
    first, second, third = queue(turns, done, "abc")
    assert second.begun.wait(10)
    assert not third.begun.is_set()
    first.finish()
    assert third.begun.wait(10)
    second.finish()
    third.finish()


def test_one_who_waits_begins_when_the_moment_alone_is_over_though_nobody_ends() -> None:
    turns = Turns(most=2, alone_seconds=0.05)
    done: list[str] = []
    first, second = queue(turns, done, "ab")
    assert second.begun.wait(10)
    second.finish()
    first.finish()
    assert done == ["b", "a"]


def test_a_project_does_not_wait_for_anothers_questions() -> None:
    """However many turns the other has and however many of its questions came before."""
    turns = Turns(most=2, alone_seconds=0)
    done: list[str] = []
    first, second, third, other, fourth, another = queue(turns, done, "abcAdB", by_case=True)
    assert other.begun.wait(10)
    assert [worker.begun.is_set() for worker in (first, second, third, fourth, another)] == [
        True,
        True,
        *[False] * 3,
    ]
    other.finish()
    assert another.begun.wait(10)
    second.finish()
    assert not third.begun.is_set()
    another.finish()
    for worker in (third, fourth):
        assert worker.begun.wait(10)
        worker.finish()
    first.finish()
    assert done == ["A", "b", "B", "c", "d", "a"]


def test_what_a_question_asks_belongs_to_its_turn() -> None:
    turns = Turns(most=1, alone_seconds=FOREVER)
    with turns.taken(), turns.taken():
        pass
    with turns.taken():
        pass


def test_an_error_ends_the_turn() -> None:
    turns = Turns(most=1)
    done: list[str] = []
    try:
        with turns.taken():
            raise ValueError
    except ValueError:
        pass
    Worker(turns, done, "a").finish()
    assert done == ["a"]


def test_what_goes_on_beside_waits_for_nobody_and_nobody_for_it() -> None:
    turns = Turns(most=1, alone_seconds=FOREVER)
    done: list[str] = []
    first = Worker(turns, done, "a")
    assert first.begun.wait(10)
    with turns.beside(), turns.taken():
        first.finish()
        Worker(turns, done, "b").finish()
    assert done == ["a", "b"]


def test_what_is_kept_is_given_while_another_question_has_its_turn() -> None:
    turns = Turns(most=1, alone_seconds=FOREVER)
    done: list[str] = []
    answers = Answers(1_000_000, turns)
    first = answers.of("shop", "how many", lambda _: (7, Reach(0, 1)))
    worker = Worker(turns, done, "a")
    assert worker.begun.wait(10)
    keep = answers.counted["memory"]
    again: list[object] = []
    asking = threading.Thread(
        target=lambda: again.append(answers.of("shop", "how many", lambda _: (None, Reach())))
    )
    asking.start()
    asking.join(10)
    worker.finish()
    assert again == [first]
    assert answers.counted["memory"] == keep + 1


def test_who_asks_the_same_while_it_waits_for_its_turn_is_answered_with_it() -> None:
    turns = Turns(most=1, alone_seconds=FOREVER)
    done: list[str] = []
    answers = Answers(1_000_000, turns)
    worker = Worker(turns, done, "a")
    assert worker.begun.wait(10)
    times: list[int] = []
    found: list[object] = []

    def ask(_: float | None) -> tuple[int, Reach]:
        times.append(1)
        return len(times), Reach(0, 1)

    askers = [threading.Thread(target=lambda: found.append(answers.of("shop", "how many", ask)[0])) for _ in "ab"]
    for asker in askers:
        asker.start()
    until(lambda: turns.waiting == 2, 5)
    worker.finish()
    for asker in askers:
        asker.join(10)
    assert found == [1, 1]
