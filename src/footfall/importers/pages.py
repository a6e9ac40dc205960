"""Which requests of an access log are page views: what a person opened in a browser and was shown."""

import re
from functools import lru_cache

from footfall.importers.log_line import LogLine
from footfall.importers.tally import LeftOut

# What a page loads or a person downloads. An unknown extension (/v1.2, /about.html, /index.php) is a page.
_EXTENSIONS = """
css scss less js mjs cjs jsx ts tsx map wasm htc woff woff2 ttf otf eot
png apng jpg jpeg jpe jfif gif svg svgz webp avif bmp tif tiff ico cur heic heif
mp3 m4a m4b aac ogg oga opus wav flac mid
mp4 m4v m4s webm ogv avi mov mkv mpg mpeg wmv flv swf m3u m3u8 vtt srt
pdf ps doc docx xls xlsx ppt pptx odt ods odp rtf epub mobi
zip gz tgz bz2 tbz xz txz zst 7z rar tar jar war
exe msi msix dmg pkg deb rpm apk aab ipa iso img bin whl gem crx xpi asc sig md5 sha1 sha256 sha512 torrent
xml xsl xslt rss atom rdf json jsonld json5 geojson topojson ndjson txt csv tsv ics vcf gpx kml kmz
yml yaml toml ini conf log sql bak env webmanifest manifest appcache
"""
ASSETS = frozenset(_EXTENSIONS.split())

_ENDPOINTS = re.compile(
    r"/(?:wp-json|wp-cron\.php|xmlrpc\.php|wp-admin/admin-ajax\.php|cdn-cgi|server-status|healthz?|livez|readyz"
    r"|favicon|_next/(?:data|image|static)|__webpack_hmr)(?=/|$)",
    re.IGNORECASE,
)
_FEED = re.compile(r"/(?:feeds?|rss2?|atom)(?:/(?:rss2?|atom|rdf|default))?/?$", re.IGNORECASE)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|flav)=(?:feed|rss|atom|rdf)", re.IGNORECASE)


def is_page(uri: str) -> bool:
    """Whether a person looks at what `uri` (path and query) names, going by its name."""
    path, _, query = uri.partition("?")
    is_one = _is_page_path(path) if len(path) > _MAX_REMEMBERED else _remembered(path)
    return is_one and not (query and _FEED_QUERY.search(query))


def _is_page_path(path: str) -> bool:
    if not path.startswith("/") or "/." in path:  # another server's, a hidden file, /.well-known/
        return False
    _, dot, extension = path.rpartition("/")[2].partition(";")[0].rpartition(".")
    if dot and extension.lower() in ASSETS:
        return False
    return not (_ENDPOINTS.match(path) or _FEED.search(path))


_MAX_REMEMBERED = 256
"""Characters of a path that is worth remembering: most lines ask for one of few."""

_remembered = lru_cache(8_192)(_is_page_path)


def left_out(line: LogLine) -> LeftOut | None:
    """Why `line` is no page view, by its method, status and address; None if it is one."""
    if line.method != "GET":
        return LeftOut.METHOD
    status = line.status
    if not 200 <= status < 300 and status != 304:
        return LeftOut.REDIRECT if 300 <= status < 400 else LeftOut.ERROR
    return None if is_page(line.uri) else LeftOut.ASSET
