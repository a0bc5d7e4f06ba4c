"""``feedsvc export``: the site as files, for a web server or a bucket."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import click

from feedsvc.bucket import require_library
from feedsvc.cli.output import (
    FINE,
    PROBLEMS,
    begin_log,
    config_option,
    fail,
    json_option,
    load,
    log_option,
    one_line_errors,
    print_json,
    progress_bar,
)
from feedsvc.cli.peek import is_missing
from feedsvc.config import Bucket, Config
from feedsvc.errors import FeedsvcError
from feedsvc.export import (
    SUFFIXES,
    BucketTarget,
    Exported,
    FolderTarget,
    PublishedSite,
    Target,
    export_site,
    keep_exported,
)
from feedsvc.logs import get_log, is_json
from feedsvc.service import read_clock
from feedsvc.store import Store

log = get_log(__name__)

# Of what a run did, too long for a person and for a line of a log.
_UNTOLD = ("names", "paths")


@click.command()
@click.argument("target", metavar="DIR|s3://BUCKET/PREFIX")
@click.option("--watch", is_flag=True, help="Go on: export again after each change.")
@click.option(
    "--encoding",
    type=click.Choice(list(SUFFIXES)),
    default="identity",
    show_default=True,
    help="In a bucket: the coding of each object, whatever its reader asks for.",
)
@click.option("--variants", is_flag=True, help="In a bucket: .gz, .br and .zst objects beside.")
@click.option("--again", is_flag=True, help="Put everything, also what is there already.")
@config_option
@json_option
@log_option
def export(
    target: str,
    watch: bool,
    encoding: str,
    variants: bool,
    again: bool,
    config_path: Path,
    as_json: bool,
    log_json: bool,
) -> None:
    """Write what is published to a folder or a bucket, as files that need no server of ours.

    Only what changed is written, what is pointed to before what points there, and what goes is
    deleted last. feedsvc serve may run meanwhile, and need not. Exits with 1 if the target fails.
    """
    begin_log(log_json, quiet=True)
    config = load(config_path).config
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with one_line_errors():
        if is_missing(config):
            fail("nothing is published yet: run feedsvc scan, or start feedsvc serve, first")
        place = _find_target(target, encoding, variants, config)
        store = Store(config.store.url)
    try:
        _export(store, place, config, ending, watch, again, as_json)
    except FeedsvcError as error:
        _complain(str(error))
        sys.exit(PROBLEMS)
    finally:
        store.close()
    sys.exit(FINE)


def _export(
    store: Store,
    place: Target,
    config: Config,
    ending: threading.Event,
    watch: bool,
    again: bool,
    as_json: bool,
) -> None:
    folder = config.content.folder
    if isinstance(folder, Bucket):
        require_library()
    store.migrate()
    site = PublishedSite(store, folder, read_clock)
    forced = again

    def export_once() -> Exported:
        nonlocal forced
        with progress_bar("Exporting", shown=not watch) as progress:
            done = export_site(
                site, place, again=forced, is_ending=ending.is_set, progress=progress
            )
        forced = False
        if config.purge and done.paths:
            _purge(store, config, done.paths)
        return done

    if not watch:
        _tell(export_once(), place, as_json)
        return

    def tell(done: Exported) -> None:
        if done.put or done.deleted:
            _tell(done, place, as_json)

    def complain(error: FeedsvcError, wait: float) -> None:
        _complain(f"{error}; trying again in {wait:.0f} s")

    keep_exported(store, export_once, tell, complain, ending)


def _purge(store: Store, config: Config, paths: tuple[str, ...]) -> None:
    """Let caches in front of the target forget what it had; what they do not take is owed to them.

    An engine that publishes tells them before the files are there: this is what counts here.
    """
    from feedsvc.purge import send_now

    failed: dict[str, list[str]] = {}
    for one in (told := send_now(config, paths)):
        if one.failed:
            failed.setdefault(one.cache.id, []).append(one.target)
    for cache in config.purge:
        if cache.id in failed:
            why = next(one.failed for one in told if one.failed and one.cache.id == cache.id)
            _complain(f"purge {cache.name}: {why}; feedsvc serve tries it again")
    if failed:
        with store.writing() as writer:
            for cache_id, targets in failed.items():
                writer.purges.owe(cache_id, targets, read_clock())


def _find_target(target: str, encoding: str, variants: bool, config: Config) -> Target:
    """Return the target that the command line names; end with exit code 2 where it cannot be."""
    content = config.content.folder
    if target.startswith("s3://"):
        place = BucketTarget(target, encoding, variants)
        if isinstance(content, Bucket) and f"{place.name}/".startswith(f"{content}/"):
            fail(f"{place.name} lies in the content folder: its files would be taken for articles")
        return place
    if "://" in target:
        fail(f"{target}: a folder or s3://bucket/prefix can be exported to, nothing else")
    if encoding != "identity":
        fail("--encoding is for buckets: in a folder each file lies in all codings")
    folder = Path(target)
    if isinstance(content, Path):
        inside, outside = folder.resolve(), content.resolve()
        if inside == outside or outside in inside.parents:
            fail(f"{folder} lies in the content folder: its files would be taken for articles")
    return FolderTarget(folder)


def _tell(done: Exported, place: Target, as_json: bool) -> None:
    said = {name: value for name, value in asdict(done).items() if name not in _UNTOLD}
    if as_json:
        print_json({"target": place.name, **said})
    elif is_json():
        log.info("exported", target=place.name, **said)
    else:
        text = (
            f"{place.name}: {done.put} files put ({done.bytes / 1e6:.1f} MB), {done.deleted} "
            f"deleted, {done.unchanged} addresses unchanged"
        )
        click.echo(f"{text}; reload nginx" if done.reload and done.unchanged else text)
    sys.stdout.flush()


def _complain(message: str) -> None:
    message = " ".join(message.split())
    if is_json():
        log.error("not exported", why=message)
    else:
        click.echo(f"feedsvc: {message}", err=True)
