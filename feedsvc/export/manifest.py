"""What stands at a target, as we left it there: the manifest, and the journal of a run. Pure.

The manifest is written when a run is through. The journal is written before anything is touched
and names the files that a run may touch: after a run that broke off, what it names is in doubt, and
is put or deleted anew.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from feedsvc.export.layout import SUFFIXES, ExportError, Layout, is_safe

MANIFEST, JOURNAL = "manifest.json.gz", "journal.json.gz"

# Another form is another version's, and not ours to judge.
FORM = 1

# A million articles make a fifth of this; more is no manifest of ours.
_BYTES_MOST = 1_000_000_000

_LETTERS = {"": "p", ".gz": "g", ".br": "b", ".zst": "z"}
_ENDS = {letter: suffix for suffix, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Record:
    """What stands for one path: a file for each of ``suffixes``, or none for a redirect.

    ``mark`` tells whether the site may say something else there now, ``digest`` whether it does.
    ``look`` is the number of its headers among the manifest's. A ``location`` is where a redirect
    leads; ``gone`` is what answers 410.
    """

    mark: str
    digest: str
    suffixes: tuple[str, ...] = ()
    look: int = 0
    location: str = ""
    gone: bool = False

    def names(self, path: str, layout: Layout) -> list[str]:
        """Return the names of its files."""
        if self.location or (self.gone and not layout.gone):
            return []
        name = layout.name_of(path, self.gone)
        return [name + suffix for suffix in self.suffixes]


Headers = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Manifest:
    """All that we left at a target: records by path, and the headers that they share."""

    site: str = ""
    layout: Layout = field(default_factory=Layout)
    records: dict[str, Record] = field(default_factory=dict)
    looks: list[Headers] = field(default_factory=list)
    _numbers: dict[Headers, int] = field(default_factory=dict, init=False, compare=False)

    def number_of(self, headers: Headers) -> int:
        """Return the number of some headers, new or known."""
        if len(self._numbers) != len(self.looks):
            self._numbers = {one: number for number, one in enumerate(self.looks)}
        if headers not in self._numbers:
            self._numbers[headers] = len(self.looks)
            self.looks.append(headers)
        return self._numbers[headers]


def dump_manifest(manifest: Manifest) -> bytes:
    """Return a manifest as it is kept."""
    layout = manifest.layout
    return _pack(
        {
            "form": FORM,
            "site": manifest.site,
            "layout": [layout.plain_names, layout.coding, layout.variants, layout.gone],
            "looks": manifest.looks,
            "paths": {
                path: [
                    one.mark,
                    one.digest,
                    "".join(_LETTERS[suffix] for suffix in one.suffixes),
                    one.look,
                    one.location,
                    one.gone,
                ]
                for path, one in sorted(manifest.records.items())
            },
        }
    )


def load_manifest(data: bytes, where: str) -> Manifest:
    """Read a manifest; raises ExportError for what is none, or would lead out of its target."""
    try:
        value = _unpack(data)
        if value["form"] != FORM:
            raise ExportError(
                f"{where}: another version of feedsvc exported there: use that one, or an empty "
                "target"
            )
        plain_names, coding, variants, gone = value["layout"]
        if coding not in SUFFIXES:
            raise ValueError("an unknown coding")
        layout = Layout(bool(plain_names), coding, bool(variants), bool(gone))
        looks = [tuple((str(name), str(text)) for name, text in one) for one in value["looks"]]
        records = {path: _read_record(one, len(looks)) for path, one in value["paths"].items()}
        _require_safe(records, layout)
        return Manifest(str(value["site"]), layout, records, looks)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, zlib.error) as error:
        raise ExportError(_refuse(where, MANIFEST, error)) from None


def dump_journal(site: str, names: Iterable[str]) -> bytes:
    """Return a journal as it is kept."""
    return _pack({"form": FORM, "site": site, "names": sorted(names)})


def load_journal(data: bytes, where: str) -> tuple[str, set[str]]:
    """Return of which site a journal is, and the names in doubt; raises ExportError for another."""
    try:
        value = _unpack(data)
        names = {str(name) for name in value["names"]}
        for name in names:
            if not is_safe(name):
                raise ValueError(f"{name!r} is no name of ours")
        return str(value["site"]), names
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise ExportError(_refuse(where, JOURNAL, error)) from None


def list_names(path: str, layout: Layout) -> set[str]:
    """Return the names of all files that there can be for a path."""
    names = {layout.name_of(path)} | ({layout.name_of(path, True)} if layout.gone else set())
    suffixes = SUFFIXES.values() if layout.variants else ("",)
    return {name + suffix for name in names for suffix in suffixes}


def _read_record(value: Any, looks: int) -> Record:
    mark, digest, letters, look, location, gone = value
    suffixes = tuple(_ENDS[letter] for letter in letters)
    if not 0 <= look < looks:
        raise ValueError("headers that are not there")
    return Record(str(mark), str(digest), suffixes, look, str(location), bool(gone))


def _require_safe(records: Mapping[str, Record], layout: Layout) -> None:
    for path, record in records.items():
        for name in record.names(path, layout):
            if not is_safe(name):
                raise ValueError(f"{path!r} is no name of ours")


def _refuse(where: str, name: str, error: Exception) -> str:
    reason = str(error).split("\n")[0][:200]
    return (
        f"{where}: what feedsvc noted there ({name}) cannot be read ({reason}): export to an empty "
        "target, or empty this one"
    )


def _pack(value: object) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(orjson.dumps(value)) + packer.flush()


def _unpack(data: bytes) -> Any:
    unpacker = zlib.decompressobj(wbits=31)
    read = unpacker.decompress(data, _BYTES_MOST)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("it is too long, or cut off")
    return orjson.loads(read)
