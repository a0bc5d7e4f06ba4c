"""``feedsvc serve``: the engine and the web workers, until somebody ends them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
from rich.text import Text

from feedsvc import __version__
from feedsvc.cli.output import (
    PROBLEMS,
    begin_log,
    config_option,
    console,
    fail,
    load,
    log_option,
    one_line_errors,
    progress_bar,
)
from feedsvc.cli.workers import WebSide, preload, serve_web
from feedsvc.config import Bucket, Config, LoadedConfig, load_config
from feedsvc.errors import ContentFolderError, FeedsvcError, StoreAwayError
from feedsvc.logs import get_log, is_json
from feedsvc.store import Store
from feedsvc.web.launch import FOLDER_VARIABLE

log = get_log(__name__)

# With a publication in the store, readers are served at once if the first scan takes longer than
# this many seconds.
FIRST_SCAN_PATIENCE = 2.0

# More workers than this only help machines that serve nothing else; --workers overrides it.
_WORKERS_MOST = 4

# A site of more files than this is not waited for: its engine takes seconds to begin, and a minute
# if it is large enough. With less, who comes at once sees what changed while nothing ran.
_FILES_WAITED_FOR = 20_000


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Web workers [default: one a core, up to 4]"
)
@click.option(
    "--role",
    type=click.Choice(["all", "engine", "web"]),
    default="all",
    show_default=True,
    help="engine: scan and publish only, or stand by if another engine does; "
    "web: serve only what the store holds.",
)
@log_option
def serve(
    config_path: Path, host: str, port: int, workers: int | None, role: str, log_json: bool
) -> None:
    """Scan the content folder, serve the feeds, and watch for changes.

    Ctrl-C or SIGTERM end it in order, with nothing half-done.
    """
    begin_log(log_json)
    loaded = _name_address(load(config_path), host, port)

    def read_config() -> LoadedConfig:
        return _name_address(load_config(config_path, os.environ), host, port)

    if role != "engine":
        _require_free_port(host, port)
    folder = loaded.config.content.folder
    if isinstance(folder, Bucket):
        from feedsvc.bucket import require_library

        # A server that does not answer now may do so soon: the site is served meanwhile.
        with one_line_errors():
            require_library()
    elif role != "web" and not folder.is_dir():
        fail(f"the content folder {folder} is missing: create it, or set content.folder")
    for warning in loaded.warnings:
        if is_json():
            log.warning("config warning", **warning.keys())
        else:
            click.echo(f"warning: {warning}", err=True)
    # SIGTERM as Ctrl-C, which shells let what runs in the background ignore: either is a good end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    workers = workers or min(_WORKERS_MOST, multiprocessing.cpu_count())
    with one_line_errors(), contextlib.suppress(KeyboardInterrupt):
        if role == "web":
            preload()
            _look_at_store(loaded.config)
            # Media lie where this machine has them, which may not be where the engine has.
            os.environ[FOLDER_VARIABLE] = str(loaded.config.content.folder)
            _greet(loaded.config, host, port, role)
            serve_web(loaded.config.store.url, host, port, workers)
        elif role == "engine":
            _run_engine(loaded, read_config, host, port, role)
        else:
            preload()
            web = WebSide(loaded.config.store.url, host, port, workers)
            try:
                with _opened_store(loaded.config) as store:
                    if store.revision() and store.has_more_files(_FILES_WAITED_FOR):
                        web.begin()
                _run_engine(loaded, read_config, host, port, role, web)
            finally:
                web.terminate()
                web.join()


def _run_engine(
    loaded: LoadedConfig,
    read_config: Callable[[], LoadedConfig],
    host: str,
    port: int,
    role: str,
    web: WebSide | None = None,
) -> None:
    """Run the engine until a signal ends it, or ``web`` ends by itself; either ends the other."""
    # Web machines need none of these, and are ready half a second sooner without.
    from feedsvc.lead import Lead
    from feedsvc.scheduler import Engine
    from feedsvc.service import Service

    lead = Lead(loaded.config.store.url)
    service: Service | None = None
    engine: Engine | None = None
    try:
        lead.start()
        service = Service(loaded, fence=lead.fence)
        is_first = service.is_at_work
        fresh = is_first and service.store.revision() == 0
        if is_first:
            service.start()
        if fresh:
            with progress_bar("Reading articles", shown=True) as progress:
                try:
                    service.scan(progress)
                except ContentFolderError as error:
                    raise FeedsvcError(str(error)) from None
        engine = Engine(service, read_config, lead)
        engine.start()
        if is_first:
            engine.scanned.wait(FIRST_SCAN_PATIENCE)
        _greet(loaded.config, host, port, role, is_first)
        if web:
            web.begin()
            if web.wait():
                log.error("web workers ended", why="they do not stay alive")
                raise SystemExit(PROBLEMS)
        else:
            _wait_for_the_end()
    finally:
        _ignore_signals()
        if web:
            web.terminate()  # it ends while the engine does
        if engine:
            engine.stop()
        if web:
            web.join()  # who closes an SQLite store last tidies up behind all
        lead.stop()
        if service:
            service.close()


def _ignore_signals() -> None:
    """Let nothing break off what ends already: it takes a few seconds at most."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _wait_for_the_end() -> None:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()


