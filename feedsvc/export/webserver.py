"""What a web server must be told to give a folder as our own server would: nginx, _redirects. Pure.

Rules go by the shape of an address, so that nginx need not be reloaded for a new article: only for
what is an exception, a redirect, or new in the config.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from feedsvc.export.layout import GONE, STATE
from feedsvc.export.manifest import Headers, Record
from feedsvc.labels import quote_path

REDIRECTS, NGINX_MAP = "_redirects", "nginx-redirects.map"
NGINX_HTTP, NGINX_SITE = "nginx.conf", "nginx-site.conf"

# Stands in a kept header for the path that it is of, so that those of all feeds are alike.
OWN_PATH = "{path}"

# What of our answers a rule repeats; other headers are about a connection or one answer alone.
_HEADERS = (
    "Content-Type",
    "Cache-Control",
    "Vary",
    "Link",
    "X-Content-Type-Options",
    "Content-Security-Policy",
    "Referrer-Policy",
    "Surrogate-Key",
    "Surrogate-Control",
)

_MOVED = "_moved"

# The shapes of addresses, each beginning below `/`; what has none is an exception by itself.
_SHAPES = (
    (re.compile(rf"/{_MOVED}/"), rf"^/{_MOVED}/"),
    (re.compile(rf"/{GONE}/(articles|feeds|sections)/"), rf"^/{GONE}/{{0}}/"),
    (re.compile(r"/articles/"), r"^/articles/"),
    (re.compile(r"/sections/"), r"^/sections/"),
    (re.compile(r"/feeds/.+/archive/\d+\.(\w+)$"), r"^/feeds/.+/archive/[0-9]+\.{0}$"),
    (re.compile(r"/feeds/.+\.(\w+)$"), r"^/feeds/.+\.{0}$"),
    (re.compile(r"/media/.+\.(\w+)$"), r"^/media/.+\.{0}$"),
    (re.compile(r"/sitemap-\d+\.xml$"), r"^/sitemap-[0-9]+\.xml$"),
)

_HTTP = """\
# Written by feedsvc export at each run. Include it in http {{ }}, and {site} in a server {{ }}
# for this site: docs/export.md. Reload nginx when either, or {map}, has changed.
map_hash_max_size 262144;
map_hash_bucket_size 1024;

geo $feedsvc_dollar {{ default "$"; }}

# The path below the site's own, as it was asked for.
map $uri $feedsvc_path {{
    default $uri;
{base}}}

# The file there.
map $feedsvc_path $feedsvc_file {{
    default $feedsvc_path;
    "~/$" "${{feedsvc_path}}index.html";
    "~^/(?:articles|sections)/." "$feedsvc_path.html";
}}

# The strongest coding that a reader takes: each has been made, so nothing is compressed here.
map $http_accept_encoding $feedsvc_coding {{
    default "";
{codings}}}
map $uri $feedsvc_encoding {{
    default "";
    "~\\.br$" br;
    "~\\.zst$" zstd;
    "~\\.gz$" gzip;
}}

map $feedsvc_path $feedsvc_moved {{
    default "";
    include {include};
}}

{headers}
# A 304 says nothing of the body.
map $status $feedsvc_shown_type {{ default $feedsvc_content_type; 304 ""; }}
map $status $feedsvc_shown_encoding {{ default $feedsvc_encoding; 304 ""; }}
"""

_SITE = """\
# Written by feedsvc export at each run: see {http}, which belongs into http {{ }}.
# The folder is the root of the site's own addresses only: it holds what is nobody's business.
charset off;
gzip off;
etag on;
# A reader's date that is newer than a file's own is as good (RFC 9110, 13.1.3).
if_modified_since before;
absolute_redirect off;
types {{ }}
default_type "";
error_page 404 /404.html;
error_page 410 /{gone}$feedsvc_path;

