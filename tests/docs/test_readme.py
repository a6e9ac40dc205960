"""The README and the docs say what is so."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_two_commands_of_the_readme_are_rules_of_the_makefile() -> None:
    commands = re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert commands == ["run", "test"]
    makefile = (ROOT / "Makefile").read_text()
    assert all(re.search(rf"^{command}:", makefile, re.MULTILINE) for command in commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_footfall_command_in_the_docs_is_one(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from footfall.cli.main import main

    named = re.findall(
        r"^\s*(?:zcat \S+ \| )?footfall ([a-z][a-z-]+(?: [a-z][a-z-]+)?)", page.read_text(), re.MULTILINE
    )
    for words in set(named):
        first = words.split()[0]
        known = words.split() if first in ("project", "client", "user", "key", "import") else [first]
        with pytest.raises(SystemExit) as left:
            main([*known, "--help"])
        assert left.value.code == 0, f"{page.name}: footfall {words}"
    capsys.readouterr()


def test_the_insights_page_lists_every_endpoint_and_range() -> None:
    from footfall.api.openpanel.insights import DEFAULT_LIMIT, MAX_LIMIT
    from footfall.query.breakdown import Dimension
    from footfall.query.ranges import RANGE_NAMES

    page = (ROOT / "docs" / "insights.md").read_text()
    for word in [*("metrics", "live", "pages"), *(str(one) for one in Dimension), *RANGE_NAMES]:
        if word in ("allTime", "custom"):  # spellings that are taken and not advertised
            continue
        assert f"`{word}`" in page, word
    assert f"{MAX_LIMIT} at the most | {DEFAULT_LIMIT}" in page
