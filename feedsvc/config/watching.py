"""When to read a config file that people edit: not while it is being saved."""

from __future__ import annotations

# A file is read once it has been still for so long, in seconds: editors save in two goes, too.
STILL_FOR = 0.5

# Editors that rename over a file leave a moment without one; for longer, it is missing.
MISSING_FOR = 2.0

# What went wrong for a reason that is not in the file is tried again after so many seconds.
AGAIN_AFTER = 5.0

# Times of writing and of any change, size and number on the disk; None while there is no file.
Mark = tuple[int, int, int, int] | None


class Stillness:
    """Tells when a file whose marks are looked at now and then is to be read.

    ``mark`` is what it was when it was read last.
    """

    def __init__(self, mark: Mark) -> None:
        self._read: Mark | str = mark
        self._seen = mark
        self._since = 0.0
        self._not_before = 0.0

    def is_due(self, mark: Mark, now: float) -> bool:
        """Whether to read the file that has ``mark`` at ``now``, seconds of a steady clock."""
        if mark != self._seen:
            self._seen, self._since = mark, now
            return False
        wait = STILL_FOR if mark else MISSING_FOR
        if mark == self._read or now < max(self._since + wait, self._not_before):
            return False
        self._read = mark
        return True

    def read_again(self, not_before: float = 0.0) -> None:
        """Let the file be read once more, though it is as it was."""
        self._read, self._not_before = "", not_before
