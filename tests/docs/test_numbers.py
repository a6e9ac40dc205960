"""The page of what the numbers mean: every question says it, and the page says the same."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from footfall.api.openpanel import reads
from footfall.api.openpanel.managing import ManageContext
from footfall.api.openpanel.reading import ReadContext
from footfall.catalog import Catalog
from footfall.query import definitions

PAGE = Path(__file__).parents[2] / "docs" / "numbers.md"
ASKED = [(module, name) for module, names in definitions.questions() for name in names]
NO_NUMBERS = ("current", "latitude", "longitude")
"""What is told as it came: a page's number, where somebody is."""


def read_apis(folder: Path) -> FastAPI:
    """The application, for its page alone: nobody asks it."""
    nothing: Any = None
    with Catalog(folder / "catalog.sqlite3") as catalog:
        context = ReadContext(
            catalog=catalog, store=nothing, authenticator=nothing, limiter=nothing, now_ms=lambda: 0
        )
        return reads.build(context, nothing, ManageContext(context, nothing, nothing))


def numbers_of(page: Any) -> set[str]:
    """The names of the numbers in every good answer of Insights and Export."""
    schemas = page["components"]["schemas"]
    answers = [
        operation["responses"]["200"]["content"]["application/json"]["schema"]
        for path, operations in page["paths"].items()
        for operation in operations.values()
        if not path.startswith("/manage") and "200" in operation["responses"]
    ]
    found: set[str] = set()
    seen: set[str] = set()

    def look(schema: Any, name: str) -> None:
        if schema.get("type") in ("integer", "number"):
            found.add(name)
        for below in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
            look(below, name)
        for key, below in schema.get("properties", {}).items():
            look(below, key)
        kind = schema.get("$ref", "").rpartition("/")[2]
        if kind and kind not in seen:
            seen.add(kind)
            look(schemas[kind], name)

    for answer in answers:
        look(answer, "")
    return found


def snake(name: str) -> str:
    """As our own modules spell it."""
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


@pytest.mark.parametrize(("module", "name"), ASKED, ids=[name for _, name in ASKED])
def test_every_question_defines_its_numbers(module: object, name: str) -> None:
    blocks = definitions.blocks(module.__doc__ or "")
    assert any(block.definitions for block in blocks), f"{name}: add `number   meaning` lines to the docstring"


def test_every_number_of_the_read_apis_has_a_definition(tmp_path: Path) -> None:
    terms = {
        word
        for module, _ in definitions.questions()
        for block in definitions.blocks(module.__doc__ or "")
        for definition in block.definitions
        for word in re.findall(r"\w+", f"{definition.name} {definition.meaning}")
    }
    told = numbers_of(read_apis(tmp_path).openapi())
    assert len(told) > 60
    assert sorted(name for name in told if not {name, snake(name)} & terms) == sorted(NO_NUMBERS)


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == definitions.page(), "run `make numbers`"


def test_definitions_go_on_in_indented_lines() -> None:
    found = definitions.blocks(
        "Title: text\non two lines.\n\nviews     how many\n          there were\nbounce_rate   percent"
    )
    assert found == [
        definitions.Block(text="Title: text on two lines."),
        definitions.Block(
            definitions=(
                definitions.Definition("views", "how many there were"),
                definitions.Definition("bounce_rate", "percent"),
            )
        ),
    ]
