"""Changing config.yaml as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from feedsvc.config.editing import Edit
from feedsvc.config.load import LoadedConfig, parse_config, read_config
from feedsvc.errors import ConfigError, EditError


def edit_config(
    path: Path, environment: Mapping[str, str], change: Callable[[str], Edit], mends: str = ""
) -> tuple[Edit, LoadedConfig]:
    """Let ``change`` make a new text of the config at ``path``, and save it if it is right.

    Whoever reads the file meanwhile, as a running engine does, sees the old one or the new one. A
    fault of the key that the change ``mends`` is none. Returns what was changed, and the new
    config. Raises ConfigError with every fault of the file as it is, or as it would be; EditError
    where the change cannot be made or saved. Then nothing is written.
    """
    before = check_before_edit(path, environment, mends)
    edit = change(before.decode())
    after = edit.text.encode()
    loaded = parse_config(after, path, environment)
    if after != before:
        try:
            _replace(path.resolve(), before, after)  # a link stays one
        except OSError as error:
            reason = error.strerror or error
            raise EditError(f"{path} cannot be written: {reason}; nothing was changed") from None
    return edit, loaded


def check_before_edit(path: Path, environment: Mapping[str, str], mends: str = "") -> bytes:
    """Return what stands in a config that can be edited; see ``edit_config``."""
    data = read_config(path)
    try:
        parse_config(data, path, environment)
    except ConfigError as error:
        if any(fault.key != mends for fault in error.faults):
            raise
    return data


def _replace(path: Path, before: bytes, after: bytes) -> None:
    """Put a new file in the place of ``path``, with its mode and owner, on the disk for sure."""
    status = path.stat()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a file that is open already
            file.write(after)
            file.flush()
            os.fchmod(handle, stat.S_IMODE(status.st_mode))
            made = os.fstat(handle)
            if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
                os.fchown(handle, status.st_uid, status.st_gid)
            os.fsync(handle)
        if path.read_bytes() != before:
            raise EditError(f"{path} was saved by somebody else just now: try again")
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
