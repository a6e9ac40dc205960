"""However many questions one project asks at once, those of others are answered meanwhile."""

import threading
from typing import Any, cast

import anyio
import pytest

from footfall.api import asking
from footfall.api.asking import AskingThreads


def test_half_of_the_threads_are_left_for_other_projects(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    answered: list[str] = []

    def ask(_store: object, project_id: str, question: object) -> object:
        assert project_id == "small" or done.wait(10)
        return question

    async def one(threads: AskingThreads, project_id: str) -> None:
        answered.append(await threads.ask(cast("Any", None), project_id, cast("Any", project_id)))

    async def work() -> None:
        threads = AskingThreads(4)
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(one, threads, "large")
            await anyio.sleep(0.05)
            with anyio.fail_after(5):
                await one(threads, "small")
            assert answered == ["small"]
            done.set()
        assert answered.count("large") == 20

    monkeypatch.setattr(asking, "ask", ask)
    anyio.run(work)
