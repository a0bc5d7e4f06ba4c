"""The fast path: everything in the publication, answered from memory before Flask is entered.

All headers are made when a publication is loaded, so that a request costs a dictionary look-up and
a few comparisons. HTTP by RFC 9110; what feed readers need of it by R1-R20.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from feedsvc.errors import BusyError, StoreError
from feedsvc.model import Publication, Representation
from feedsvc.partners import PREFIX
from feedsvc.readership import BARE, DELTA, FULL, UNCHANGED, Visit, VisitBuffer
from feedsvc.web.answers import SECURITY, Answer, Headers, Variant, prepare
from feedsvc.web.codings import order_codings
from feedsvc.web.delta import Deltas, wants_delta
from feedsvc.web.partners import key_of, name_of

log = logging.getLogger(__name__)

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

# Accept-Encoding comes in a few dozen forms; a flood of made-up ones must not fill the memory.
_ACCEPTS_KEPT = 1_000

# Archive documents are walked through by a new reader once; so many are remembered.
_MADE_KEPT = 64

# An If-None-Match longer than this is nobody's list of tags.
_CONDITION_MOST = 4_000

# Where something may be found that is not kept ready.
_FOUND = ("/feeds/", "/sitemap", "/news-sitemap.xml")


class FastPath:
    """WSGI middleware that answers what is published and hands everything else to ``app``."""

    def __init__(self, app: WsgiApp, base_path: str = "") -> None:
        self._app = app
        self._answers: dict[str, Answer] = {}
        self._accepts: dict[str, tuple[str, ...]] = {}
        self._prefix = base_path
        self.publication: Publication | None = None
        # Finds what is not kept ready: archive documents, feeds of other cuts, sitemaps.
        self.find: Callable[[str], Representation | None] | None = None
        self._made: dict[str, Answer] = {}
        # The feeds of other cuts that were asked for; who writes that down empties it.
        self.asked: set[str] = set()
        self._deltas: dict[str, Deltas] = {}
        # What partners' tokens open: apart from the rest, so that no path leads there.
        self._partners: dict[str, Answer] = {}
        # When partners came last; who writes that down empties it.
        self.polled: dict[str, datetime] = {}
        # Who reads feeds, for who writes that down; None if nobody shall be counted.
        self.visits: VisitBuffer | None = None

    def publish(self, publication: Publication, base_url: str, delta: bool = False) -> None:
        """Put a publication in force; requests under way finish with the one before.

        ``delta`` says that readers may have only what is new to them.
        """
        before = self.publication.representations if self.publication else {}
        self._deltas = _remember(self._deltas, before, publication) if delta else {}
        self._prefix = urlsplit(base_url).path.rstrip("/")
        answers: dict[str, Answer] = {}
        partners: dict[str, Answer] = {}
        for path, representation in publication.representations.items():
            name = path.encode().decode("latin-1")  # as WSGI has it (PEP 3333)
            private = path.startswith(PREFIX)
            old, new = (self._partners, partners) if private else (self._answers, answers)
            kept = before.get(path) is representation
            new[name] = old[name] if kept else prepare(representation, path)
        self._answers, self._partners = answers, partners
        self._made = {}
        self.publication = publication

    def forget(self) -> None:
        """Make archive documents anew when they are asked for: something was written."""
        self._made = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        answer = self._answers.get(path)
        if answer is None and self._prefix and path.startswith(self._prefix + "/"):
            # A proxy that passes the whole path on: https://host/news/feeds/... with base .../news
            path = path[len(self._prefix) :]
            environ = {**environ, "PATH_INFO": path, "SCRIPT_NAME": self._prefix}
            answer = self._answers.get(path)
        if answer is None and path.startswith(PREFIX):
            answer = self._partners.get(key_of(path, environ.get("QUERY_STRING", "")))
            if answer is None:
                return self._miss(environ, start_response, "no-store")
            self.polled[name_of(path)] = datetime.now(UTC)
        if answer is None and path.startswith(_FOUND):
            try:
                answer = self._look_up(path)
            except BusyError:
                return self._say_wait(environ, start_response)
            except StoreError as error:
                log.error("%s", error)
                return self._say_wait(environ, start_response)
            except Exception:
                log.exception("a request failed: %s", path)
                return self._refuse(environ, start_response, "500 Internal Server Error")
        if answer is None:
            if path.startswith("/feeds/"):
                return self._miss(environ, start_response)
            if path == self._prefix != "":
                return _redirect(start_response, f"{path}/", environ["REQUEST_METHOD"])
            return self._app(environ, start_response)
        if answer.cut:
            self.asked.add(answer.cut)
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            allow = ("Allow", "GET, HEAD")
            return self._refuse(environ, start_response, "405 Method Not Allowed", allow)
        try:
            variant = self._choose(answer, environ.get("HTTP_ACCEPT_ENCODING", ""))
            unchanged = _is_unchanged(answer, variant, environ)
            headers = _dated(answer, variant.unchanged if unchanged else variant.headers)
        except Exception:  # whatever we missed: a reader gets plain text, the log the rest
            log.exception("a request failed: %s %s", method, path)
            return self._refuse(environ, start_response, "500 Internal Server Error")
        if self._deltas and not unchanged and method == "GET" and "HTTP_A_IM" in environ:
            made = self._find_delta(path, environ)
            if made is not None:
                if self.visits is not None:
                    next(self.visits.counters[_visit(answer, environ, DELTA, len(made.body))])
                start_response("226 IM Used", made.headers)
                return [made.body]
        # A list, because the server sends one whole and anything else piece by piece, which costs a
        # tenth of the requests.
        body = [] if unchanged or method == "HEAD" else [variant.body]
        if answer.counted and (visits := self.visits) is not None:
            if unchanged:
                kind, length = UNCHANGED, 0
            else:
                kind = FULL if _has_condition(environ) else BARE
                length = len(body[0]) if body else 0
            get = environ.get
            visit = (  # as _visit, whose call would cost a quarter of counting
                answer.counted,
                get("HTTP_USER_AGENT"),
                get("REMOTE_ADDR"),
                get("HTTP_X_FORWARDED_FOR"),
                kind,
                length,
            )
            next(visits.counters[visit])
        elif path.startswith("/feeds/"):
            self._note(path, answer.status)
        start_response("304 Not Modified" if unchanged else answer.status, headers)
        return body

    def _choose(self, answer: Answer, accept: str) -> Variant:
        order = self._accepts.get(accept)
        if order is None:
            order = order_codings(accept)
            if len(self._accepts) < _ACCEPTS_KEPT:
                self._accepts[accept] = order
        variants = answer.variants
        for coding in order:
            variant = variants.get(coding)
            if variant is not None:
                return variant
        return variants["identity"]

    def _find_delta(self, path: str, environ: dict[str, Any]) -> Variant | None:
        """Return a delta answer, if the reader asks for one and has a state that we know."""
        deltas = self._deltas.get(path)
        now = self.publication.representations.get(path) if self.publication else None
        if deltas is None or now is None:
            return None
        if not wants_delta(environ["HTTP_A_IM"][:200], environ.get("HTTP_USER_AGENT", "")):
            return None
        for tag in _list_tags(environ.get("HTTP_IF_NONE_MATCH", "")):
            if (body := deltas.find(tag, now)) is not None:
                headers = [
                    ("Content-Type", now.content_type),
                    ("Content-Length", str(len(body))),
                    ("IM", "feed"),
                    ("ETag", f'"{now.etag}"'),
                    ("Delta-Base", f'"{tag}"'),
                    # Caches that do not know IM must not keep it (P60).
                    ("Cache-Control", "no-store, im"),
                    ("Vary", "Accept-Encoding"),
                    *([("Link", now.link)] if now.link else ()),
                    *SECURITY,
                ]
                return Variant(now.etag, body, headers, [])
        return None

    def _look_up(self, path: str) -> Answer | None:
        """Return the answer of what is not kept ready, made now or a short while ago."""
        # Kept where it was looked for: what is written meanwhile begins a new map, and an answer
        # that does not know of it must not stand there.
        made = self._made
        answer = made.get(path)
        if answer is None and self.find is not None and (found := self.find(path)):
            answer = prepare(found, path.encode("latin-1").decode(), is_kept=False)
            if len(made) >= _MADE_KEPT:
                made.clear()
            made[path] = answer
        return answer

    def _say_wait(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer that this is for a moment only: nobody may take it for "no such feed" (R24)."""
        wait = ("Retry-After", "5")
        return self._refuse(environ, start_response, "503 Service Unavailable", wait)

    def _miss(
        self, environ: dict[str, Any], start_response: StartResponse, cache: str = "max-age=60"
    ) -> Iterable[bytes]:
        if self.publication is None or not self.publication.revision:
            return self._say_wait(environ, start_response)
        return self._refuse(environ, start_response, "404 Not Found", ("Cache-Control", cache))

    def _refuse(
        self,
        environ: dict[str, Any],
        start_response: StartResponse,
        status: str,
        *headers: tuple[str, str],
    ) -> Iterable[bytes]:
        self._note(environ["PATH_INFO"], status)
        return _say(start_response, status, [*headers], environ["REQUEST_METHOD"])

    def _note(self, path: str, status: str) -> None:
        """Count an answer below /feeds/ that is no feed."""
        if self.visits is not None and path.startswith("/feeds/") and path != "/feeds/":
            self.visits.note_other(status)


