"""All checks of a site, one after another; none hangs, and none writes."""

from __future__ import annotations

import shutil
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from feedsvc.bucket import list_objects
from feedsvc.config import HUB_PATH, Bucket, Config, LoadedConfig, load_config
from feedsvc.doctor import checks
from feedsvc.doctor.address import check_feed, check_hub, check_reach, is_current
from feedsvc.doctor.findings import FAULT, OK, WARNING, Finding, name_some
from feedsvc.doctor.look import (
    look_at_content,
    read_file_limits,
    read_watch_limit,
    size_of,
    within,
)
from feedsvc.doctor.visit import WHOLE_MOST, Reply, visit
from feedsvc.errors import ConfigError, ContentFolderError, StoreError
from feedsvc.hub import find_key
from feedsvc.scan import find_file_system, read_mounts
from feedsvc.store import StoreHealth, examine_store, name_place, place_of_store, read_etag

# How long each look may take, in seconds: reading a store of 5 GB takes most of a minute.
STORE_SECONDS = 120.0
CONTENT_SECONDS = 30.0

# A faulty config names its first faults; feedsvc check names all.
_FAULTS_SHOWN = 5

# The feed of the whole site is published as soon as anything is.
_FEED = "/feeds/all.json"
# No feed is larger than what readers take (R28), nor is a word of ours.
_FEED_MOST, _WORD_MOST = 5_000_000, 4_096

# A state that is published just now reaches workers within this time, in seconds.
_AGAIN_AFTER = 2.0

# Beside the time that a new file may take to be found, in seconds.
_LATE = 30.0


def examine_site(
    config_path: Path,
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
    context: ssl.SSLContext | None = None,
) -> Iterator[Finding]:
    """Yield what each check of a site says, as soon as it is known.

    ``context`` is what certificates are judged by; left out, what this machine believes.
    """
    try:
        loaded = within(CONTENT_SECONDS, lambda: load_config(config_path, environment))
        store = place_of_store(loaded.config.store.url)
    except (StoreError, TimeoutError) as error:
        what = str(error) or f"{config_path} was not read within {CONTENT_SECONDS:.0f} s"
        yield Finding("config", FAULT, what, "mend it, or look after the disk that it is on")
        return
    except ConfigError as error:
        for fault in error.faults[:_FAULTS_SHOWN]:
            fix = "mend this line; feedsvc check names every fault"
            yield Finding("config", FAULT, str(fault), fix)
        return
    for warning in loaded.warnings:
        yield Finding("config", WARNING, str(warning), "mend this line; feedsvc check names all")
    if not loaded.warnings:
        yield Finding("config", OK, f"{config_path} has no fault")
    yield checks.check_zones(ZoneInfo)
    yield from _examine_modes(loaded)
    health: StoreHealth | None = None
    for finding, seen in _examine_store(store, loaded.config):
        health = seen or health
        yield finding
    yield from _examine_content(loaded.config, health, clock())
    yield from _examine_disks(loaded.config, store)
    yield checks.check_clock(clock(), _list_moments(health, store))
    soft, hard = read_file_limits()
    yield checks.check_open_files(soft, hard, health.subscriptions if health else 0)
    yield from _examine_address(loaded.config, store, health, clock(), context)


def _examine_modes(loaded: LoadedConfig) -> list[Finding]:
    key = find_key(loaded.config.store.url)
    try:
        config_mode = loaded.path.stat().st_mode
        key_mode = key.stat().st_mode if key and key.exists() else None
    except OSError as error:
        what = f"{error.filename} cannot be looked at: {error.strerror}"
        return [Finding("permissions", FAULT, what, "run this as the user that runs feedsvc")]
    secret = checks.name_secret(loaded.config)
    return checks.check_modes(loaded.path, config_mode, secret, key, key_mode)


