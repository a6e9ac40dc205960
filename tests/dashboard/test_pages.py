"""The dashboard's document and files: where they are, what they may do, how long they are kept."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from footfall.server import pages
from support.footfall import Footfall

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ADDRESSES = (
    "/login",
    "/setup",
    "/site/shop/overview",
    "/settings",
    "/settings/users",
    "/share/x",
    "/share/x/pages",
)


@pytest.fixture(scope="module")
def built(make_looked_at: Callable[..., Footfall], tmp_path_factory: pytest.TempPathFactory) -> Footfall:
    """A server with a dashboard that was built."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Footfall</title>")
    (folder / "robots.txt").write_text("User-agent: *\nDisallow: /\n")
    (folder / "assets" / "app-1a2b.js").write_text("let a = 1;\n" * 100)
    (folder / "assets" / "font-1a2b.woff2").write_bytes(b"wOF2")
    (folder.parent / "secret.txt").write_text("hidden")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "FOLDER", folder)
        return make_looked_at()


@pytest.mark.parametrize("address", ADDRESSES)
def test_one_document_is_at_every_address(built: Footfall, address: str) -> None:
    response = built.request("GET", address)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.text.startswith("<!doctype html>")


def test_home_is_a_page_for_browsers_and_json_for_programs(built: Footfall) -> None:
    assert built.request("GET", "/", headers=BROWSER).text.startswith("<!doctype html>")
    for accepted in ("*/*", "application/json", "application/json, text/html;q=0.5", "text/html;q=0", ""):
        assert built.request("GET", "/", headers={"accept": accepted}).json()["status"] == "ok"
    assert built.request("GET", "/").json()["status"] == "ok"


def test_it_runs_and_loads_nothing_but_our_own(built: Footfall) -> None:
    headers = built.request("GET", "/login").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'",
        "img-src": "'self' data:", "connect-src": "'self'", "font-src": "'self'", "base-uri": "'none'",
        "form-action": "'self'", "frame-ancestors": "'none'",
    }  # fmt: skip
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == "no-cache"


def test_only_share_links_that_say_so_may_be_in_frames(built: Footfall) -> None:
    shares = built.runtime.catalog.shares
    shares.create("shop", slug="framed", origins=["https://A.example/", "https://*.b.example"])
    shares.create("shop", slug="anywhere", origins=["*"])
    shares.create("shop", slug="nowhere")
    for path, frames in (
        ("/share/framed", "'self' https://a.example https://*.b.example"),
        ("/share/framed/pages", "'self' https://a.example https://*.b.example"),
        ("/share/anywhere", "'self' *"),
        ("/share/nowhere", "'none'"),
        ("/share/unknown", "'none'"),
        ("/site/framed", "'none'"),
    ):
        headers = built.request("GET", path).headers
        assert headers["content-security-policy"].rpartition("frame-ancestors ")[2] == frames
        assert ("x-frame-options" in headers) is (frames == "'none'")


def test_files_are_kept_for_a_year_and_sent_packed(built: Footfall) -> None:
    plain = built.request("GET", "/assets/app-1a2b.js")
    packed = built.request("GET", "/assets/app-1a2b.js", headers={"accept-encoding": "br, gzip"})
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", plain.content)
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, 9, mtime=0))
    again = built.request("GET", "/assets/app-1a2b.js", headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    font = built.request("GET", "/assets/font-1a2b.woff2", headers={"accept-encoding": "gzip"})
    assert (font.content, font.headers["content-type"], "content-encoding" in font.headers) == (
        b"wOF2", "font/woff2", False,
    )  # fmt: skip
    assert built.request("GET", "/robots.txt").headers["cache-control"] == "public, max-age=86400"


@pytest.mark.parametrize(
    "path", ["no.js", "../secret.txt", "..%2f..%2fsecret.txt", "%2e%2e/secret.txt", "", "../index.html"]
)
def test_what_was_not_built_is_not_there(built: Footfall, path: str) -> None:
    response = built.request("GET", f"/assets/{path}")
    assert response.status_code == 404
    assert "hidden" not in response.text


def test_without_a_build_one_sentence_says_what_to_do(
    make_looked_at: Callable[..., Footfall], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FOLDER", tmp_path / "missing")
    response = make_looked_at().request("GET", "/", headers=BROWSER)
    assert (response.status_code, response.text) == (404, pages.UNBUILT)


def test_a_mistyped_address_is_a_page_for_browsers_and_json_for_programs(
    built: Footfall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    (tmp_path / "index.html").write_text("<!doctype html><title>Footfall</title>")
    page = built.request("GET", "/sites/shop", headers=BROWSER)
    assert (page.status_code, page.text[:15]) == (404, "<!doctype html>")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    for method, path, headers in (("GET", "/sites/shop", {}), ("GET", "/api/x", BROWSER), ("POST", "/x", BROWSER)):
        assert built.request(method, path, headers=headers).json()["statusCode"] == 404
