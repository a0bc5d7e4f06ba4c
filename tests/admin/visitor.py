"""A person at the desk: keeps cookies, fills in forms, and reads what the pages say."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping, Sequence
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from sites import Answer, wait_until

COOKIE = "feedsvc_admin"
FORM = "application/x-www-form-urlencoded"


class Visitor:
    """One browser's worth of state; ``headers`` are sent with everything."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self.port = port
        self.headers = dict(headers or {})
        self.cookie = ""
        self.csrf = ""
        self.set_cookies: list[str] = []

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page of the desk; remember its cookie, and the token of its forms."""
        return self._ask("GET", path, None, headers)

    def post(self, path: str, *, csrf: str | None = None, **fields: str | Sequence[str]) -> Answer:
        """Send a form, with the token of the page seen last unless another one is given."""
        values = {"csrf": self.csrf if csrf is None else csrf, **fields}
        body = urlencode(values, doseq=True).encode()
        return self._ask("POST", path, body, {"Content-Type": FORM})

    def follow(self, answer: Answer) -> Answer:
        """Go where an answer leads; it must be a page of the desk."""
        assert answer.status == 303, answer
        location = answer.headers["location"]
        assert location.startswith("/admin/"), location
        return self.get(location.removeprefix("/admin"))

    def sign_in(self, password: str, **fields: str) -> Answer:
        """Type a password into the form at the door."""
        self.get("/sign-in")
        return self.post("/sign-in", password=password, **fields)

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {**self.headers, **{name.replace("_", "-"): one for name, one in headers.items()}}
        if self.cookie:
            sent["Cookie"] = f"{COOKIE}={self.cookie}"
        try:
            connection.request(method, f"/admin{path}", body, sent)
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        self.set_cookies = response.headers.get_all("Set-Cookie") or []
        for line in self.set_cookies:
            self.cookie = SimpleCookie(line)[COOKIE].value
        found = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, found, data)
        if found.get("content-type", "").startswith("text/html"):
            token = re.search(r'name="csrf" value="([^"]+)"', answer.text)
            self.csrf = token[1] if token else self.csrf
        return answer


def said(answer: Answer) -> list[str]:
    """Return what a page says in its notes: of what was done, and what needs a hand."""
    notes = re.findall(r'<(p|div|form)[^>]* class="note[^>]*>(.*?)</\1>', answer.text, re.S)
    return [plain(one) for _, one in notes]


def plain(html: str) -> str:
    """Return the words of a piece of HTML."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def uid_of(answer: Answer, title: str) -> str:
    """Return the uid of the article that a page links to by this title."""
    for uid, name in re.findall(r'/admin/articles/([0-9a-f]{16})">([^<]*)</a>', answer.text):
        if unescape(name).strip() == title:
            return str(uid)
    raise AssertionError(f"{title} is not on the page: {plain(answer.text)}")


def open_article(visitor: Visitor, title: str) -> str:
    """Go to an article's page, which has forms; return its uid."""
    uid = uid_of(visitor.get("/articles"), title)
    assert visitor.get(f"/articles/{uid}").status == 200
    return uid


def wait_for_note(visitor: Visitor, path: str, words: str) -> list[str]:
    """Wait until a page has a note with these words, for what the engine does by itself."""
    return wait_until(lambda: [one for one in said(visitor.get(path)) if words in one])
