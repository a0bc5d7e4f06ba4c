"""The caches in front of the site, and how each is told to forget what has changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator

from feedsvc.config.types import Block, Text, WebUrl

# What is filled in: by address, by key, and by all keys in one request.
PATH, URL, KEY, KEYS = "path", "url", "key", "keys"
_BY_KEY = frozenset({KEY, KEYS})
_KNOWN = frozenset({PATH, URL, KEY, KEYS})

_PLACE = re.compile(r"\{([a-z_]+)\}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}")

# More caches than this are a mistake: each is told of every change.
CACHES_MOST = 16


class PurgeConfig(Block):
    """One cache, or the service that stands for many.

    ``url``, ``headers`` and ``body`` may hold ``{path}`` or ``{url}`` of what has changed, or its
    surrogate ``{key}``, or all ``{keys}`` of one moment between spaces. With none of them the path
    is put behind ``url``.
    """

    url: WebUrl
    method: str = "PURGE"
    headers: Mapping[str, Text] = Field(default_factory=dict)
    body: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _accept_url_alone(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    @field_validator("url")
    @classmethod
    def _want_url(cls, value: str) -> str:
        if not value or "#" in value:
            raise ValueError("write the cache's address, such as http://127.0.0.1:6081")
        return value

    @field_validator("method")
    @classmethod
    def _check_method(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z]{2,20}", value):
            raise ValueError("write a method of HTTP: PURGE, BAN, POST, GET or DELETE")
        return value.upper()

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for name, text in value.items():
            if not _TOKEN.fullmatch(name):
                raise ValueError(f'"{name}" is no name of a header')
            if not text.isascii() or not text.isprintable():
                raise ValueError(f"{name}: write plain ASCII in one line")
        return MappingProxyType(dict(value))

    @model_validator(mode="after")
    def _check_places(self) -> PurgeConfig:
        places = self.places
        if unknown := sorted(places - _KNOWN):
            known = "{path}, {url}, {key} or {keys}"
            raise ValueError(f"cannot fill {{{unknown[0]}}}: use {known}")
        if places & _BY_KEY and places - _BY_KEY:
            raise ValueError("a cache is told by address ({path}, {url}) or by key, not by both")
        return self

    @property
    def places(self) -> frozenset[str]:
        """What is to be filled in."""
        texts = (self.url, self.body, *self.headers.values())
        return frozenset(place for text in texts for place in _PLACE.findall(text))

    @property
    def by_key(self) -> bool:
        """Whether the cache is told keys, not addresses."""
        return bool(self.places & _BY_KEY)

    @property
    def name(self) -> str:
        """What a person knows it by: no more of its address than that, since tokens stand there."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def id(self) -> str:
        """What the store knows it by: another way to be told is another cache."""
        said = repr((self.method, self.url, sorted(self.headers.items()), self.body))
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def _list_caches(value: object) -> object:
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple)) else [value]


Caches = Annotated[
    tuple[PurgeConfig, ...], BeforeValidator(_list_caches), Field(max_length=CACHES_MOST)
]
