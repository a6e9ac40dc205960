"""Makes src/footfall/data/referrers.json from Matomo's lists and our own additions.

    python tools/make_referrers.py FOLDER

FOLDER holds SearchEngines.yml, Socials.yml and AIAssistants.yml (CC0), as Matomo publishes them. The result
is committed, so nobody needs this script to run Footfall.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import yaml

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "src" / "footfall" / "data"

Entry = tuple[str, str, str]  # host, name, type


def main(folder: Path) -> None:
    """Write the table; later entries win, so our own come last."""
    table: dict[str, tuple[str, str]] = {}
    ours = list(own(HERE / "referrers_own.yml"))
    spelled = {name.lower(): name for _, name, _ in ours}  # one source, one spelling
    for host, name, kind in [*matomo(folder), *ours]:
        table[host] = (spelled.get(name.lower(), name), kind)
    rows = sorted(table.items())
    lines = (f"{json.dumps(host)}:{json.dumps(row, ensure_ascii=False)}" for host, row in rows)
    (DATA / "referrers.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    sys.stdout.write(f"{len(table)} referrer hosts\n")


def matomo(folder: Path) -> Iterator[Entry]:
    """Matomo's lists. An address with a path is left out: the table knows hosts only."""
    engines = yaml.safe_load((folder / "SearchEngines.yml").read_text(encoding="utf-8"))
    for name, groups in engines.items():
        for group in groups:
            yield from entries(str(name), group["urls"], "search")
    for file, kind in (("Socials.yml", "social"), ("AIAssistants.yml", "ai")):
        for name, hosts in yaml.safe_load((folder / file).read_text(encoding="utf-8")).items():
            yield from entries(unquote(str(name)), hosts, kind)


def own(file: Path) -> Iterator[Entry]:
    """Our additions: type, then name, then hosts."""
    for kind, names in yaml.safe_load(file.read_text(encoding="utf-8")).items():
        for name, hosts in names.items():
            yield from entries(name, hosts, kind)


def entries(name: str, hosts: list[str], kind: str) -> Iterator[Entry]:
    """One row per host, in the spelling that a lookup uses: lower-case, without www."""
    for host in hosts:
        if "/" not in host:
            yield host.lower().removeprefix("www."), name, kind


if __name__ == "__main__":
    main(Path(sys.argv[1]))
