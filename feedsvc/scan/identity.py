"""Ids and dates: what a file that was read does to the ledger, decided purely."""

from __future__ import annotations

import functools
import hashlib
import itertools
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from feedsvc.model import Article, Enclosure, Filing, Image, Status, Syndication
from feedsvc.store import State, StoredEntry

_STATES = {
    Status.LIVE: State.LIVE,
    Status.DRAFT: State.DRAFT,
    Status.WITHDRAWN: State.WITHDRAWN,
}

# 16 hex digits of a UUID: two of a million articles share them once in 37 million sites.
_UID_DIGITS = 16

# So long after an article came, reading it otherwise counts as an edit.
FIRST_HOUR = timedelta(hours=1)

# Feed dates have whole seconds, so an edit must move `updated` by at least one to be seen (R8).
_EDIT_STEP = timedelta(seconds=1)


def make_ids(tag: str, key: str) -> tuple[str, str]:
    """Return the permanent id of the article with ``key``, and its short form for URLs.

    The id is a tag: URI (RFC 4151, R38); ``tag`` is the site's ``authority,date``. The same two
    give the same id for ever, so a lost store can be made again from the folder.
    """
    identity = uuid.uuid5(_namespace_of(tag), key)
    return f"tag:{tag}:{identity}", identity.hex[:_UID_DIGITS]


@functools.cache
def _namespace_of(tag: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"tag:{tag}")


def plain_keys(path: str) -> tuple[str, str]:
    """Return the keys of ``path`` that need no counting.

    Its path without the suffix; with it, where ``a.md`` and ``a.txt`` lie side by side.
    """
    folder, slash, name = path.rpartition("/")
    stem, _, _ = name.rpartition(".")
    return folder + slash + (stem or name), path


def path_keys(path: str) -> Iterator[str]:
    """Yield the keys that an article at ``path`` may get that names none, the best one first.

    The plain ones, then numbered ones, for where the article that lay here before moved away and
    took its key along.
    """
    yield from plain_keys(path)
    for number in itertools.count(2):
        yield f"{path}#{number}"


def hash_visible(article: Article) -> str:
    """Return a hash of all that a reader sees of the article (R45); filing is not part of it."""
    shown: tuple[object, ...] = (
        article.title,
        article.summary,
        article.content,
        article.link,
        article.authors,
        _as_written(article.image, "url", "caption", "credit", "width", "height"),
        _as_written(article.enclosure, "url", "type", "length"),
        article.correction,
    )
    # Beside the others, so that an article which says nothing of them keeps the hash it had.
    stated = (article.rights, article.syndication, article.episode)
    if stated != ("", Syndication.FULL, None):
        shown += (stated,)
    return hashlib.blake2b(orjson.dumps(shown), digest_size=16).hexdigest()


def _as_written(value: Image | Enclosure | None, *names: str) -> dict[str, object] | None:
    """Return what an article says of its media, and not what their files are found to be."""
    return {name: getattr(value, name) for name in names} if value else None


def begin_entry(
    article: Article,
    filing: Filing,
    key: str,
    tag: str,
    visible: str = "",
    arrived: datetime | None = None,
) -> StoredEntry:
    """Return the entry of an article that was never seen before ``arrived``.

    Its ``updated`` is its date unless the article names a later one, so that the folder alone
    decides it and a lost store gives the same feed again. ``visible`` is its hash, if known.
    """
    id_, uid = make_ids(tag, key)
    published = article.published.at
    updated = article.updated.at if article.updated else published
    return StoredEntry(
        uid=uid,
        id=id_,
        key=key,
        path=article.path,
        state=_STATES[article.status],
        shown=False,
        published=published,
        updated=max(updated, published),
        expires=article.expires,
        visible=visible or hash_visible(article),
        article=article,
        filing=filing,
        arrived=arrived,
    )


def revise_entry(old: StoredEntry, article: Article, filing: Filing, now: datetime) -> StoredEntry:
    """Return the entry after its file was read again, moved or came back.

    Its id never changes (R37); ``published`` never moves once the public has seen it (R44);
    ``updated`` moves only with a visible edit that is not called minor, or when a retracted article
    comes back (P10, P55). To feeds, one that may not be syndicated any more is retracted. One that
    is held back stays so, unless it shall not be live any more.
    """
    shown = old.was_public(now)
    state = State.WITHDRAWN if old.withheld else _STATES[article.status]
    if state is State.LIVE and old.state is State.HELD:
        state = State.HELD
    published = old.published if shown else article.published.at
    visible = hash_visible(article)
    in_feeds = state is State.LIVE and _may_leave(article)
    came_back = in_feeds and not (old.state is State.LIVE and _may_leave(old.article))
    if not shown:
        updated = article.updated.at if article.updated else published
    elif came_back or (visible != old.visible and not article.minor):
        stated = article.updated.at if article.updated else now
        # A stated date counts if it is news; an edit that forgot to move it is dated now.
        updated = stated if old.updated < stated <= now else now
        # Later than the tombstone as well, or readers would take it for deleted still (P55).
        updated = max(updated, max(old.updated, old.retracted or old.updated) + _EDIT_STEP)
    else:
        updated = old.updated
    return replace(
        old,
        path=article.path,
        state=state,
        shown=shown,
        published=published,
        updated=max(updated, published),
        expires=article.expires,
        visible=visible,
        article=article,
        filing=filing,
        retracted=None if in_feeds else _date_retraction(old, now),
        held_until=old.held_until if state is State.HELD else None,
    )


def reread_entry(old: StoredEntry, article: Article, filing: Filing, now: datetime) -> StoredEntry:
    """Return the entry after its unchanged file was read otherwise: nobody has edited it.

    So it is with furniture that is known only now, with rules of the config, and with a newer
    version of ours. ``updated`` stays, unless it came within the last hour and looks different now:
    then those who have it already should have it as it was meant.
    """
    entry = revise_entry(old, article, filing, now)
    is_new = old.arrived is not None and now - old.arrived < FIRST_HOUR
    # What comes back, or was never seen, is dated as ever.
    stood = old.state is State.LIVE and old.was_public(now) and not old.retracted
    return replace(entry, updated=old.updated) if stood and not is_new else entry


def retract_entry(old: StoredEntry, now: datetime) -> StoredEntry:
    """Return the entry after its file was deleted: it leaves the feeds and keeps its id."""
    return replace(
        old,
        state=State.GONE,
        shown=old.was_public(now),
        retracted=_date_retraction(old, now),
        held_until=None,
    )


def withdraw_entry(old: StoredEntry, now: datetime) -> StoredEntry:
    """Return the entry after a person withdrew it, whatever its file says from now on."""
    return replace(
        old,
        state=State.GONE if old.state is State.GONE else State.WITHDRAWN,
        shown=old.was_public(now),
        retracted=_date_retraction(old, now),
        withheld=True,
        held_until=None,
    )


def restore_entry(old: StoredEntry, now: datetime) -> StoredEntry:
    """Return the entry after a person took its withdrawal back: its file decides again (P55)."""
    free = replace(old, withheld=False)
    if old.state is State.GONE:
        return free
    return revise_entry(free, old.article, old.filing, now)


def _may_leave(article: Article) -> bool:
    """Whether anything of an article may stand in a feed."""
    return article.syndication is not Syndication.NONE


def _date_retraction(old: StoredEntry, now: datetime) -> datetime | None:
    """Return when an entry left the feeds: None if it never stood there (P55)."""
    if old.retracted:
        return old.retracted
    stood = old.state is State.LIVE and _may_leave(old.article) and old.was_public(now)
    return max(now, old.updated) if stood else None