def _is_unchanged(answer: Answer, variant: Variant, environ: dict[str, Any]) -> bool:
    """Whether the client has this state already (R2-R5, R9, R12); the ETag wins over the date."""
    if not answer.tag:
        return False
    condition = environ.get("HTTP_IF_NONE_MATCH")
    if condition is not None:
        return condition == variant.etag or _matches(condition, answer.tag)
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since[:64]).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return False
    # A date ahead of our clock is no date that we ever gave.
    return answer.modified <= moment <= time.time()


def _has_condition(environ: dict[str, Any]) -> bool:
    return "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ


def _visit(answer: Answer, environ: dict[str, Any], kind: str, length: int) -> Visit:
    """Return what is counted of a request."""
    return (
        answer.counted,
        environ.get("HTTP_USER_AGENT"),
        environ.get("REMOTE_ADDR"),
        environ.get("HTTP_X_FORWARDED_FOR"),
        kind,
        length,
    )


def _matches(condition: str, tag: str) -> bool:
    """Compare weakly (R5)."""
    return condition.strip() == "*" or tag in _list_tags(condition)


def _list_tags(condition: str) -> Iterator[str]:
    """Yield the tags of an If-None-Match as they were first given.

    Proxies add ``W/`` or the name of an encoding to a tag (R5).
    """
    for item in condition[:_CONDITION_MOST].split(","):
        tag = item.strip().removeprefix("W/").strip('"')
        yield tag.partition("-")[0]