def _examine_store(
    store: Path | str, config: Config
) -> Iterator[tuple[Finding, StoreHealth | None]]:
    if isinstance(store, str):
        yield from _examine_server(store)
        return
    network = find_file_system(read_mounts(), str(store.parent.resolve()))
    if finding := checks.check_file_system("store", store.parent, network, 0):
        yield finding, None
    if not store.exists():
        what = f"there is none yet at {store}"
        yield Finding("store", WARNING, what, "feedsvc serve makes it"), None
        return
    try:
        health = within(STORE_SECONDS + 10, lambda: examine_store(store, STORE_SECONDS))
    except StoreError as error:
        fix = (
            "feedsvc restore FILE --force, with a backup; without one move it away: feedsvc serve "
            "makes it anew with the same ids, but without subscriptions and withdrawals"
        )
        yield Finding("store", FAULT, f"{store} cannot be read: {error}", fix), None
        return
    except TimeoutError:
        what = f"{store} does not answer"
        yield Finding("store", FAULT, what, "look after the disk that it is on"), None
        return
    for finding in checks_of_store(store, health):
        yield finding, health
    yield checks.check_size(size_of(store), size_of(Path(f"{store}-wal"))), health


def _examine_server(url: str) -> Iterator[tuple[Finding, StoreHealth | None]]:
    """Say what a look at a store on a server finds; its disks and copies are the server's."""
    name, health = name_place(url), None
    try:
        health = within(STORE_SECONDS + 10, lambda: examine_store(url, STORE_SECONDS))
    except StoreError as error:
        fix = "see that the server runs, and that store.url names its user and database"
        yield Finding("store", FAULT, f"{name} cannot be read: {error}", fix), None
        return
    except TimeoutError:
        yield Finding("store", FAULT, f"{name} does not answer", "look after the server"), None
        return
    if not health.form:
        what = f"there is none yet at {name}"
        yield Finding("store", WARNING, what, "feedsvc serve makes it"), None
        return
    for finding in checks_of_store(url, health):
        yield finding, health


def checks_of_store(store: Path | str, health: StoreHealth) -> list[Finding]:
    """Judge what a look at the store has found."""
    found = []
    name = name_place(store)
    if health.damage:
        fix = "feedsvc restore FILE --force, with a backup from before"
        return [Finding("store", FAULT, f"{name} is damaged: {'; '.join(health.damage)}", fix)]
    if not health.is_current:
        what = f"it has form {health.form}, which is not the one of this version"
        fix = "feedsvc serve brings an older one up to date; for a newer one install that version"
        return [Finding("store", WARNING, what, fix)]
    if not health.is_checked:
        what = f"not all of it was looked at within {STORE_SECONDS:.0f} s"
        fix = f'sqlite3 {store} "PRAGMA quick_check" has no such limit'
        if isinstance(store, str):
            fix = "run it again when the server has less to do"
        found.append(Finding("store", WARNING, what, fix))
    if health.orphans:
        rows = name_some([f"{count} of {name}" for name, count in health.orphans.items()])
        what = f"rows that nothing leads to: {rows}"
        found.append(Finding("store", WARNING, what, "feedsvc doctor --fix deletes them"))
    if health.losses:
        what = f"{health.losses} articles whose file is not in the ledger: {name_some(health.lost)}"
        fix = "feedsvc scan, if the files are there; feedsvc withdraw PATH, if they are not"
        found.append(Finding("store", WARNING, what, fix))
    return found or [Finding("store", OK, f"{name} is whole, with {len(health.known)} files")]


