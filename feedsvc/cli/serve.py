"""``feedsvc serve``: the engine and the web workers, until somebody ends them."""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from feedsvc import __version__
from feedsvc.cli.output import (
    begin_log,
    config_option,
    console,
    fail,
    load,
    log_option,
    one_line_errors,
    progress_bar,
)
from feedsvc.config import Bucket, Config, LoadedConfig, load_config
from feedsvc.errors import ContentFolderError, FeedsvcError
from feedsvc.logs import get_log, is_json
from feedsvc.store import Store
from feedsvc.web.launch import FOLDER_VARIABLE, STORE_VARIABLE, STREAMS_MOST

log = get_log(__name__)

# With a publication in the store, readers are served at once if the first scan takes longer than
# this many seconds.
FIRST_SCAN_PATIENCE = 2.0

# More workers than this only help machines that serve nothing else; --workers overrides it.
_WORKERS_MOST = 4

# What a worker may still finish when it is told to end, in seconds; serve ends within five.
_WORKER_GRACE = 2

# Threads a worker runs Python in: measured on one core with 32 connections, 8 serve a third more
# requests than 1, and more serve no more. They begin when needed, and each slow download of a long
# file needs one more.
_WORKER_THREADS = 8

# What Granian says goes where all else goes, and not to standard output.
_GRANIAN_LOGS: dict[str, Any] = {
    "loggers": {
        name: {"handlers": [], "propagate": True} for name in ("_granian", "granian.access")
    }
}

# Ours and a proxy's idle connections; the kernel's own list of waiting ones.
_BACKLOG = 2048


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
    # SIGTERM as Ctrl-C, until the web server has its own handlers: either is a good end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    workers = workers or min(_WORKERS_MOST, multiprocessing.cpu_count())
    with one_line_errors(), contextlib.suppress(KeyboardInterrupt):
        if role == "web":
            _check_store(loaded.config)
            # Media lie where this machine has them, which may not be where the engine has.
            os.environ[FOLDER_VARIABLE] = str(loaded.config.content.folder)
            _greet(loaded.config, host, port, role)
            _preload_worker()
            _serve_web(loaded.config, host, port, workers, "fork")
        else:
            _run_engine(loaded, read_config, host, port, workers, role)


def _run_engine(
    loaded: LoadedConfig,
    read_config: Callable[[], LoadedConfig],
    host: str,
    port: int,
    workers: int,
    role: str,
) -> None:
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
        if role == "all":
            # A forked worker would have the engine's locks and thread pools, but none of its
            # threads: what waits for one of those would wait for ever.
            _serve_web(loaded.config, host, port, workers, "spawn")
        else:
            _wait_for_the_end()
    finally:
        if engine:
            engine.stop()
        lead.stop()
        if service:
            service.close()


def _preload_worker() -> None:
    """Load what web workers are made of, for those that are forked from this process.

    They begin at once then, and share the memory of it.
    """
    importlib.import_module("feedsvc.web.worker")
    gc.collect()
    gc.freeze()


def _serve_web(config: Config, host: str, port: int, workers: int, method: str) -> None:
    """Run the web workers until a signal ends them; ``method`` is how their processes begin."""
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    os.environ[STORE_VARIABLE] = config.store.url
    multiprocessing.set_start_method(method, force=True)
    server = Server(
        "feedsvc.web.worker:make_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        factory=True,
        backlog=_BACKLOG,
        http=HTTPModes.http1,
        websockets=False,
        blocking_threads=_WORKER_THREADS + STREAMS_MOST,
        # Its warnings doubt settings that were measured; what breaks is said as an error.
        log_level=LogLevels.error,
        log_dictconfig=_GRANIAN_LOGS,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_kill_timeout=_WORKER_GRACE,
    )
    server.serve()


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


def _check_store(config: Config) -> None:
    store = Store(config.store.url)
    store.migrate()
    if not store.revision():
        what = "nothing is published yet; start an engine on this store"
        if is_json():
            log.warning("nothing published", why=what)
        else:
            click.echo(f"warning: {what}", err=True)
    store.close()


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
