"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_PLAIN_EVERY_SECONDS = 5.0

Tell = Callable[[int, str], None]
"""Says how much is done, in the units of the total, and what is going on."""


@contextmanager
def progress(total: int | None, *, quiet: bool = False) -> Iterator[Tell]:
    """Show progress on stderr; `total` None: the end is not known. `quiet` shows nothing, for programs."""
    console = Console(stderr=True)
    if quiet:
        yield lambda _done, _text: None
    elif console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("reading", total=total or None)
            yield lambda done, text: bar.update(task, completed=done, description=text)
    else:
        yield _plain(total)


def _plain(total: int | None) -> Tell:
    said = time.monotonic()

    def tell(done: int, text: str) -> None:
        nonlocal said
        if time.monotonic() - said > _PLAIN_EVERY_SECONDS:
            said = time.monotonic()
            share = f" ({100 * done // total} %)" if total else ""
            typer.echo(f"{text}{share}", err=True)

    return tell
