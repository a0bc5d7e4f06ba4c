"""The blueprint: who may see what, what every page has, and signing in and out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from flask import Blueprint, Flask, Response, abort, current_app, g, request
from werkzeug.exceptions import HTTPException

from feedsvc.errors import KeyFileError
from feedsvc.render import STATIC
from feedsvc.web.admin.gate import Gate, Visitor
from feedsvc.web.admin.orders import OrderDesk
from feedsvc.web.admin.pages import Pages
from feedsvc.web.admin.pictures import PICTURES, draw
from feedsvc.web.admin.problemfeed import render_problems
from feedsvc.web.admin.words import count, share, size, span, write_ago, write_moment
from feedsvc.web.site import LiveSite

_HERE = Path(__file__).parent
_STYLESHEET = (_HERE / "static" / "desk.css").read_bytes()
_STYLESHEET_NAME = f"desk.{hashlib.blake2b(_STYLESHEET, digest_size=6).hexdigest()}.css"

_ICON = next(path for path in STATIC if path.endswith(".svg"))

# An own stylesheet and pictures made here; nothing from elsewhere, no script at all.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# A picture is a document of its own, with its own style.
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

# The pages, in the order of the navigation: path, title, and the method that makes each.
_PAGES = (
    ("", "Overview", "overview"),
    ("review", "Review", "review"),
    ("problems", "Problems", "problems"),
    ("articles", "Articles", "articles"),
    ("withdrawals", "Withdrawals", "withdrawals"),
    ("readers", "Readers", "readers"),
    ("hub", "Hub", "hub"),
    ("config", "Config", "config"),
    ("engine", "Engine", "engine"),
)

# What anybody may ask for who has no session yet.
_OPEN = ("admin.show_sign_in", "admin.sign_in", "admin.show_style", "admin.show_problem_feed")


def add_admin(app: Flask, live: LiveSite) -> None:
    """Let ``app`` answer below /admin/."""
    app.register_blueprint(_Desk(live).make_blueprint(), url_prefix="/admin")


class _Desk:
    """The desk on behalf of one worker."""

    def __init__(self, live: LiveSite) -> None:
        self._live = live
        self._gate = Gate(live)
        self._pages = Pages(live)
        self._orders = OrderDesk(live, self.path)
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            moment=self._write_moment, ago=self._write_ago, size=size, share=share, count=count,
            span=span,
        )  # fmt: skip

    def make_blueprint(self) -> Blueprint:
        """Return all addresses of the desk."""
        admin = Blueprint("admin", __name__)
        admin.before_request(self._check)
        admin.after_request(self._finish)
        admin.register_error_handler(KeyFileError, self._show_key_trouble)
        admin.register_error_handler(HTTPException, self._show_error)
        admin.add_url_rule("", "door", lambda: self._go(self.path("")), methods=["GET"])
        for path, title, name in _PAGES:
            view = partial(self._show, name, title)
            admin.add_url_rule(f"/{path}", name, view, methods=["GET"])
        admin.add_url_rule("/articles/<uid>", "article", self._show_article, methods=["GET"])
        admin.add_url_rule("/articles/<uid>", "order", self._order, methods=["POST"])
        admin.add_url_rule("/problems", "accept", self._accept, methods=["POST"])
        admin.add_url_rule("/problems.atom", "show_problem_feed", self._show_problem_feed)
        admin.add_url_rule("/pictures/<name>.svg", "picture", self._show_picture)
        admin.add_url_rule("/sign-in", "show_sign_in", self._show_sign_in, methods=["GET"])
        admin.add_url_rule("/sign-in", "sign_in", self._sign_in, methods=["POST"])
        admin.add_url_rule("/sign-out", "sign_out", self._sign_out, methods=["POST"])
        admin.add_url_rule(f"/{_STYLESHEET_NAME}", "show_style", self._show_style)
        return admin

    def path(self, path: str) -> str:
        """Return the path of an address below /admin/ as browsers ask for it."""
        return f"{self._live.base_path}/admin/{path}"

    # Before and after every answer

    def _check(self) -> Any:
        """Let in who may come; send others to the door."""
        if request.endpoint == "admin.show_style":
            return None
        visitor = g.visitor = self._gate.meet(request)
        if not visitor.has_password and not visitor.may_enter:
            return self._page("closed.html", "The desk is closed", 403)
        if request.method == "POST" and not self._gate.has_token(request, visitor):
            return self._page("stale.html", "This form is too old", 403)
        if request.endpoint in _OPEN or visitor.may_enter:
            return None
        if request.method != "GET":
            return self._page("stale.html", "This form is too old", 403)
        wanted = quote(request.path.removeprefix("/admin/"), safe="/")
        return self._go(f"{self.path('sign-in')}?next={wanted}")

    def _finish(self, response: Response) -> Response:
        """Keep everything out of caches and search engines, and the session alive."""
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        visitor: Visitor | None = g.get("visitor")
        is_page = request.method == "GET" and response.mimetype == "text/html"
        is_met = visitor and (visitor.may_enter or request.endpoint == "admin.show_sign_in")
        if visitor and is_page and is_met:
            self._gate.open_session(request, response, visitor, visitor.csrf, visitor.may_enter)
        return response

    # Pages

    def _show(self, name: str, title: str) -> Response:
        make: Callable[..., dict[str, Any]] = getattr(self._pages, name)
        values = make(request.args)
        if name == "problems":
            token = self._gate.problems_token()
            values["feed"] = f"{self._live.config.site.base_url}/admin/problems.atom?token={token}"
        return self._page(f"{name}.html", title, here=name, **values)

    def _show_article(self, uid: str) -> Response:
        values = self._pages.article(uid)
        if values is None:
            abort(404)
        return self._page("article.html", values["entry"].article.title, here="articles", **values)

    def _show_picture(self, name: str) -> Response:
        figures = self._pages.figures_of(name) if name in PICTURES else None
        if figures is None:
            abort(404)
        response = Response(draw(PICTURES[name], figures), content_type="image/svg+xml")
        response.headers["Content-Security-Policy"] = _PICTURE_POLICY
        return response

    def _show_problem_feed(self) -> Response:
        token = self._gate.problems_token()
        return render_problems(self._live, token, request.args.get("token", ""))

    def _show_style(self) -> Response:
        response = Response(_STYLESHEET, content_type="text/css; charset=utf-8")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    # What visitors do

    def _order(self, uid: str) -> Any:
        return self._orders.take(uid, request.form, self._who())

    def _accept(self) -> Any:
        return self._orders.accept_deletions(self._who())

    def _show_sign_in(self, trouble: str = "", status: int = 200) -> Response:
        if g.visitor.may_enter and not trouble:
            return self._go(self.path(""))
        return self._page(
            "sign_in.html", "Sign in", status, trouble=trouble, next=request.values.get("next", "")
        )

    def _sign_in(self) -> Response:
        if not g.visitor.has_password:
            return self._go(self.path(""))
        wait = self._gate.try_password(request, g.visitor, request.form.get("password", ""))
        if wait is None:
            response = self._go(self._find_next())
            csrf = hashlib.blake2b(g.visitor.csrf.encode(), digest_size=12).hexdigest()
            self._gate.open_session(request, response, g.visitor, csrf, True)
            return response
        if wait == 0:
            return self._show_sign_in("This is not the password.", 401)
        response = self._show_sign_in(f"There were too many tries: try again in {span(wait)}.", 429)
        response.headers["Retry-After"] = str(wait)
        return response

    def _sign_out(self) -> Response:
        response = self._go(self.path("sign-in"))
        self._gate.close_session(response)
        return response

    def _find_next(self) -> str:
        """Return where to go after signing in: a page of the desk, whatever a link says."""
        wanted = request.form.get("next", "")
        pages = {path for path, _, _ in _PAGES}
        known = wanted in pages or (wanted.startswith("articles/") and wanted[9:].isalnum())
        return self.path(wanted if known else "")

    def _who(self) -> str:
        """Return what the audit log calls who is here: there is one password."""
        return "dashboard"

    # Making pages

    def _page(self, template: str, title: str, status: int = 200, **values: Any) -> Response:
        live = self._live
        page = self._templates.get_template(template).render(
            site=live.config.site,
            sections=live.config.sections,
            title=title,
            path=self.path,
            home=live.base_path + "/",
            style=self.path(_STYLESHEET_NAME),
            icon=live.base_path + _ICON,
            pages=_PAGES,
            visitor=g.visitor,
            here=values.pop("here", ""),
            done=self._orders.find_outcome(request.args.get("done", "")) if status == 200 else None,
            **values,
        )
        return Response(page, status, content_type="text/html; charset=utf-8")

    def _go(self, path: str) -> Response:
        return Response(status=303, headers={"Location": path})

    def _show_error(self, error: HTTPException) -> Any:
        if error.code == 404 and g.get("visitor") and g.visitor.may_enter:
            return self._page("missing.html", "There is no such page", 404)
        return current_app.handle_http_exception(error)

    def _show_key_trouble(self, error: KeyFileError) -> Response:
        g.visitor = Visitor(False, "", "?", True)
        return self._page("trouble.html", "The desk cannot be opened", 503, text=str(error))

    def _write_moment(self, moment: Any) -> str:
        return write_moment(moment, self._live.config.site.timezone)

    def _write_ago(self, moment: Any) -> str:
        return write_ago(moment, self._live.clock())
