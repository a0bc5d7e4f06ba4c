"""What to put and what to delete, and in which order. Pure.

New files come before changed ones of their level, and each level after those that it points to.
What goes, goes last: first what points, then what it pointed to. So a run that breaks off anywhere
leaves nothing that points to nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import PurePosixPath

from feedsvc.export.layout import Layout, level_of
from feedsvc.export.manifest import Headers, Manifest, Record, list_names
from feedsvc.export.site import Answer, Item
from feedsvc.export.targets import File
from feedsvc.export.webserver import OWN_PATH
from feedsvc.labels import quote_path

# So many paths are made before they are put together: bounds the memory.
_BATCH_MOST = 64


def find_stale(
    items: Iterable[Item], manifest: Manifest, layout: Layout, doubt: Collection[str]
) -> tuple[list[Item], dict[str, Record]]:
    """Return what must be asked for anew, and the records of what cannot have changed.

    ``doubt`` are names that a run which broke off may have left in any state.
    """
    stale, kept = [], {}
    for item in items:
        record = manifest.records.get(item.path)
        known = record is not None and item.mark and record.mark == item.mark
        doubtful = doubt and not list_names(item.path, layout).isdisjoint(doubt)
        if record is None or not known or doubtful or manifest.layout != layout:
            stale.append(item)
        else:
            kept[item.path] = record
    return stale, kept


def order(items: Iterable[Item], known: Collection[str]) -> Iterator[list[Item]]:
    """Yield what to make and put, in groups whose members may come in any order.

    ``known`` are the paths that stand at the target already.
    """

    def place(item: Item) -> tuple[int, bool, int]:
        level, number = level_of(item.path)
        return level, item.path in known, number

    for _, group in groupby(sorted(items, key=lambda item: (place(item), item.path)), place):
        members = list(group)
        for at in range(0, len(members), _BATCH_MOST):
            yield members[at : at + _BATCH_MOST]


def record_answer(
    item: Item, answer: Answer, layout: Layout, manifest: Manifest
) -> tuple[Record, list[File]]:
    """Return the record of what the site says at a path, and its files.

    Headers that are new are added to the ``manifest``'s.
    """
    look = manifest.number_of(_generalise(answer.headers, item.path))
    if answer.status == 301:
        digest = _digest(answer.location.encode())
        return Record(item.mark, digest, look=look, location=answer.location), []
    gone = answer.status == 410
    bodies = answer.bodies or {}
    chosen = Layout().choose({"identity": b""}) if gone else layout.choose(bodies)
    headers = dict(answer.headers)
    type_, cache = headers.get("Content-Type", ""), headers.get("Cache-Control", "")
    name = layout.name_of(item.path, gone)
    files = [
        File(name + suffix, item.source or bodies[coding], answer.modified, type_, cache, coding)
        for suffix, coding in chosen.items()
    ]
    parts = [suffix.encode() for suffix in chosen]
    parts += [item.mark.encode()] if item.source else [bodies[one] for one in chosen.values()]
    if layout.plain_names:  # a bucket keeps these with each object
        parts += [type_.encode(), cache.encode()]
    record = Record(item.mark, _digest(*parts), tuple(chosen), look, gone=gone)
    return record, files if record.names(item.path, layout) else []


def find_unwanted(
    before: Manifest, doubt: Collection[str], records: Mapping[str, Record], layout: Layout
) -> list[str]:
    """Return the names to delete: those that we put, or may have put, and want no more."""
    # Of an address that leads elsewhere ("/feeds") nothing is put, but its name was in doubt, too.
    folders = {str(one) for name in doubt for one in PurePosixPath(name).parents}
    there = set(doubt) - folders
    for path, record in before.records.items():
        if records.get(path) is not record or before.layout != layout:
            there.update(record.names(path, before.layout))
    if there:
        for path, record in records.items():
            there.difference_update(record.names(path, layout))
    return sorted(there, key=lambda name: (-level_of(f"/{name}")[0], name))


def _generalise(headers: Headers, path: str) -> Headers:
    """Return headers in which the path itself is left open, so that all feeds are alike."""
    own = quote_path(path)
    if own != path:
        return headers
    return tuple((name, value.replace(f"{own}>", f"{OWN_PATH}>")) for name, value in headers)


def _digest(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
