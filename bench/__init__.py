"""Measurements: `make bench`, or one of them with `python -m bench.ingest` and so on (see README.md)."""
