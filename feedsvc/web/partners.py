"""Partners at the door: what their token opens, and when they came last."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import unquote_plus

import orjson

from feedsvc.partners import PREFIX, path_of
from feedsvc.publication import POLLS_FACT, load_polls
from feedsvc.store import Store

# How often polls are written down: a partner asks every few minutes.
TELL_EVERY = timedelta(minutes=1)

# No token that anybody uses is longer; more would only cost time.
_QUERY_MOST = 4_096

_SUFFIX = ".xml"


def name_of(path: str) -> str:
    """Return the partner that a path asks for, whether or not there is one."""
    return path.removeprefix(PREFIX).removesuffix(_SUFFIX)


def key_of(path: str, query: str) -> str:
    """Return where in the publication the feed stands that a request may see, if it may.

    What is looked up is made of a hash of the token: finding nothing takes the same time for a
    token that is wrong by one letter, for none at all, and for a partner that there is not.
    """
    return path_of(name_of(path), _read_token(query))


class PollDesk:
    """Writes down, for the worker that served them, when partners came last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._next: datetime | None = None

    def tell(self, polled: dict[str, datetime], now: datetime, last: bool = False) -> None:
        """Write down polls, at most once a minute unless it is the ``last`` time; empties them.

        Not at the request: a reader never waits for a writer. Raises StoreError.
        """
        if not polled or (self._next and now < self._next and not last):
            return
        self._next = now + TELL_EVERY
        told = dict(polled)
        with self._store.writing() as writer:
            # Nobody else can write now: other workers' polls are not lost.
            known = load_polls(self._store)
            for name, moment in told.items():
                known[name] = max(moment, known.get(name, moment))
            rows = {name: moment.isoformat() for name, moment in sorted(known.items())}
            writer.put_fact(POLLS_FACT, orjson.dumps(rows).decode())
        for name, moment in told.items():
            if polled.get(name) == moment:
                polled.pop(name, None)


def _read_token(query: str) -> str:
    token = ""
    for part in query[:_QUERY_MOST].split("&"):
        name, _, value = part.partition("=")
        token = token or (value if name == "token" else "")
    return unquote_plus(token)
