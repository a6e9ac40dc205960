"""What every number means, as a page: the docstrings of the question modules, which are the one place for it.

`python -m footfall.query.definitions` prints docs/numbers.md.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

from msgspec import Struct

import footfall.query

_TERM = re.compile(r"^(\S+(?: \S+)*?) {2,}(\S.*)$")
_HEAD = """# What the numbers mean

Every number is computed in one place, whatever API or page asks for it. This page is made from the questions'
own descriptions in `src/footfall/query/`; `make numbers` makes it anew.
"""


class Definition(Struct, frozen=True):
    """A number's name and what it means."""

    name: str
    meaning: str


class Block(Struct, frozen=True):
    """A paragraph (`text`), or a list of definitions under it."""

    text: str = ""
    definitions: tuple[Definition, ...] = ()


def questions() -> Iterator[tuple[ModuleType, list[str]]]:
    """The modules that answer questions, by name, and the names of these."""
    for found in pkgutil.iter_modules(footfall.query.__path__):
        if found.name == __name__.rpartition(".")[2] or found.name == "reader":
            continue
        module = importlib.import_module(f"footfall.query.{found.name}")
        asked = [
            name
            for name, kind in inspect.getmembers(module, inspect.isclass)
            if kind.__module__ == module.__name__ and callable(getattr(kind, "answer", None))
        ]
        if asked:
            yield module, asked


def blocks(docstring: str) -> list[Block]:
    """A docstring's paragraphs and definition lists (`name   meaning`, going on in indented lines)."""
    made = []
    for part in re.split(r"\n\s*\n", inspect.cleandoc(docstring)):
        lines = part.splitlines()
        terms = _definitions(lines)
        made.append(Block(definitions=terms) if terms else Block(text=" ".join(map(str.strip, lines))))
    return made


def page() -> str:
    """All of it as Markdown."""
    return "\n".join([_HEAD, *(_section(module) for module, _ in questions())])


def _definitions(lines: list[str]) -> tuple[Definition, ...]:
    """The definitions in these lines, none if they are prose."""
    found: list[Definition] = []
    for line in lines:
        term = _TERM.match(line)
        if term:
            found.append(Definition(term[1], term[2]))
        elif found and line.startswith(" "):
            found[-1] = Definition(found[-1].name, f"{found[-1].meaning} {line.strip()}")
        else:
            return ()
    return tuple(found)


def _section(module: ModuleType) -> str:
    first, *rest = blocks(module.__doc__ or "")
    title, _, summary = first.text.partition(":")
    lines = [f"## {title.strip()}", "", _cell(_sentence(summary.strip())), ""]
    for block in rest:
        if block.definitions:
            lines += ["| number | meaning |", "|---|---|"]
            lines += [f"| `{definition.name}` | {_cell(definition.meaning)} |" for definition in block.definitions]
            lines.append("")
        else:
            lines += [_cell(block.text), ""]
    return "\n".join(lines)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
