"""The page of what the numbers mean: every question says it, and the page says the same."""

from pathlib import Path

import pytest

from footfall.query import definitions

PAGE = Path(__file__).parents[2] / "docs" / "numbers.md"
ASKED = [(module, name) for module, names in definitions.questions() for name in names]


@pytest.mark.parametrize(("module", "name"), ASKED, ids=[name for _, name in ASKED])
def test_every_question_defines_its_numbers(module: object, name: str) -> None:
    blocks = definitions.blocks(module.__doc__ or "")
    assert any(block.definitions for block in blocks), f"{name}: add `number   meaning` lines to the docstring"


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
