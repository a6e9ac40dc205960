"""`make bench`: all measurements one after the other, or those that are named: `python -m bench ingest query`."""

import importlib
import os
import sys
import time

from bench.projects import scratch
from bench.report import progress

ALL = (
    "ingest",
    "imports",
    "query",
    "charts",
    "newer",
    "behaviour",
    "umami",
    "clickhouse",
    "footprint",
    "access_log_check",
)


def main() -> None:
    """Run them, each with its defaults. Stores are shared; they are kept if FOOTFALL_BENCH_DIR is set."""
    names = sys.argv[1:] or list(ALL)
    unknown = sorted(set(names) - set(ALL))
    if unknown:
        sys.exit(f"bench: there is no {unknown[0]}; there are {', '.join(ALL)}")
    with scratch() as folder:
        os.environ.setdefault("FOOTFALL_BENCH_DIR", str(folder))
        for name in names:
            started = time.perf_counter()
            sys.argv = [f"bench.{name}"]
            importlib.import_module(f"bench.{name}").main()
            progress(f"{name} took {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