def _require_free_port(host: str, port: int) -> None:
    """End with one line if nobody could listen there: better now than in every worker."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:  # the latter for a host that is no name at all
        reason = getattr(error, "strerror", "") or str(error)
        fail(f"cannot listen on {host}:{port}: {reason}; choose another --port or --host")


def _name_address(loaded: LoadedConfig, host: str, port: int) -> LoadedConfig:
    """Let feeds name the address that is served, where the config names none."""
    config = loaded.config
    if "base_url" in config.site.model_fields_set:
        return loaded
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    shown = f"[{shown}]" if ":" in shown else shown
    site = config.site.model_copy(update={"base_url": f"http://{shown}:{port}"})
    return replace(loaded, config=config.model_copy(update={"site": site}))


@contextlib.contextmanager
def _opened_store(config: Config) -> Iterator[Store]:
    """Open the store for a look at it; it is made or upgraded if need be."""
    store = Store(config.store.url)
    try:
        store.migrate()
        yield store
    finally:
        store.close()


def _look_at_store(config: Config) -> None:
    """Warn of a store from which web workers have nothing to serve for now; they wait for it."""
    try:
        with _opened_store(config) as store:
            if not store.revision():
                what = "nothing is published yet; start an engine on this store"
                _warn("nothing published", what)
    except StoreAwayError as error:
        # A replica that begins while the database is away is as good as one that began before.
        _warn("store away", f"{error}; readers are told to come again until it answers")


def _warn(event: str, why: str) -> None:
    if is_json():
        log.warning(event, why=why)
    else:
        click.echo(f"warning: {why}", err=True)


def _greet(config: Config, host: str, port: int, role: str, works: bool = True) -> None:
    """Say where to look, and whether an engine of this process ``works`` or stands by."""
    base = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
    first = next(iter(config.sections), "all")
    if is_json():
        folder = str(config.content.folder)
        log.info(
            "serving",
            site=config.site.title,
            address=base,
            role=role,
            articles=folder,
            version=__version__,
        )
        return
    screen = console()
    doing = "is at work" if works else "stands by, as another engine is at work"
    screen.print(Text(f"feedsvc {doing}: {config.site.title}", style="bold"))
    if role != "engine":
        screen.print(Text(f"  site      {base}/"))
        screen.print(Text(f"  feeds     {base}/feeds/"))
        screen.print(Text(f"  for one   {base}/feeds/{first}.xml  .atom  .json"))
    screen.print(Text(f"  articles  {config.content.folder}"))
    screen.print(Text("  Ctrl-C ends it."))
    sys.stdout.flush()
