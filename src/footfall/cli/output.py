"""What commands print: JSON for programs, calm lines and tables for people."""

import json
from collections.abc import Mapping, Sequence

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table


def say_json(value: object) -> None:
    """One line of JSON on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def say(headline: str, facts: Mapping[str, str] | None = None, note: str = "") -> None:
    """A sentence, facts under it in two columns, and a note; long values are never wrapped."""
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    console.print(escape(headline))
    width = max((len(name) for name in facts), default=0) if facts else 0
    for name, value in (facts or {}).items():
        console.print(f"  [dim]{escape(name.ljust(width))}[/dim]  {escape(value)}")
    if note:
        console.print(f"[dim]{escape(note)}[/dim]")


def say_table(columns: Sequence[str], lines: Sequence[Sequence[str]], empty: str) -> None:
    """A table without borders, or the sentence for an empty one."""
    if not lines:
        say(empty)
        return
    table = Table(*columns, box=None, header_style="dim", pad_edge=False)
    for line in lines:
        table.add_row(*(escape(cell) for cell in line))
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        # Off a terminal rich takes 80 columns and cuts ids; who reads a pipe wants them whole.
        console.width = 10_000
    console.print(table)
