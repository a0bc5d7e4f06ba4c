"""What is fine and what is not on this machine, decided from what was seen of it: pure."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from feedsvc.config import Config
from feedsvc.doctor.findings import FAULT, OK, WARNING, Finding, name_some, write_size
from feedsvc.scan import is_network

# A volume fills faster than anybody looks: below this share of it there is little time.
DISK_SHARE = 0.10
# What a backup, a restore or SQLite's own work needs beside the store: a copy, and another.
DISK_STORES = 2
# With less than this the next busy hour may be the last, in bytes.
DISK_LEAST = 100_000_000

# The log is folded into the store at 32 MB. It grows to several times that in a bulk; much more
# means that somebody has begun to read and never ended.
WAL_MOST = 256_000_000

# Clocks that are kept by NTP differ by milliseconds; a feed's date may be a few seconds ahead.
AHEAD = timedelta(minutes=1)

# Beside one watch a folder, other programs of the same user need some.
WATCHES_SPARE = 1.25
# An engine needs one; editors, file managers and containers have several each.
INSTANCES_LEAST = 16

# Files that the engine and a worker have open beside connections of the hub, with room.
FILES_OWN = 256
# Pushes under way at a time, at most (hub/wire.py).
PUSHES_MOST = 1_000

# Zones that are in every list of them.
_ZONES = ("UTC", "Europe/Berlin", "America/New_York")


@dataclass(frozen=True, slots=True)
class ContentSeen:
    """What lies in the content folder: files by their time of modification in seconds.

    ``failed`` are folders that cannot be read, ``unreadable`` such files; ``folders`` counts all.
    """

    files: dict[str, float] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    folders: int = 0


def check_disk(name: str, folder: Path, free: int, total: int, store_size: int) -> Finding:
    """Judge the room on a volume; ``name`` is what lies there. All sizes in bytes."""
    check = f"disk of the {name}"
    what = f"{write_size(free)} of {write_size(total)} free at {folder}"
    fix = f"make room: du -xh {folder} | sort -h | tail shows what is large"
    if free < DISK_LEAST:
        return Finding(check, FAULT, what, fix)
    if free < DISK_SHARE * total:
        return Finding(check, WARNING, f"{what}, less than {DISK_SHARE:.0%}", fix)
    if free < DISK_STORES * store_size:
        return Finding(check, WARNING, f"{what}, less than {DISK_STORES} times the store", fix)
    return Finding(check, OK, what)


def check_size(store_size: int, wal_size: int) -> Finding:
    """Judge the store's size, and its log's."""
    what = f"the store has {write_size(store_size)}, its log {write_size(wal_size)}"
    if wal_size > WAL_MOST:
        what += ": somebody has begun to read it and does not end"
        fix = "end other programs on it (fuser -v FILE names them), and restart feedsvc serve"
        return Finding("size", WARNING, what, fix)
    return Finding("size", OK, what)


def check_clock(now: datetime, moments: dict[str, datetime]) -> Finding:
    """Judge this machine's clock by moments that must have been, each with what has it."""
    ahead = {name: moment for name, moment in moments.items() if moment > now + AHEAD}
    if not ahead:
        return Finding("clock", OK, f"{now:%Y-%m-%d %H:%M:%S} UTC; nothing is from the future")
    latest = max(ahead.values())
    return Finding(
        "clock",
        WARNING,
        f"from the future: {name_some(ahead)}, until {latest:%Y-%m-%d %H:%M:%S} UTC; a clock runs "
        "wrong, or did",
        "set it: timedatectl set-ntp true; with a right clock wait until then: readers take what "
        "is new all the same, by its ETag",
    )


def check_watches(folders: int, watches: int | None, instances: int | None) -> Finding:
    """Judge the kernel's limits of watching folders; None where it has none that can be read."""
    check = "watch limits"
    if watches is None or instances is None:
        return Finding(check, OK, "this system has none that could be read")
    what = f"{folders} folders, and {watches} may be watched, in {instances} groups"
    wanted = max(524_288, 2 * folders)
    if watches < folders * WATCHES_SPARE:
        fix = _set_limit("max_user_watches", wanted)
        return Finding(check, FAULT, f"{what}: new articles wait for the next scan", fix)
    if instances < INSTANCES_LEAST:
        return Finding(check, WARNING, what, _set_limit("max_user_instances", 128))
    return Finding(check, OK, what)


def _set_limit(name: str, value: int) -> str:
    line = f"fs.inotify.{name}={value}"
    return f"as root: echo {line} > /etc/sysctl.d/60-feedsvc.conf && sysctl --system"


