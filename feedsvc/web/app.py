"""The Flask app behind the fast path: articles, media, health, and kind answers to the rest."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException

from feedsvc.config import Config
from feedsvc.errors import StoreError
from feedsvc.model import MediaFile
from feedsvc.publication import make_entry, make_feed, page_path
from feedsvc.render import render_article, render_message
from feedsvc.store import WHOLE_SITE, StoredEntry
from feedsvc.surrogates import write_key_headers
from feedsvc.web.admin import add_admin
from feedsvc.web.answers import PAGE_SECURITY, SECURITY
from feedsvc.web.fastpath import FastPath
from feedsvc.web.health import add_health
from feedsvc.web.hub import add_hub
from feedsvc.web.media import MediaDesk
from feedsvc.web.metrics import add_metrics
from feedsvc.web.rsscloud import add_rsscloud
from feedsvc.web.site import LiveSite

log = logging.getLogger(__name__)

# A page of an article may be five minutes old; its feed entry never waits for that.
ARTICLE_MAX_AGE = 300

# What is answered here and kept by caches; everything else that they keep is on the fast path.
_KEYED = ("/articles/", "/media/")

_WITHDRAWN = "This article was withdrawn, and is no longer available here."
_MISSING = "There is no page at this address. The newest articles are on the front page."
_TROUBLE = "This page cannot be made right now. Please try again in a moment; the feeds go on."


def create_app(live: LiveSite) -> Flask:
    """Return the app that serves ``live``; its ``wsgi_app`` is wrapped by the fast path."""
    app = Flask("feedsvc", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    # Else //x would be answered with a redirect to whatever host the request named (F22).
    app.url_map.merge_slashes = False
    desk = MediaDesk()

    @app.get("/articles/<string(length=16):uid>")
    @app.get("/articles/<string(length=16):uid>-")
    @app.get("/articles/<string(length=16):uid>-<slug>")
    def show_article(uid: str, slug: str = "") -> Response:
        config, now = live.config, live.clock()
        found = live.read_article(uid)
        if found is None:
            abort(404)
        stored, media = found
        if not (stored.is_public(now) or stored.was_public(now)):
            abort(404)
        if not stored.is_public(now):
            return _page(render_message(config.site, 410, "This article is gone", _WITHDRAWN), 410)
        canonical = page_path(stored)
        if request.path != canonical:
            # Not for long: a headline that changes and changes back would lead in a circle.
            return Response(
                status=301,
                headers={
                    "Location": live.base_path + canonical,
                    "Cache-Control": f"public, max-age={ARTICLE_MAX_AGE}",
                },
            )
        page = _render(stored, media, config, live.base_path)
        # A page is as new as its article or, where that is later, as the config around it.
        return _conditional(page, min(max(stored.updated, live.renewed), now))

    @app.get("/media/<path:path>")
    def show_media(path: str) -> Response:
        return desk.answer(live.config.content.folder, path, request, live.clock())

    add_hub(app, live)
    add_rsscloud(app, live)
    add_health(app, live)
    add_metrics(app, live)
    add_admin(app, live)

    @app.get("/favicon.ico")
    def show_icon() -> Response:
        return Response(status=404, headers={"Cache-Control": "max-age=86400"})

    @app.errorhandler(HTTPException)
    def show_http_error(error: HTTPException) -> Response:
        code = error.code or 500
        if code == 404 and not live.is_loaded:
            return _ask_to_wait(live.config, "2")
        if code == 404:
            page = render_message(live.config.site, 404, "Page not found", _MISSING)
        else:
            text = error.description or _TROUBLE
            page = render_message(live.config.site, code, error.name, text)
        response = _page(page, code)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    @app.errorhandler(StoreError)
    def show_store_trouble(error: StoreError) -> Response:
        log.error("%s", error)
        return _ask_to_wait(live.config, "10")

    @app.errorhandler(Exception)
    def show_bug(error: Exception) -> Response:
        log.exception("a request failed: %s %s", request.method, request.path)
        return _page(render_message(live.config.site, 500, "Something broke", _TROUBLE), 500)

    @app.after_request
    def add_keys(response: Response) -> Response:
        if request.path.startswith(_KEYED) and response.cache_control.public:
            response.headers.extend(write_key_headers(request.path))
        return response

    @app.after_request
    def add_security(response: Response) -> Response:
        for name, value in (*SECURITY, *PAGE_SECURITY):
            response.headers.setdefault(name, value)
        return response

    fast = FastPath(app.wsgi_app)
    live.attach(fast)
    app.wsgi_app = fast  # type: ignore[method-assign]
    return app


def _render(
    stored: StoredEntry, media: Mapping[str, MediaFile], config: Config, base_path: str
) -> bytes:
    filed = [name for name in stored.filing.sections if name in config.sections]
    sections = [(config.sections[name].title, f"{base_path}/sections/{name}") for name in filed]
    # Without entries: the page only names where the feed is (R59).
    name = filed[0] if filed else WHOLE_SITE
    feed = make_feed(name, (), config, config.site.tag, stored.updated)
    entry = make_entry(stored, config, media)
    return render_article(config.site, entry, sections, feed=feed)


def _ask_to_wait(config: Config, seconds: str) -> Response:
    """Answer that something is missing for a moment only: nobody may take it for gone (R24)."""
    response = _page(render_message(config.site, 503, "One moment, please", _TROUBLE), 503)
    response.headers["Retry-After"] = seconds
    return response


def _conditional(page: bytes, modified: datetime) -> Response:
    response = _page(page, 200)
    response.set_etag(hashlib.blake2b(page, digest_size=12).hexdigest())
    response.headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    response.headers["Cache-Control"] = f"public, max-age={ARTICLE_MAX_AGE}"
    response.make_conditional(request)
    return response


def _page(page: bytes, status: int) -> Response:
    response = Response(page, status, content_type="text/html; charset=utf-8")
    if status >= 400:
        response.headers["Cache-Control"] = "no-cache"
    return response
