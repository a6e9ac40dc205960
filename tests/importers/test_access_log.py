"""Access logs: which lines become page views, and what is in them."""

import pytest

from footfall.importers.tally import LeftOut
from footfall.ingest.records import Hit, Place
from importers.log_lines import CHROME, GOOGLEBOT, NOW, importer, line, one, read, reason

# Formats


def test_a_combined_line_is_a_page_view() -> None:
    hit = one(line(referrer="https://news.ycombinator.com/item?id=1"))
    assert hit == Hit(
        project_id="shop",
        name="screen_view",
        at=1_431_857_103_000,  # 2015-05-17T10:05:03Z
        received_at=NOW,
        device_id=hit.device_id,
        is_late=True,
        user_agent=CHROME,
        place=Place("DE", "Berlin", "Berlin", 13.4, 52.5),
        properties={
            "__path": "https://example.com/pricing",
            "__referrer": "https://news.ycombinator.com/item?id=1",
        },
        id=hit.id,
        imported_at=NOW,
    )


def test_a_common_line_counts_though_it_names_no_user_agent() -> None:
    hit = one(b'203.0.113.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326')
    assert (hit.at, hit.user_agent) == (971_211_336_000, "")
    assert hit.properties == {"__path": "https://example.com/a", "__referrer": ""}


def test_fields_after_the_user_agent_do_not_matter() -> None:
    assert one(line().rstrip() + b' "-" 0.003 TLSv1.3').user_agent == CHROME


def test_behind_a_proxy_the_forwarded_address_is_the_visitor() -> None:
    behind = line(ip="10.0.0.5").rstrip() + b' "203.0.113.7, 10.0.0.9"'
    assert one(behind).device_id == one(line()).device_id


@pytest.mark.parametrize(
    "who",
    [
        "203.0.113.7 10.0.0.5",
        "203.0.113.7, 10.0.0.9 10.0.0.5",
        '"10.1.1.1, 203.0.113.7" 10.0.0.5',
        "203.0.113.7, 10.0.0.9",
        "example.com:443 203.0.113.7 10.0.0.5",
        "- 203.0.113.7",
    ],
)
def test_what_a_proxy_forwarded_may_stand_first(who: str) -> None:
    found = one(line(ip=who))
    assert found.device_id == one(line()).device_id
    assert found.properties["__path"] == "https://example.com/pricing"


def test_a_public_address_is_not_overruled_by_a_forwarded_one() -> None:
    forged = line(ip="198.51.100.4").rstrip() + b' "203.0.113.7"'
    assert one(forged).device_id == one(line(ip="198.51.100.4")).device_id


@pytest.mark.parametrize(
    ("vhost", "address"),
    [
        ("blog.example.org:443", "https://blog.example.org/pricing"),
        ("blog.example.org:80", "http://blog.example.org/pricing"),
        ("blog.example.org:8080", "http://blog.example.org:8080/pricing"),
        ("blog.example.org", "http://blog.example.org/pricing"),
    ],
)
def test_a_virtual_host_is_where_the_page_is(vhost: str, address: str) -> None:
    assert one(vhost.encode() + b" " + line(), domain="").properties["__path"] == address


def test_the_projects_domain_says_how_its_own_host_is_spelled() -> None:
    hit = one(b"example.com:80 " + line())
    assert hit.properties["__path"] == "https://example.com/pricing"


def test_without_domain_and_host_the_page_is_its_path() -> None:
    assert one(line("GET /a?b=c HTTP/1.1"), domain="").properties["__path"] == "/a?b=c"


CADDY = (
    b'{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request",'
    b'"request":{"remote_ip":"10.0.0.2","remote_port":"41342","client_ip":"203.0.113.7","proto":"HTTP/2.0",'
    b'"method":"GET","host":"example.org","uri":"/docs?x=1","headers":{"User-Agent":["Mozilla/5.0 (X11; '
    b'Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"],"Referer":["https://www.bing.com/"]},'
    b'"tls":{"resumed":false,"version":772}},"bytes_read":0,"user_id":"","duration":0.0009,"size":10900,'
    b'"status":200,"resp_headers":{"Server":["Caddy"]}}'
)


def test_a_line_of_caddys_json_is_a_page_view() -> None:
    hit = one(CADDY, domain="")
    assert hit.at == 1_646_861_401_524
    assert hit.properties == {"__path": "https://example.org/docs?x=1", "__referrer": "https://www.bing.com/"}
    assert hit.user_agent == "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
    assert hit.place.country == "DE"


