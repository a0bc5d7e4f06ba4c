"""Counting requests: none is lost between threads, and no flood fills the memory."""

from __future__ import annotations

import gc
import sys
import threading
import time

from visitors import POLITICS, visit

from feedsvc.readership import VisitBuffer
from feedsvc.readership.agents import AGENT_MOST
from feedsvc.readership.visits import ADDRESS_MOST, REST_MOST, VISITS_MOST, Visit

THREADS, EACH = 8, 5_000


def count(buffer: VisitBuffer, key: Visit) -> None:
    """Count a request as the fast path does."""
    next(buffer.counters[key])


def test_no_request_is_lost_between_threads_and_swaps() -> None:
    """Threads that are interrupted all the time, while the map is taken again and again."""
    buffer, together = VisitBuffer(), threading.Barrier(THREADS)

    def work() -> None:
        for turn in range(EACH):
            if turn % 10 == 0:
                together.wait(60)  # so that several make the same counter at once
            count(buffer, visit(address=f"{turn}"))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        total = 0
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.2)  # it is ten seconds when it is real
            total += sum(buffer.take().values())
    finally:
        sys.setswitchinterval(before)
    # The last ones, and what came late to the map before.
    total += sum(buffer.take().values()) + sum(buffer.take().values())
    assert total == THREADS * EACH


def test_no_request_is_lost_where_the_collector_of_memory_runs_in_between() -> None:
    """It may run wherever something is made, and lets other threads run: each counts once here."""
    buffer, came = VisitBuffer(), 0
    # Python keeps 2,000 pairs to use again; only beyond them memory is asked for.
    for number in range(5_000):
        count(buffer, visit(address=f"{number}"))
    held = [buffer.counters]  # by threads that took hold of it before it was told

    def come(phase: str, _: object) -> None:
        nonlocal came
        if phase == "start":
            came += 1
            next(held[0][visit(f"New/{came}")])

    def take_beside_it() -> int:
        before = gc.get_threshold()
        gc.callbacks.append(come)
        gc.set_threshold(1)
        try:
            return sum(buffer.take().values())
        finally:
            gc.set_threshold(*before)
            gc.callbacks.remove(come)

    first = take_beside_it()
    assert came
    assert first + sum(buffer.take().values()) == 5_000 + came
    # The map of the time before is looked through with as little harm.
    for number in range(5_000):
        count(buffer, visit(address=f"{number}"))
    held = [buffer.counters]
    assert sum(buffer.take().values()) == 5_000
    take_beside_it()


def test_who_comes_late_to_a_map_that_was_told_is_told_the_next_time() -> None:
    buffer = VisitBuffer()
    count(buffer, visit())
    held = buffer.counters  # by a thread that is put to sleep right now
    assert buffer.take() == {visit(): 1}
    next(held[visit()])
    next(held[visit("New/1")])
    count(buffer, visit())
    assert buffer.take() == {visit(): 2, visit("New/1"): 1}
    assert buffer.take() == {}


def test_a_flood_of_different_requests_is_bounded() -> None:
    """All are counted; beyond the bound nobody asks who they are."""
    buffer = VisitBuffer()
    sent = 3 * VISITS_MOST
    for number in range(sent):
        count(buffer, visit(f"Reader {number}", path=f"/feeds/{number}.xml", length=number))
    taken = buffer.take()
    assert len(taken) <= VISITS_MOST + REST_MOST + 1
    assert sum(taken.values()) == sent
    assert not buffer.take()


def test_who_is_known_stays_known_in_a_flood() -> None:
    buffer = VisitBuffer()
    count(buffer, visit("First"))
    for number in range(VISITS_MOST + REST_MOST):
        count(buffer, visit(f"Reader {number}"))
    count(buffer, visit("First"))
    assert buffer.take()[visit("First")] == 2


def test_long_texts_are_cut_before_they_are_kept() -> None:
    buffer = VisitBuffer()
    for number in range(3):
        end = str(number)
        count(buffer, visit("R" * 100_000 + end, "a" * 9_000 + end, forwarded="x" * 9_000))
    count(buffer, (POLITICS, None, None, None, "304", 0))  # nothing was sent
    (cut, number), (bare, _) = buffer.take().items()
    assert number == 3
    assert (len(cut[1] or ""), len(cut[2] or ""), len(cut[3] or "")) == (
        AGENT_MOST,
        ADDRESS_MOST,
        ADDRESS_MOST,
    )
    assert bare == (POLITICS, "", "", None, "304", 0)


def test_answers_that_are_no_feed_count_by_status() -> None:
    buffer = VisitBuffer()
    for status in ("404 Not Found", "404 Not Found", "410 Gone"):
        buffer.note_other(status)
    assert {key[4]: number for key, number in buffer.take().items()} == {"404": 2, "410": 1}