def _examine_content(
    config: Config, health: StoreHealth | None, now: datetime
) -> Iterator[Finding]:
    folder = config.content.folder
    if isinstance(folder, Bucket):
        yield _examine_bucket(folder)
        return
    try:
        seen = within(CONTENT_SECONDS, lambda: look_at_content(folder, CONTENT_SECONDS))
    except TimeoutError:
        what = f"{folder} was not read within {CONTENT_SECONDS:.0f} s"
        yield Finding("content", FAULT, what, "look after the disk that it is on")
        return
    except (ContentFolderError, OSError) as error:
        yield Finding("content", FAULT, str(error), "set content.folder, or put the folder back")
        return
    late = timedelta(seconds=config.content.settle + config.content.scan_every + _LATE)
    yield from checks.check_content(
        folder,
        seen,
        health.known if health and health.is_usable else None,
        health.troubled if health else frozenset(),
        (now - late).timestamp(),
    )
    kind = find_file_system(read_mounts(), str(folder.resolve()))
    scan_every = config.content.scan_every
    if finding := checks.check_file_system("content", folder, kind, scan_every):
        yield finding
    limits = read_watch_limit("max_user_watches"), read_watch_limit("max_user_instances")
    yield checks.check_watches(seen.folders, *limits)


def _examine_bucket(bucket: Bucket) -> Finding:
    """Return whether a bucket can be listed, and how much lies in it."""
    try:
        found = within(CONTENT_SECONDS, lambda: list_objects(bucket))
    except TimeoutError:
        what = f"{bucket} was not listed within {CONTENT_SECONDS:.0f} s"
        return Finding("content", FAULT, what, "look after its server, or the way there")
    except ContentFolderError as error:
        fix = "see content.folder, and the AWS_* variables that this process was given"
        return Finding("content", FAULT, str(error), fix)
    if found.failed:
        folder, reason = next(iter(found.failed.items()))
        fix = "until then nothing in there is taken, or taken out"
        return Finding("content", WARNING, f"{folder}: {reason}", fix)
    return Finding("content", OK, f"{bucket} can be listed, with {len(found.objects)} objects")


def _examine_disks(config: Config, store: Path | str) -> Iterator[Finding]:
    size, folders = 0, {}
    if isinstance(store, Path):
        size, folders["store"] = size_of(store), store.parent
    if isinstance(config.content.folder, Path):
        folders["content"] = config.content.folder
    for name, folder in folders.items():
        try:
            usage = within(CONTENT_SECONDS, lambda folder=folder: shutil.disk_usage(folder))  # type: ignore[misc]
        except (OSError, TimeoutError):
            continue  # it is missing or silent, which was said before
        yield checks.check_disk(name, folder, usage.free, usage.total, size)


def _list_moments(health: StoreHealth | None, store: Path | str) -> dict[str, datetime]:
    moments = dict(health.moments) if health else {}
    if isinstance(store, Path) and store.exists():
        moments["the store's file"] = datetime.fromtimestamp(store.stat().st_mtime, UTC)
    return moments


def _examine_address(
    config: Config,
    store: Path | str,
    health: StoreHealth | None,
    now: datetime,
    context: ssl.SSLContext | None,
) -> Iterator[Finding]:
    base = config.site.base_url

    def ask(path: str, most: int) -> Reply:
        try:
            return within(2 * WHOLE_MOST, lambda: visit(base + path, most, context))
        except TimeoutError:
            return Reply(base + path, trouble="does not answer")

    answer = ask("/healthz", _WORD_MOST)
    yield from check_reach(base, answer, now)
    if answer.status != 200:
        return
    if health and health.is_usable:
        tag = config.site.tag if config.site.id else health.tag or config.site.tag
        yield _compare_feed(store, tag, lambda: ask(_FEED, _FEED_MOST))
    if config.hub.is_builtin:
        yield check_hub(ask(HUB_PATH, _WORD_MOST))


def _compare_feed(store: Path | str, tag: str, ask: Callable[[], Reply]) -> Finding:
    """Compare what readers get with what the store publishes, which may change meanwhile."""
    try:
        etag, feed = read_etag(store, _FEED), ask()
        if etag and not is_current(feed, etag):
            time.sleep(_AGAIN_AFTER)
            etag, feed = read_etag(store, _FEED), ask()
    except StoreError as error:
        return Finding("base_url", WARNING, f"cannot be compared: {error}", "try again")
    return check_feed(feed, etag, tag)
