"""The feed of problems: what needs a person, as Atom for whoever looks after the site."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import datetime
from xml.sax.saxutils import escape

from flask import Response, request

from feedsvc.model import Entry, Feed
from feedsvc.render import FORMATS
from feedsvc.store import Problem
from feedsvc.web.site import LiveSite

# Nobody mends more at a time; the page has them all.
_ENTRIES_MOST = 100

_TITLE_CHARS = 100

# Readers that ask more often than this learn nothing sooner, in seconds.
_MAX_AGE = 900


def render_problems(live: LiveSite, token: str, sent: str) -> Response:
    """Return the feed, if the token that was ``sent`` is the right one; compared in constant time.

    Raises StoreError.
    """
    if not hmac.compare_digest(token.encode(), sent.encode()):
        return Response("The token is not the right one.\n", 403, content_type="text/plain")
    from feedsvc.scan import list_problems  # large, and workers that nobody asks for this need none

    now = live.clock()
    problems = list_problems(live.store, now, bool(live.config.sections))
    newest = sorted(problems, key=lambda one: one.since, reverse=True)[:_ENTRIES_MOST]
    feed = make_problem_feed(
        newest,
        live.config.site.tag,
        live.config.site.title,
        live.config.site.base_url,
        token,
        live.renewed,
    )
    body = FORMATS["atom"].render(feed)
    response = Response(body, content_type="application/atom+xml; charset=utf-8")
    response.headers["Cache-Control"] = f"private, max-age={_MAX_AGE}"
    response.set_etag(hashlib.blake2b(body, digest_size=12).hexdigest())
    response.make_conditional(request)
    return response


def make_problem_feed(
    problems: list[Problem], tag: str, title: str, base_url: str, token: str, since: datetime
) -> Feed:
    """Return problems as a feed; one that is reported again in other words is a new entry.

    ``since`` dates a feed in which there is none.
    """
    from feedsvc.scan import advise

    entries = []
    for one in problems:
        said = f"{one.path}\0{one.kind}\0{one.message}\0{one.since.isoformat()}"
        uid = uuid.UUID(bytes=hashlib.blake2b(said.encode(), digest_size=16).digest())
        advice = advise(one)
        first = one.message.partition("\n")[0][:_TITLE_CHARS] or one.kind
        content = f"<p>{escape(one.message)}</p>" + (f"<p>{escape(advice)}</p>" if advice else "")
        entries.append(
            Entry(
                id=f"urn:uuid:{uid}",
                uid=uid.hex[:16],
                title=f"{one.path}: {first}",
                link=f"{base_url}/admin/problems",
                published=one.since,
                updated=one.since,
                summary=one.message[:300],
                content=content,
                categories=(one.kind,),
            )
        )
    return Feed(
        name="problems",
        id=f"tag:{tag}:problems",
        title=f"Problems of {title}",
        description=f"What needs a person at {title}.",
        language="en",
        base=f"{base_url}/admin/problems",
        home=f"{base_url}/admin/problems",
        updated=max((one.since for one in problems), default=since),
        entries=tuple(entries),
        query=f"?token={token}",
    )
