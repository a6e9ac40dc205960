"""What tests of commands start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.process import Footfall


@pytest.fixture
def footfall(tmp_path: Path) -> Iterator[Footfall]:
    """A data folder of a test's own, and the server on it if it is started."""
    with Footfall(tmp_path / "data") as made:
        yield made
