"""What a server needs before it accepts: hits are lost until then."""

import subprocess
import sys


def test_a_server_accepts_before_it_imports_what_only_questions_need() -> None:
    asked = "import footfall.cli.serve, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "footfall.ingest.drain" in loaded
    assert not {"fastapi", "sqlglot", "jwt", "footfall.query"} & set(loaded)
