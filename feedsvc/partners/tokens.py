"""Tokens: which of a partner's are accepted, and the address that each opens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson

from feedsvc.config import PartnerConfig

PREFIX = "/partners/"

_DIGEST_BYTES = 16

# Each that works is one more document to make whenever the feed changes. Nobody hands out more
# within one time of grace; who tries things out does not make the publication grow.
_BEFORE_MOST = 5


def path_of(name: str, token: str) -> str:
    """Return where a partner's feed stands in the publication for who has ``token``.

    The token cannot be read from it. Looking it up takes as long for a wrong one, whatever it has
    in common with the right one.
    """
    text = f"{name}\0{token}".encode("utf-8", "surrogatepass")
    return f"{PREFIX}{name}.xml?{hashlib.blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()}"


def url_of(base_url: str, name: str, token: str) -> str:
    """Return the whole address of a partner's feed."""
    return f"{base_url}{PREFIX}{name}.xml?token={quote(token, safe='')}"


@dataclass(frozen=True, slots=True)
class Former:
    """A token that was replaced, and when."""

    token: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """A partner's token, and those before it, the last one first."""

    now: str
    before: tuple[Former, ...] = ()

    def ends(self, grace: float) -> tuple[datetime, ...]:
        """Return until when each of those before works."""
        return tuple(one.since + timedelta(seconds=grace) for one in self.before)

    def accepted(self, grace: float, now: datetime) -> tuple[str, ...]:
        """Return the tokens that work, the current one first."""
        return (self.now, *(one.token for one in self._find_working(grace, now)))

    def turn(self, token: str, grace: float, now: datetime) -> Tokens:
        """Return what they are once ``token`` is the current one; what has ended is left out."""
        replaced = () if token == self.now else (Former(self.now, now),)
        # A token that is taken up again is no former one.
        before = tuple(one for one in self.before if one.token != token)
        return Tokens(token, Tokens(token, (*replaced, *before))._find_working(grace, now))

    def _find_working(self, grace: float, now: datetime) -> tuple[Former, ...]:
        ends = zip(self.before, self.ends(grace), strict=True)
        return tuple(one for one, end in ends if end > now)[:_BEFORE_MOST]


def turn_tokens(
    known: Mapping[str, Tokens], partners: Mapping[str, PartnerConfig], now: datetime
) -> dict[str, Tokens]:
    """Return the tokens of all partners after a look at the config; only changes are new."""
    return {
        name: known.get(name, Tokens(partner.token)).turn(partner.token, partner.grace, now)
        for name, partner in partners.items()
    }


def dump_tokens(tokens: Mapping[str, Tokens]) -> str:
    """Return tokens as the store keeps them."""
    return orjson.dumps(dict(tokens)).decode()


def load_tokens(text: str) -> dict[str, Tokens]:
    """Read what `dump_tokens` wrote, now or when only one token before was kept."""
    rows: dict[str, dict[str, Any]] = orjson.loads(text or "{}")
    return {name: Tokens(row["now"], tuple(_list_former(row))) for name, row in rows.items()}


def _list_former(row: Mapping[str, Any]) -> Iterator[Former]:
    before = row["before"]
    if isinstance(before, str):
        before = [{"token": before, "since": row["since"]}] if before and row["since"] else []
    for one in before:
        yield Former(one["token"], datetime.fromisoformat(one["since"]))
