"""Only what is new to a reader: delta answers (RFC 3229 with the manipulator "feed").

Off unless ``feeds.delta`` asks for them. A worker knows the states of each feed that it has served
itself, so after a restart each reader gets one whole feed again.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from types import MappingProxyType

import brotli
import orjson
import zstandard
from lxml import etree

from feedsvc.model import Representation

# An hourly reader of a feed that changes every few minutes is the one that gains most.
STATES_KEPT = 16

# They log a 226 as an error, and the new entry is lost to their user for good.
_CONFUSED = ("rss2email/", "feedparser/")

_ATOM = "{http://www.w3.org/2005/Atom}"
_ENTRIES = ("item", f"{_ATOM}entry", "{http://purl.org/atompub/tombstones/1.0}deleted-entry")

_UNPACKERS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "br": brotli.decompress,
        "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
        "gzip": gzip.decompress,
        "identity": bytes,
    }
)


class Deltas:
    """The earlier states of one feed document, by entity tag, and the ways from them to now."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[str, bytes]] = {}
        # By both states: a request may still know the publication before this one.
        self._made: dict[tuple[str, str], bytes] = {}

    def remember(self, old: Representation) -> None:
        """Keep a state that is being replaced, as small as it was packed."""
        coding = min(old.bodies, key=lambda name: len(old.bodies[name]))
        before = dict(self._before)
        before.pop(old.etag, None)
        before[old.etag] = (coding, old.bodies[coding])
        while len(before) > STATES_KEPT:
            del before[next(iter(before))]
        # New maps, not changed ones: other threads are answering meanwhile.
        self._before, self._made = before, {}

    def find(self, tag: str, now: Representation) -> bytes | None:
        """Return what is new since the state ``tag``; None if that is not known (P57)."""
        if (made := self._made.get((tag, now.etag))) is not None:
            return made
        if (known := self._before.get(tag)) is None or tag == now.etag:
            return None
        coding, packed = known
        body = make_delta(_UNPACKERS[coding](packed), now.bodies["identity"])
        self._made[tag, now.etag] = body
        return body


def wants_delta(manipulations: str, agent: str) -> bool:
    """Whether a reader that sent this A-IM and User-Agent can take a delta answer (P57)."""
    listed = {part.partition(";")[0].strip().lower() for part in manipulations.split(",")}
    return "feed" in listed and not agent.lower().startswith(_CONFUSED)


def make_delta(old: bytes, new: bytes) -> bytes:
    """Return the ``new`` feed with those entries only that ``old`` has not, or has otherwise (P60).

    What comes out is a whole feed of the same format.
    """
    if new.startswith(b"{"):
        document = orjson.loads(new)
        known = {orjson.dumps(item) for item in orjson.loads(old)["items"]}
        document["items"] = [one for one in document["items"] if orjson.dumps(one) not in known]
        return orjson.dumps(document)
    root = _parse(new)
    seen = {
        etree.tostring(entry, method="c14n", exclusive=True)
        for entry in _parse(old).iter(*_ENTRIES)
    }
    for entry in list(root.iter(*_ENTRIES)):
        parent = entry.getparent()
        if parent is not None and etree.tostring(entry, method="c14n", exclusive=True) in seen:
            parent.remove(entry)
    document_: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return document_


def _parse(body: bytes) -> etree._Element:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
