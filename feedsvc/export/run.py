"""One export after another: what changed at the site is put at the target, in a safe order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from feedsvc.export.layout import ExportError
from feedsvc.export.manifest import (
    JOURNAL,
    MANIFEST,
    Manifest,
    dump_journal,
    dump_manifest,
    list_names,
    load_journal,
    load_manifest,
)
from feedsvc.export.plan import find_stale, find_unwanted, order, record_answer
from feedsvc.export.site import Answer, Item, PublishedSite
from feedsvc.export.targets import File, Target
from feedsvc.export.webserver import (
    NGINX_HTTP,
    NGINX_MAP,
    NGINX_SITE,
    REDIRECTS,
    write_nginx_http,
    write_nginx_map,
    write_nginx_site,
    write_redirects,
)

Progress = Callable[[int, int], None]

_TEXT = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-cache"))


class StoppedError(ExportError):
    """The run was asked to end before it was through; the next one goes on."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a run did: files put and their bytes, files deleted, paths that were as they are.

    ``reload`` says that nginx must read its configuration again; ``paths`` are those of the site
    that say something else now than before, of which caches may have what was there.
    """

    revision: int = 0
    put: int = 0
    bytes: int = 0
    deleted: int = 0
    unchanged: int = 0
    reload: bool = False
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def export_site(
    site: PublishedSite,
    target: Target,
    *,
    again: bool = False,
    is_ending: Callable[[], bool] = lambda: False,
    progress: Progress | None = None,
) -> Exported:
    """Bring a target to what the site publishes now.

    ``again`` puts everything, whatever is there. Raises ExportError when the target fails or is
    not ours, StoppedError when ``is_ending`` says so, and StoreError when the store fails.
    """
    target.open()
    try:
        return _Run(site, target, again, is_ending, progress).export()
    finally:
        target.close()


class _Run:
    """The state of one run."""

    def __init__(
        self,
        site: PublishedSite,
        target: Target,
        again: bool,
        is_ending: Callable[[], bool],
        progress: Progress | None,
    ) -> None:
        self._site = site
        self._target = target
        self._again = again
        self._is_ending = is_ending
        self._progress = progress
        self._journal: set[str] = set()
        self._noted = False
        self._names: list[str] = []
        self._replaced: list[str] = []
        self._bytes = 0
        self._written = 0

    def export(self) -> Exported:
        before, doubt = _read_notes(self._target, self._site.tag)
        layout = self._target.layout
        shape = repr((layout, self._target.name if layout.gone else ""))
        former = {path: record.mark for path, record in before.records.items()}
        items = self._site.list_items(former, shape)
        known = Manifest() if self._again else before
        stale, records = find_stale(items, known, layout, doubt)
        if not self._site.has_media:
            # This machine lacks the content folder: what was put from elsewhere stays.
            records |= {
                path: one for path, one in before.records.items() if path.startswith("/media/")
            }
        after = Manifest(self._site.tag, layout, records, list(before.looks))
        wanted = {item.path for item in stale}
        touched = {*wanted, *(former.keys() - records.keys()), *_EXTRAS}
        self._journal = doubt | {name for path in touched for name in list_names(path, layout)}
        for path in former.keys() - records.keys():
            self._journal.update(before.records[path].names(path, before.layout))
        done, kept = 0, len(records)
        for batch in order(stale, before.records.keys()):
            self._put_batch(self._site.ask(batch), before, after, doubt)
            done += len(batch)
            if self._progress:
                self._progress(done, len(stale))
        count = len(self._names)
        base = urlsplit(self._site.config.site.base_url).path.rstrip("/")
        extras = _write_extras(after, base, self._target.name)
        self._put_batch(extras, before, after, doubt)
        reload = bool({NGINX_HTTP, NGINX_MAP, NGINX_SITE} & set(self._names[count:]))
        unwanted = find_unwanted(before, doubt, after.records, layout)
        if unwanted:
            self._begin()
            self._target.delete(unwanted)
        if self._noted or after != before:
            self._target.write_note(MANIFEST, dump_manifest(after))
        if self._noted or doubt:
            self._target.remove_note(JOURNAL)
        return Exported(
            self._site.revision,
            len(self._names),
            self._bytes,
            len(unwanted),
            kept + done - self._written,
            reload,
            tuple(self._names),
            (*self._replaced, *sorted(before.records.keys() - after.records.keys())),
        )

    def _put_batch(
        self,
        answers: Iterable[tuple[Item, Answer]],
        before: Manifest,
        after: Manifest,
        doubt: set[str],
    ) -> None:
        """Put what is new or differs of some paths, and enter their records into ``after``."""
        layout = self._target.layout
        files: list[File] = []
        for item, answer in answers:
            if self._is_ending():
                raise StoppedError("ended before all was put: the next run goes on")
            if not answer.status:
                continue
            record, found = record_answer(item, answer, layout, after)
            after.records[item.path] = record
            old = before.records.get(item.path)
            same = (
                not self._again
                and old is not None
                and (old.digest, old.gone, old.location)
                == (record.digest, record.gone, record.location)
                and before.layout == layout
                and list_names(item.path, layout).isdisjoint(doubt)
            )
            if not same:
                self._written += item.path.startswith("/")
                if old is not None and item.path.startswith("/"):
                    self._replaced.append(item.path)
                files += found
        if files:
            self._begin()
            self._target.put(files)
            self._names += [file.name for file in files]
            self._bytes += sum(file.size for file in files)

    def _begin(self) -> None:
        """Write down what this run may touch, before it touches anything."""
        if not self._noted:
            self._target.write_note(JOURNAL, dump_journal(self._site.tag, self._journal))
            self._noted = True


_EXTRAS = (REDIRECTS, NGINX_MAP, NGINX_HTTP, NGINX_SITE)


def _write_extras(manifest: Manifest, base: str, root: str) -> Iterator[tuple[Item, Answer]]:
    """Yield what a web server must know of all that is there."""
    records = {path: one for path, one in manifest.records.items() if path.startswith("/")}
    made = {
        REDIRECTS: write_redirects(records),
        NGINX_MAP: write_nginx_map(records, base),
    }
    if not manifest.layout.plain_names:
        looks = manifest.looks
        made[NGINX_HTTP] = write_nginx_http(records, looks, base, root)
        made[NGINX_SITE] = write_nginx_site(records, looks, base, root)
    for name, body in made.items():
        yield Item(name, ""), Answer(200, _TEXT, {"identity": body})


def _read_notes(target: Target, tag: str) -> tuple[Manifest, set[str]]:
    """Return what an earlier run left at a target, and the names in doubt.

    Raises ExportError for a target that is another's.
    """
    manifest = Manifest(tag)
    doubt: set[str] = set()
    noted = target.read_note(MANIFEST)
    begun = target.read_note(JOURNAL)
    if noted is None and begun is None and not target.is_empty():
        raise ExportError(
            f"{target.name} is not empty, and nothing there says that feedsvc exported to it: "
            "name an empty or a new one, or empty it first"
        )
    if noted is not None:
        manifest = load_manifest(noted, target.name)
    if begun is not None:
        site, doubt = load_journal(begun, target.name)
        manifest = manifest if noted is not None else replace(manifest, site=site)
    if manifest.site != tag:
        raise ExportError(
            f"{target.name} holds the export of another site ({manifest.site}): name another target"
        )
    return manifest, doubt
