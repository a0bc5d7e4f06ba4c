"""What engines raise -> the one error that the rest of feedsvc knows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from feedsvc.errors import StoreError


@contextlib.contextmanager
def as_store_errors(what: str = "the store does not answer") -> Iterator[None]:
    """Raise StoreError, in a line that begins with ``what``, for whatever the engine raises."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).split("\n")[0]
        raise StoreError(f"{what}: {reason}") from error