@pytest.mark.parametrize(
    "ts",
    [
        "1646861401524.1024",
        "1646861401524102400",
        '"2022-03-09T21:30:01.524Z"',
        '"2022-03-09T23:00:01.524+0130"',
        '"2022/03/09 21:30:01.524"',
        '"2022/03/09 21:30:01.524102400"',
    ],
)
def test_caddys_time_may_have_any_of_its_formats(ts: str) -> None:
    assert one(CADDY.replace(b"1646861401.5241024", ts.encode())).at == 1_646_861_401_524
    seconds = CADDY.replace(b"1646861401.5241024", b'"09/Mar/2022:22:30:01 +0100"')
    assert one(seconds).at == 1_646_861_401_000


def test_behind_a_proxy_that_caddy_does_not_know_the_forwarded_address_is_the_visitor() -> None:
    behind = CADDY.replace(b'"client_ip":"203.0.113.7"', b'"client_ip":"10.0.0.2"')
    behind = behind.replace(b'"headers":{', b'"headers":{"X-Forwarded-For":["203.0.113.7, 10.0.0.9"],')
    assert one(behind).device_id == one(CADDY).device_id


def test_caddy_without_headers_is_a_bot() -> None:
    assert reason(CADDY.replace(b"User-Agent", b"X-Other")) == LeftOut.BOT


def test_caddys_other_messages_are_unreadable() -> None:
    assert (
        reason(b'{"level":"info","ts":1646861401.5,"msg":"serving initial configuration"}') == LeftOut.UNREADABLE
    )


def test_formats_may_be_mixed_in_one_file() -> None:
    common = b'203.0.113.7 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326'
    assert len(read(line(), CADDY, common, b"example.com:443 " + line())) == 4


# Fields


@pytest.mark.parametrize(
    ("time", "at"),
    [
        ("17/May/2015:10:05:03 +0200", 1_431_849_903_000),
        ("17/May/2015:10:05:03 -0730", 1_431_884_103_000),
        ("29/Feb/2024:23:59:59 +0000", 1_709_251_199_000),
        ("2015-05-17T10:05:03+02:00", 1_431_849_903_000),
    ],
)
def test_the_time_is_read_with_its_zone(time: str, at: int) -> None:
    assert one(line(time=time)).at == at


@pytest.mark.parametrize(
    "time",
    [
        "31/Feb/2015:10:05:03 +0000",
        "17/Mai/2015:10:05:03 +0000",
        "17/May/2015:25:05:03 +0000",
        "17/May/2015:10:05:-3 +0000",
        "17/May/2015:10:05:03 +02-1",
        "01/Jan/0001:00:00:00 +0000",
        "31/Dec/1969:23:59:59 +0000",
        "01/Jan/2100:00:00:00 +0000",
        "31/Dec/9999:23:59:59 -1000",
    ],
)
def test_an_impossible_time_makes_a_line_unreadable(time: str) -> None:
    assert reason(line(time=time)) == LeftOut.UNREADABLE


def test_ipv6_visitors_have_ids_of_their_own() -> None:
    first, second = read(line(ip="2001:db8::1"), line(ip="2001:db8::2"))
    assert first.device_id != second.device_id


def test_a_visitor_is_the_same_in_every_run_and_another_with_another_salt_or_project() -> None:
    # shake_256 of "<agent>:<address>:<project>:<salt>", 16 bytes (contract §4.1).
    assert one(line()).device_id == "64cb94e83b724d8a3e3735547a9e250e"
    (other_salt,) = read(line(), salt="other")
    (other_project,) = read(line(), project="other")
    assert len({one(line()).device_id, other_salt.device_id, other_project.device_id}) == 3


def test_the_address_is_in_nothing_that_comes_out() -> None:
    assert "203.0.113.7" not in repr(one(line()))


def test_escaped_quotes_in_a_user_agent_are_quotes() -> None:
    assert one(line(agent=CHROME + r" \"quoted\" \x22too\x22")).user_agent == CHROME + ' "quoted" "too"'


def test_escaped_bytes_are_utf8() -> None:
    assert one(line(r"GET /caf\xc3\xa9 HTTP/1.1")).properties["__path"] == "https://example.com/café"


def test_undecodable_bytes_are_replaced() -> None:
    hit = one(line().replace(b"/pricing", b"/\xff\xfe"))
    assert hit.properties["__path"] == "https://example.com/\ufffd\ufffd"


def test_control_characters_do_not_come_through() -> None:
    assert one(line(r"GET /a\x00\x1bb HTTP/1.1")).properties["__path"] == "https://example.com/ab"


