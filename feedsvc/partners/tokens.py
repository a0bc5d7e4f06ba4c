"""Tokens: which of a partner's are accepted, and the address that each opens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson

from feedsvc.config import PartnerConfig

PREFIX = "/partners/"

_DIGEST_BYTES = 16


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
class Tokens:
    """A partner's token, the one before it (or an empty text), and when it was changed."""

    now: str
    before: str = ""
    since: datetime | None = None

    def end_of(self, grace: float) -> datetime | None:
        """Return until when the one before works; None if there is none."""
        return self.since + timedelta(seconds=grace) if self.before and self.since else None

    def accepted(self, grace: float, now: datetime) -> tuple[str, ...]:
        """Return the tokens that work, the current one first."""
        end = self.end_of(grace)
        return (self.now, self.before) if end and end > now else (self.now,)


def turn_tokens(
    known: Mapping[str, Tokens], partners: Mapping[str, PartnerConfig], now: datetime
) -> dict[str, Tokens]:
    """Return the tokens of all partners after a look at the config; only changes are new.

    A token that was replaced twice within its time is not kept: one is the one before.
    """
    turned = {}
    for name, partner in partners.items():
        old = known.get(name)
        if old is None:
            turned[name] = Tokens(partner.token)
        elif old.now == partner.token:
            end = old.end_of(partner.grace)
            turned[name] = old if end is None or end > now else Tokens(partner.token)
        else:
            turned[name] = Tokens(partner.token, old.now, now)
    return turned


def dump_tokens(tokens: Mapping[str, Tokens]) -> str:
    """Return tokens as the store keeps them."""
    return orjson.dumps(dict(tokens)).decode()


def load_tokens(text: str) -> dict[str, Tokens]:
    """Read what `dump_tokens` wrote."""
    rows: dict[str, dict[str, Any]] = orjson.loads(text or "{}")
    return {
        name: Tokens(
            row["now"],
            row["before"],
            datetime.fromisoformat(row["since"]) if row["since"] else None,
        )
        for name, row in rows.items()
    }