set $feedsvc_key $feedsvc_path;
if ($feedsvc_moved) {{
    set $feedsvc_key /{moved}$feedsvc_path;
    return 301 $feedsvc_moved;
}}
{adds}
location {base}/ {{
    root {root};
    if (-f $document_root/{gone}$feedsvc_path) {{ return 410; }}
    try_files $feedsvc_file$feedsvc_coding $feedsvc_file =404;
}}
location {base}/feeds/ {{
    root {root};
    error_page 404 = @feedsvc_no_feed;
    error_page 410 /{gone}$feedsvc_path;
    if (-f $document_root/{gone}$feedsvc_path) {{ return 410; }}
    try_files $feedsvc_file$feedsvc_coding $feedsvc_file =404;
}}
# What lies in the folder and is no address of the site.
location ~ "^{pattern}/(?:{state}|_|nginx|.*\\.(?:gz|br|zst|html)$)" {{ return 404; }}
location ^~ /{gone}/ {{
    root {root};
    internal;
    set $feedsvc_key $uri;
{always}}}
location = /404.html {{
    root {root};
    internal;
{missing}}}
location @feedsvc_no_feed {{
    default_type "text/plain; charset=utf-8";
    add_header Cache-Control "max-age=60" always;
    add_header X-Content-Type-Options nosniff always;
    return 404 "404 Not Found\\n";
}}
"""


def write_redirects(records: Mapping[str, Record]) -> bytes:
    """Return the redirects as Netlify, Cloudflare Pages and others read them."""
    lines = [
        f"{quote_path(path)} {one.location} 301\n"
        for path, one in sorted(records.items())
        if one.location
    ]
    return "".join(lines).encode()


def write_nginx_map(records: Mapping[str, Record], base: str) -> bytes:
    """Return the redirects as the inside of a map of nginx, from path to address."""
    moved = {path: one.location for path, one in records.items() if one.location}
    if base:
        moved[base] = f"{base}/"
    lines = [f"{_quote(path)} {_quote(there, value=True)};\n" for path, there in moved.items()]
    return "".join(sorted(lines)).encode()


def write_nginx_http(
    records: Mapping[str, Record], looks: list[Headers], base: str, root: str
) -> bytes:
    """Return what nginx must know in its http block; ``root`` is the folder, ``base`` the path."""
    maps, groups = [], _group(records)
    for header in _list_headers(looks):
        rules = "".join(f"    {rule}\n" for rule in _write_rules(header, groups, looks))
        maps.append(f'map $feedsvc_key {_variable(header)} {{\n    default "";\n{rules}}}\n')
    under = f'    "~^{re.escape(base)}(?<feedsvc_rest>/.*)$" $feedsvc_rest;\n' if base else ""
    return _HTTP.format(
        site=NGINX_SITE,
        map=NGINX_MAP,
        include=_quote(f"{root}/{NGINX_MAP}"),
        base=under,
        codings="".join(_accept(name, end) for name, end in _CODINGS),
        headers="\n".join(maps),
    ).encode()


def write_nginx_site(
    records: Mapping[str, Record], looks: list[Headers], base: str, root: str
) -> bytes:
    """Return what nginx must know in the server block of this site."""
    headers = list(_list_headers(looks))
    shown = {name: _variable(name) for name in headers}
    shown["Content-Type"] = "$feedsvc_shown_type"
    adds = [f"add_header {name} {value};\n" for name, value in shown.items()]
    adds.append("add_header Content-Encoding $feedsvc_shown_encoding;\n")
    always = [f"    add_header {name} {_variable(name)} always;\n" for name in headers]
    missing = records.get("/404.html")
    told = looks[missing.look] if missing else ()
    said = [
        f"    add_header {name} {_quote(text, value=True)} always;\n"
        for name, text in told
        if name in _HEADERS
    ]
    return _SITE.format(
        http=NGINX_HTTP,
        root=_quote(root, value=True),
        gone=GONE,
        moved=_MOVED,
        state=re.escape(STATE),
        base=base,
        pattern=re.escape(base),
        adds="".join(adds),
        always="".join(always),
        missing="".join(said),
    ).encode()


_CODINGS = (("br", ".br"), ("zstd", ".zst"), ("gzip", ".gz"))


def _accept(name: str, end: str) -> str:
    """Return the rule for a coding that a reader names, unless with a weight of 0."""
    nothing = r"\s*;\s*q=0(?:\.0*)?\s*(?:,|$)"
    return f'    "~*(?:^|[\\s,]){name}(?!{nothing})\\s*(?:[;,]|$)" {end};\n'


def _list_headers(looks: list[Headers]) -> Iterator[str]:
    there = {name for headers in looks for name, _ in headers}
    return (name for name in _HEADERS if name in there)


def _variable(header: str) -> str:
    return f"$feedsvc_{header.lower().replace('-', '_')}"


_Shape = tuple[int, str]
# The addresses that have a shape and the headers of a number, and whether they only lead elsewhere.
_Groups = Mapping[tuple[_Shape, int, bool], Sequence[str]]


def _group(records: Mapping[str, Record]) -> _Groups:
    """Return the addresses that no header tells apart: few groups, however many there are."""
    groups: dict[tuple[_Shape, int, bool], list[str]] = {}
    for path, record in records.items():
        if path.startswith("/"):
            moved = bool(record.location)
            key = f"/{_MOVED}{path}" if moved else f"/{GONE}{path}" if record.gone else path
            groups.setdefault((_shape_of(key), record.look, moved), []).append(key)
    return groups


def _write_rules(header: str, groups: _Groups, looks: list[Headers]) -> Iterator[str]:
    """Yield the rules of one header: exceptions by address, then what holds for a shape."""
    values = [dict(headers).get(header, "") for headers in looks]

    def value_of(look: int, moved: bool) -> str:
        # nginx has a text of its own for redirects.
        return "" if moved and header == "Content-Type" else values[look]

    counts: dict[_Shape, Counter[str]] = {}
    for (shape, look, moved), keys in groups.items():
        counts.setdefault(shape, Counter())[value_of(look, moved)] += len(keys)
    common = {
        shape: min(found, key=lambda value: (-found[value], value)) if shape[1] else ""
        for shape, found in counts.items()
    }
    exact = (
        (key, value)
        for (shape, look, moved), keys in groups.items()
        if (value := value_of(look, moved)) != common[shape]
        for key in keys
    )
    for key, value in sorted(exact):
        yield f"{_quote(key)} {_quote(value, value=True)};"
    for shape in sorted(common):  # an archive's before that of all feeds
        if shape[1]:
            yield f"{_quote('~' + shape[1])} {_quote(common[shape], value=True)};"


def _shape_of(key: str) -> _Shape:
    """Return the pattern of nginx that an address has, and its place among all; empty if none."""
    for place, (shape, pattern) in enumerate(_SHAPES):
        if match := shape.match(key):
            return place, pattern.replace("{0}", match[1] if match.groups() else "")
    return len(_SHAPES), ""


def _quote(text: str, value: bool = False) -> str:
    """Return a word of nginx's language; in a ``value``, ``$`` would begin a variable."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    if value:
        text = text.replace("$", "${feedsvc_dollar}").replace(OWN_PATH, "$feedsvc_path")
    return f'"{text}"'
