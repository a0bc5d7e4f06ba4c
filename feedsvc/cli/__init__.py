"""The commands. Each has a module of its own; heavy imports wait until a command needs them."""

from __future__ import annotations

import atexit
import gc
import importlib

import click

from feedsvc import __version__

# command -> (module, attribute): `feedsvc --help` must not load a web server.
_COMMANDS = {
    "serve": "feedsvc.cli.serve",
    "scan": "feedsvc.cli.scan",
    "check": "feedsvc.cli.check",
    "explain": "feedsvc.cli.explain",
    "init": "feedsvc.cli.init",
    "review": "feedsvc.cli.review",
    "file": "feedsvc.cli.file",
    "withdraw": "feedsvc.cli.withdraw",
    "audit": "feedsvc.cli.lists",
    "problems": "feedsvc.cli.lists",
    "sections": "feedsvc.cli.lists",
    "stats": "feedsvc.cli.stats",
    "section": "feedsvc.cli.section",
    "partners": "feedsvc.cli.partners",
    "hub": "feedsvc.cli.hub",
    "purge": "feedsvc.cli.purge",
    "backup": "feedsvc.cli.backup",
    "restore": "feedsvc.cli.backup",
    "export": "feedsvc.cli.export",
    "doctor": "feedsvc.cli.doctor",
    "migrate": "feedsvc.cli.store",
    "copy-store": "feedsvc.cli.store",
    "admin": "feedsvc.cli.admin",
}


# New objects after which the collector looks for cycles. At Python's 700 a scan of many articles
# spends a tenth of its time on looking at what is alive.
COLLECT_AFTER = 20_000


class _LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        gc.disable()
        command = getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        # What imports made lives to the end, and what is there at the end goes with the process:
        # the collector need look at neither.
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)
        gc.enable()
        atexit.register(gc.freeze)
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="feedsvc")
def main() -> None:
    """Turn a folder of articles into feeds that people and machines follow.

    Exit codes: 0 all is well, 1 problems were found, 2 wrong use.
    """
