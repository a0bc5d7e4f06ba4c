"""What engines raise -> the one error that the rest of feedsvc knows."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from feedsvc.errors import StoreAwayError, StoreError

# What a server says that is there and lets nobody in: waiting does not help. The driver has no code
# for it (there is no result yet); where the server speaks another language, it is waited for.
_REFUSALS = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "no password supplied",
    "permission denied",
)


@contextlib.contextmanager
def as_store_errors(what: str = "the store does not answer") -> Iterator[None]:
    """Raise StoreError, in a line that begins with ``what``, for whatever the engine raises.

    It is a StoreAwayError where the server cannot be reached.
    """
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).split("\n")[0]
        kind = StoreAwayError if _is_away(error) else StoreError
        raise kind(f"{what}: {reason}") from error


def _is_away(error: SQLAlchemyError) -> bool:
    """Whether a server could not be asked, be it that there was never a connection or no longer."""
    if not isinstance(error, OperationalError) or isinstance(error.orig, sqlite3.Error):
        return False
    was_asked = error.statement is not None and not error.connection_invalidated
    said = str(error.orig)
    return not was_asked and not any(words in said for words in _REFUSALS)