@pytest.mark.parametrize("referrer", ["https://example.com/", "http://www.example.com/a", "-", ""])
def test_the_sites_own_pages_are_no_referrers(referrer: str) -> None:
    assert one(line(referrer=referrer)).properties["__referrer"] == ""


def test_a_user_name_may_have_spaces() -> None:
    raw = line().replace(b" - - [", b" - jane doe [")
    assert one(raw).properties["__path"] == "https://example.com/pricing"


def test_dashes_all_over_are_a_line_too() -> None:
    assert reason(b'- - - [17/May/2015:10:05:03 +0000] "-" 408 - "-" "-"') == LeftOut.METHOD


# What counts


@pytest.mark.parametrize(
    "uri",
    [
        "/",
        "/about",
        "/about/",
        "/a.html",
        "/index.php?id=3",
        "/a.aspx",
        "/docs/v1.2",
        "/user/jane.doe",
        "/feedback",
    ],
)
def test_pages_count(uri: str) -> None:
    assert one(line(f"GET {uri} HTTP/1.1")).properties["__path"] == f"https://example.com{uri}"


@pytest.mark.parametrize(
    "uri",
    [
        "/site.css", "/app.min.js?v=3", "/a/b.PNG", "/photo.jpeg", "/font.woff2", "/report.pdf", "/all.zip",
        "/robots.txt", "/favicon.ico", "/sitemap.xml", "/data.json", "/site.webmanifest",
        "/feed", "/blog/feed/", "/comments/feed/", "/rss", "/index.rss", "/a/atom.xml",
        "/?feed=rss2", "/blog?flav=rss20",
        "/wp-json/wp/v2/posts", "/xmlrpc.php", "/wp-cron.php?doing_wp_cron", "/wp-admin/admin-ajax.php",
        "/.well-known/security.txt", "/.well-known/change-password", "/.env", "/.git/HEAD", "/a/.htaccess",
        "/a.css;jsessionid=1", "/healthz", "*",
        "http://other.example/",
    ],
)  # fmt: skip
def test_what_nobody_looks_at_does_not_count(uri: str) -> None:
    assert reason(line(f"GET {uri} HTTP/1.1")) == LeftOut.ASSET


def test_a_request_that_names_its_own_host_is_a_page() -> None:
    assert one(line("GET http://example.com/a HTTP/1.1")).properties["__path"] == "https://example.com/a"


@pytest.mark.parametrize("status", [200, 203, 206, 304])
def test_pages_that_were_shown_count(status: int) -> None:
    assert one(line(status=status))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_no_views(status: int) -> None:
    assert reason(line(status=status)) == LeftOut.REDIRECT


@pytest.mark.parametrize("status", [400, 404, 403, 499, 500, 503, 101, 0])
def test_errors_are_no_views(status: int) -> None:
    assert reason(line(status=status).replace(b'" 0 ', b'" 000 ')) == LeftOut.ERROR


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "PROPFIND", r"\x16\x03\x01"])
def test_only_get_shows_a_page(method: str) -> None:
    assert reason(line(f"{method} / HTTP/1.1")) == LeftOut.METHOD


@pytest.mark.parametrize(
    "agent", [GOOGLEBOT, "-", "", "curl/8.4.0", "python-requests/2.31.0", "Go-http-client/1.1"]
)
def test_bots_and_programs_are_left_out(agent: str) -> None:
    assert reason(line(agent=agent)) == LeftOut.BOT


@pytest.mark.parametrize(
    "raw",
    [
        b"hello",
        b"\x00\xff\xfe",
        b"{}",
        b'{"ts":',
        b'{"ts":1,"status":200,"request":' + b"[" * 5_000,
        line().rstrip()[:-1],  # cut within the user agent
        line() + b"x" * 70_000,
        b'203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" abc 1',
        b'"' * 60_000,
        b'1.2.3.4 - - [17/May/2015:10:05:03 +0000] "' + b'\\"' * 30_000,
    ],
)
def test_broken_lines_are_counted_and_passed_over(raw: bytes) -> None:
    log = importer()
    hits = list(log.hits([raw, line()]))
    assert len(hits) == 1
    assert (log.tally.lines, log.tally.imported, log.tally.left_out) == (2, 1, {LeftOut.UNREADABLE: 1})
    assert log.tally.examples == ["Line 1 is in no format we read."]


def test_blank_lines_are_not_lines() -> None:
    log = importer()
    assert len(list(log.hits([b"", b"\r\n", line(), b"   "]))) == 1
    assert log.tally.lines == 1
