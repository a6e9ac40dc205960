"""Files of access logs: plain, packed, piped and damaged; and the ids that their lines get."""

import gzip
from itertools import product
from pathlib import Path

import pytest

from footfall.importers.log_columns import log_columns
from footfall.importers.source import Source
from footfall.ingest.enrichment import enrich
from footfall.model.errors import BadRequest
from importers.log_lines import CHROME, from_file, from_stdin, importer, line, one, read


def test_the_same_file_gives_the_same_ids_plain_gzipped_piped_and_grown(tmp_path: Path) -> None:
    data = b"".join(line(f"GET /{page} HTTP/1.1") for page in ("a", "b", "a", "a"))
    (tmp_path / "log").write_bytes(data)
    (tmp_path / "log.gz").write_bytes(gzip.compress(data))
    (tmp_path / "grown").write_bytes(data + line("GET /c HTTP/1.1"))
    (plain,) = from_file(tmp_path / "log")
    (packed,) = from_file(tmp_path / "log.gz")
    (grown,) = from_file(tmp_path / "grown")
    ids = [hit.id for hit in plain]
    assert [hit.id for hit in packed] == ids
    assert [hit.id for hit in from_stdin(data)] == ids
    assert [hit.id for hit in from_stdin(gzip.compress(data))] == ids
    assert [hit.id for hit in grown][:4] == ids


def test_identical_lines_are_different_views() -> None:
    hits = read(line(), line(), line())
    assert len({hit.id for hit in hits}) == 3


def test_ids_are_uuids_of_version_8_and_differ_between_projects() -> None:
    (mine,), (yours,) = read(line()), read(line(), project="other")
    assert mine.id[14] == "8"
    assert mine.id[19] in "89ab"
    assert len(mine.id) == 36
    assert mine.id != yours.id


def test_line_ends_do_not_change_an_id() -> None:
    assert one(line().rstrip()).id == one(line().rstrip() + b"\r\n").id


def test_batches_are_of_the_size_asked_for(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"".join(line(f"GET /{n} HTTP/1.1") for n in range(25)))
    assert [len(batch) for batch in from_file(tmp_path / "log", 10)] == [10, 10, 5]


def test_an_empty_file_has_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"")
    assert from_file(tmp_path / "log") == []


def test_a_long_file_is_read_across_blocks_and_a_bom_is_ignored(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + b"".join(line(f"GET /{n} HTTP/1.1") for n in range(10_000))
    (tmp_path / "log").write_bytes(data)
    hits = [hit for batch in from_file(tmp_path / "log") for hit in batch]
    assert len(hits) == 10_000
    assert hits[-1].properties["__path"] == "https://example.com/9999"


def test_a_line_without_end_costs_no_memory(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * 8_000_000 + b"\n" + line())
    assert sum(len(batch) for batch in from_file(tmp_path / "log")) == 1


def test_a_gzip_file_cut_short_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(line(f"GET /{n} HTTP/1.1") for n in range(60_000)))
    (tmp_path / "log.gz").write_bytes(packed[: len(packed) // 2])
    batches = importer().read(Source(tmp_path / "log.gz"))
    assert len(next(batches)) == 20_480
    with pytest.raises(BadRequest, match="damaged or cut short"):
        list(batches)


@pytest.mark.parametrize("name", ["missing.log", "."])
def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRequest, match=r"Can't open .*: (No such file or directory|Is a directory)"):
        Source(tmp_path / name)


def test_the_columns_of_a_log_say_what_its_hits_say() -> None:
    agents = [CHROME, CHROME.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64")]
    pages = ["/", "/a?utm_source=letter&utm_term=x#top", "/a?ref=b", "https://other.example/x", "/%C3%BC?q=1&q=2"]
    referrers = ["-", "https://www.google.com/search?q=a", "https://t.co/x", "https://example.com/b"]
    raws = [
        line(f"GET {uri} HTTP/1.1", ip=f"203.0.113.{at % 3 + 6}", referrer=referrer, agent=agent)
        for at, (uri, referrer, agent) in enumerate(product(pages, referrers, agents))
    ]
    raws.append(b'203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET /common HTTP/1.0" 200 512')
    hits = list(importer().hits(raws))
    assert len(hits) == len(raws) - len(referrers) * len(agents)
    columns = log_columns(hits)
    assert list(columns.events(range(len(columns)))) == [enrich(hit, "") for hit in hits]
