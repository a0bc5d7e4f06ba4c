"""Who may come to the desk: password, session, and the token of every form.

A session is a signed cookie; the key is beside the store, and another one for each password, so
that a new password ends all sessions. Without a password only this machine itself may come.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from flask import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.security import check_password_hash

from feedsvc.bulletin import read_config
from feedsvc.hub import derive_session_key
from feedsvc.web.admin.tries import clear_tries, find_wait, note_try, read_tries, write_tries
from feedsvc.web.clients import find_client, is_local, is_secure
from feedsvc.web.site import LiveSite

COOKIE = "feedsvc_admin"

# A week: who looks in daily signs in never again, and a forgotten machine not for ever.
SESSION_AGE = 7 * 86400

# No person types more, and hashing what a program sends costs time.
PASSWORD_MOST = 1_000

_TRIES_FACT = "sign_in_tries"

# Passwords that a worker checks at a time; of more, each is asked to come again, in seconds.
_AT_ONCE, _BUSY = 2, 3


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: whether they may see the desk, and what their forms must carry.

    ``password_hash`` is the site's as it was when they were met, empty if there is none: what this
    visitor is given must be good for that password alone, also if another one comes meanwhile.
    ``is_new`` says that there was no good cookie.
    """

    may_enter: bool
    csrf: str
    password_hash: str = field(repr=False)
    is_new: bool

    @property
    def has_password(self) -> bool:
        """Whether the site has a password."""
        return bool(self.password_hash)


class Gate:
    """Tells visitors apart, on behalf of one worker. Methods raise StoreError and KeyFileError."""

    def __init__(self, live: LiveSite) -> None:
        self._live = live
        # Checking a password costs a tenth of a second and 32 MB, in a thread that readers need.
        self._at_once = threading.BoundedSemaphore(_AT_ONCE)

    def meet(self, request: Request) -> Visitor:
        """Return who asks."""
        password_hash = self._password_hash()
        session = self._read_session(request.cookies.get(COOKIE, ""), password_hash)
        if not password_hash:
            csrf = session[0] if session else secrets.token_urlsafe(16)
            return Visitor(is_local(request.environ), csrf, "", session is None)
        if session is None:
            return Visitor(False, secrets.token_urlsafe(16), password_hash, True)
        return Visitor(session[1], session[0], password_hash, False)

    def has_token(self, request: Request, visitor: Visitor) -> bool:
        """Whether a form was made by one of our pages for this visitor."""
        sent = request.form.get("csrf", "")
        return not visitor.is_new and hmac.compare_digest(sent.encode(), visitor.csrf.encode())

    def try_password(self, request: Request, visitor: Visitor, password: str) -> int | None:
        """Return None if the password is right, else in how many seconds one may try again.

        A try counts before it is looked at, so that many at once are no way around the wait.
        """
        now, client = self._live.clock(), self._name_client(request)
        if wait := find_wait(read_tries(self._live.store.fact(_TRIES_FACT)), client, now):
            return wait
        if not self._at_once.acquire(blocking=False):
            return _BUSY
        try:
            right = self._check_password(visitor, client, password, now)
        finally:
            self._at_once.release()
        return None if right is True else right

    def _check_password(
        self, visitor: Visitor, client: str, password: str, now: datetime
    ) -> Literal[True] | int:
        with self._live.store.writing() as writer:
            tries = read_tries(writer.fact(_TRIES_FACT))
            if wait := find_wait(tries, client, now):
                return wait
            writer.put_fact(_TRIES_FACT, write_tries(note_try(tries, client, now)))
        if not check_password_hash(visitor.password_hash, password[:PASSWORD_MOST]):
            return 0
        with self._live.store.writing() as writer:
            tries = read_tries(writer.fact(_TRIES_FACT))
            writer.put_fact(_TRIES_FACT, write_tries(clear_tries(tries, client)))
        return True

    def open_session(
        self, request: Request, response: Response, visitor: Visitor, csrf: str, inside: bool
    ) -> None:
        """Give a visitor the cookie of a session; ``inside`` says that they know the password."""
        value = self._signer(visitor.password_hash).dumps([csrf, inside and visitor.has_password])
        response.set_cookie(
            COOKIE,
            value if isinstance(value, str) else value.decode(),
            max_age=SESSION_AGE,
            path=f"{self._live.base_path}/admin/",
            secure=is_secure(request.environ, self._live.config.site.base_url),
            httponly=True,
            samesite="Lax",
        )

    def close_session(self, response: Response) -> None:
        """Take the cookie of a session back."""
        response.delete_cookie(COOKIE, path=f"{self._live.base_path}/admin/")

    def problems_token(self) -> str:
        """Return the token that opens the feed of problems; another one for each password."""
        return self._derive("feed of problems", self._password_hash()).hex()[:32]

    def _password_hash(self) -> str:
        taken = read_config(self._live.store)
        return taken.password_hash if taken else ""

    def _derive(self, purpose: str, password_hash: str) -> bytes:
        return derive_session_key(self._live.store, f"{purpose}\0{password_hash}")

    def _signer(self, password_hash: str) -> URLSafeTimedSerializer:
        key = self._derive("session", password_hash)
        return URLSafeTimedSerializer(key, signer_kwargs={"digest_method": hashlib.sha256})

    def _read_session(self, cookie: str, password_hash: str) -> tuple[str, bool] | None:
        if not cookie:
            return None
        try:
            csrf, inside = self._signer(password_hash).loads(cookie, max_age=SESSION_AGE)
        except (BadData, ValueError, TypeError):
            return None
        return str(csrf), bool(inside)

    def _name_client(self, request: Request) -> str:
        """Return what a client's tries stand under: a hash, since addresses are not kept."""
        key = self._derive("tries", "")
        return hmac.digest(key, find_client(request.environ).encode(), "sha256").hex()[:24]
