"""``feedsvc admin``: who may use the dashboard."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from feedsvc.cli.output import FINE, config_option, fail, refused_edits
from feedsvc.config import Edit, check_before_edit, edit_config, set_password_hash

# Long enough that nobody guesses it over the network, whatever they try it with.
PASSWORD_CHARS_LEAST = 12
# Nobody types more; hashing takes as long as what is hashed is long.
PASSWORD_CHARS_MOST = 1000

_KEY, _VARIABLE = "admin.password_hash", "FEEDSVC_ADMIN__PASSWORD_HASH"


@click.group()
def admin() -> None:
    """Who may use the dashboard, at /admin/."""


@admin.command()
@click.option("--stdin", "from_stdin", is_flag=True, help="Read it from standard input, one line.")
@click.option("--remove", is_flag=True, help="Take it out: the dashboard answers here alone.")
@config_option
def password(from_stdin: bool, remove: bool, config_path: Path) -> None:
    """Set the password of the dashboard, or another one: asks for it twice.

    Only its hash is written into config.yaml. A running feedsvc has it in force within two seconds.
    """
    if from_stdin and remove:
        fail("write --stdin or --remove: not both")
    with refused_edits():
        # A file that cannot be edited is told before anybody types.
        check_before_edit(config_path, os.environ, _KEY)
    value = "" if remove else _hash(_read(from_stdin))
    had = False

    def change(text: str) -> Edit:
        nonlocal had
        edit = set_password_hash(text, value)
        had = edit.text != text
        return edit

    with refused_edits():
        edit_config(config_path, os.environ, change, _KEY)
    if not had:
        click.echo(f"{config_path}: there is no password in it")
        sys.exit(FINE)
    click.echo(f"{config_path}: the password is {'taken out' if remove else 'set'}")
    click.echo("A running feedsvc has it in force within two seconds.")
    if _VARIABLE in os.environ:
        click.echo(f"warning: {_VARIABLE} is set, and wins over the file", err=True)
    sys.exit(FINE)


def _read(from_stdin: bool) -> str:
    if from_stdin:
        line = sys.stdin.readline(PASSWORD_CHARS_MOST + 2)
        value = line.rstrip("\r\n")
    else:
        try:
            value = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        except click.Abort:
            fail("no password was given: nothing was changed")
    if len(value) < PASSWORD_CHARS_LEAST:
        fail(f"a password has {PASSWORD_CHARS_LEAST} characters or more: nothing was changed")
    if len(value) > PASSWORD_CHARS_MOST:
        fail(f"a password has {PASSWORD_CHARS_MOST} characters or less: nothing was changed")
    return value


def _hash(value: str) -> str:
    from werkzeug.security import generate_password_hash

    try:
        return generate_password_hash(value, method="scrypt")
    except UnicodeEncodeError:
        fail("the password holds bytes that are no text: nothing was changed")