def check_open_files(soft: int, hard: int, subscriptions: int) -> Finding:
    """Judge how many files a process may have open; each push under way is one."""
    wanted = FILES_OWN + min(PUSHES_MOST, subscriptions)
    what = f"{soft} for a process, and {wanted} may be needed with {subscriptions} subscriptions"
    if soft >= wanted:
        return Finding("open files", OK, what)
    how = "" if hard >= wanted else ", after the hard limit was raised as root"
    fix = f"LimitNOFILE=65536 in the unit (deploy/feedsvc.service has it), or ulimit -n 65536{how}"
    return Finding("open files", FAULT, what, fix)


def check_modes(
    config: Path, config_mode: int, secret: str, key: Path | None, key_mode: int | None
) -> list[Finding]:
    """Judge who may read what is secret; ``secret`` is what the config has of that, if any."""
    found = []
    if secret and config_mode & stat.S_IROTH:
        what = f"everybody on this machine may read {config}, and {secret} is in it"
        found.append(Finding("permissions", FAULT, what, f"chmod o= {config}"))
    if key_mode is not None and key_mode & 0o077:
        what = f"others may read {key}, which opens subscribers' secrets"
        found.append(Finding("permissions", FAULT, what, f"chmod 600 {key}"))
    return found or [Finding("permissions", OK, "nobody else can read what is secret")]


def name_secret(config: Config) -> str:
    """Return what a config has that nobody else should read."""
    if config.admin.password_hash:
        return "the password's hash"
    tokens = [name for name, partner in config.partners.items() if partner.token]
    return f"the token of {name_some(tokens)}" if tokens else ""


def check_zones(load: Callable[[str], object]) -> Finding:
    """Judge the time zones; ``load`` raises where there are none."""
    for zone in _ZONES:
        try:
            load(zone)
        except Exception as error:
            what = f"the zone {zone} cannot be loaded: {type(error).__name__}"
            return Finding("time zones", FAULT, what, "pip install --force-reinstall tzdata")
    return Finding("time zones", OK, "there are data of them")


def check_content(
    folder: Path, seen: ContentSeen, known: frozenset[str] | None, troubled: frozenset[str],
    late: float,
) -> list[Finding]:  # fmt: skip
    """Judge the content folder against the store (``known`` files; None if there is no store).

    What was changed before ``late`` (seconds since 1970) must have been read by now.
    """
    found: list[Finding] = []

    def add(state: str, what: str, fix: str) -> None:
        found.append(Finding("content", state, what, fix))

    if seen.failed:
        what = f"folders that cannot be read: {name_some(seen.failed)}"
        add(FAULT, what, f"chmod -R u+rX {folder}, as their owner")
    if seen.unreadable:
        what = f"files that cannot be read: {name_some(seen.unreadable)}"
        add(FAULT, what, f"chmod -R u+rX {folder}, as their owner")
    if known is not None:
        unread = [
            path
            for path, modified in seen.files.items()
            if path not in known and path not in troubled and modified < late
        ]
        if unread:
            what = f"{len(unread)} files were never read: {name_some(unread)}"
            add(WARNING, what, "feedsvc scan, and leave feedsvc serve running")
        gone = {path for path in known - seen.files.keys() if not _is_below(path, seen.failed)}
        if gone:
            what = f"{len(gone)} files that articles came from are gone: {name_some(gone)}"
            fix = "put them back, or let the articles go: feedsvc scan --accept-deletions"
            many = len(gone) * 2 > len(known)
            add(FAULT if many else WARNING, what, fix)
    if troubled:
        add(WARNING, f"{len(troubled)} problems: {name_some(troubled)}", "feedsvc problems")
    return found or [Finding("content", OK, f"{len(seen.files)} articles in {folder}, all read")]


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def check_file_system(name: str, folder: Path, kind: str, scan_every: float) -> Finding | None:
    """Judge the file system that the content folder or the store lies on, by the kernel's name."""
    if not is_network(kind):
        return None
    if name == "store":
        what = f"{folder} is on a network file system ({kind}), where SQLite's locks do not hold"
        fix = "move it to a disk of this machine, and name that in store.url"
        return Finding("store", FAULT, what, fix)
    what = f"{folder} is on a network file system ({kind}): only scans see what others write"
    fix = f"content.scan_every: 5s (it is {scan_every:g}s), or write articles on this machine"
    return Finding("content", WARNING, what, fix)