def _remember(
    deltas: dict[str, Deltas], before: Mapping[str, Representation], publication: Publication
) -> dict[str, Deltas]:
    """Return the known states of all feeds, with those that the publication replaces."""
    found = {}
    for path, now in publication.representations.items():
        if path.startswith("/feeds/") and now.etag and not now.location and not now.gone:
            if "html" in now.content_type:
                continue
            found[path] = deltas.get(path) or Deltas()
            old = before.get(path)
            if old is not None and old is not now and not old.location and not old.gone:
                found[path].remember(old)
    return found


def _dated(answer: Answer, headers: Headers) -> Headers:
    """Return the headers without a Last-Modified that would be in the future (R7).

    Changes within one second are dated a second apart (R8), so the newest may run ahead a little.
    Until its second comes, the ETag alone tells the states apart: a date that two of them share
    would make a reader that goes by dates throw the second one away.
    """
    if answer.modified <= time.time():
        return headers
    return [(name, value) for name, value in headers if name != "Last-Modified"]


def _redirect(start_response: StartResponse, location: str, method: str) -> Iterable[bytes]:
    headers = [("Location", location), ("Cache-Control", "max-age=3600")]
    return _say(start_response, "301 Moved Permanently", headers, method)


def _say(
    start_response: StartResponse, status: str, headers: Headers, method: str
) -> Iterable[bytes]:
    """Answer with the status as short plain text: feed readers show nobody a page."""
    body = f"{status}\n".encode()
    start_response(
        status,
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            *SECURITY,
            *headers,
        ],
    )
    return () if method == "HEAD" else (body,)
