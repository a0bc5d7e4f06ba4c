"""How long a server may keep silent before it is given up.

A machine that is frozen, or a disk that hangs, takes connections and answers nothing: its kernel
says that all is well, and its own time limits stand still. So we look at our own clock.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds without a byte from the server; None is for ever.

    ``connect`` is for a new connection, ``look`` for a question that costs the server nothing,
    ``reading`` and ``writing`` for any other. Once a connection could not be made in time, nobody
    tries for ``rest``, and then one at a time: else all threads of a worker would wait.
    """

    connect: int
    look: float
    reading: float | None = None
    writing: float | None = None
    rest: float = 0.0


# Engines and commands: among a million articles a question may take a minute to its first row.
AT_LENGTH = Bounds(connect=5, look=5.0)

# Web workers, for whom somebody waits. The largest question of a page takes half a second among a
# million articles; a writer waits up to ten seconds for other writers, and is told then. Below two
# seconds no connection is given up (libpq).
IN_BRIEF = Bounds(connect=2, look=2.0, reading=10.0, writing=15.0, rest=1.0)
