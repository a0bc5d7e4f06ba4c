"""config.yaml is edited 200 times at random, a third of them broken; readers never stop."""

from __future__ import annotations

import contextlib
import http.client
import random
import threading
import time
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from random_edits import ARTICLES, BREAKS, NAMES, PATHS, Desk, Told, expect, read, save, told_by
from sites import Server, Site, article, ask, serving

from feedsvc.config import Config
from feedsvc.config.watching import STILL_FOR
from feedsvc.errors import StoreError
from feedsvc.store import Store

EDITS = 200
BROKEN = EDITS // 3
SEED = 7

# An edit is in force after two seconds; a slow machine that runs other tests has so many more.
WITHIN, SLACK = 2.0, 6.0

# Two workers take a new publication each by itself, a moment apart.
APART = 1.0

POLLERS = 4

# Between two edits; what lies still for the longest is taken before the next.
PAUSES = (*(0.0, 0.0, 0.05) * 3, 0.6)


@dataclass
class Diary:
    """What was saved and when, and what readers were told: what is judged at the end."""

    saved: list[tuple[float, Config]] = field(default_factory=list)
    # From when on only the config with this number, or a later one, is right.
    sure: list[tuple[float, int]] = field(default_factory=list)
    polls: list[tuple[float, float, str, Told]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def note(self, config: Config) -> None:
        self.saved.append((time.monotonic(), config))

    def be_sure(self, number: int) -> None:
        self.sure.append((time.monotonic() + APART, number))

    def candidates(self, began: float, ended: float) -> range:
        """Return which configs may answer a poll: saved before its end, and none sure since."""
        at = bisect_right(self.sure, (began, len(self.saved))) - 1
        last = bisect_right([moment for moment, _ in self.saved], ended)
        return range(self.sure[at][1] if at >= 0 else 0, last)


def poll(port: int, diary: Diary, done: threading.Event, seed: int) -> None:
    """Ask for every address again and again, in another order each time."""
    dice = random.Random(seed)
    while not done.is_set():
        for path in dice.sample(PATHS, len(PATHS)):
            began = time.monotonic()
            try:
                told = told_by(ask(port, path), path)
            except (OSError, http.client.HTTPException) as error:
                diary.lost.append(f"{path}: {error!r}")
                continue
            diary.polls.append((began, time.monotonic(), path, told))
            time.sleep(0.002)  # on two cores the engine has to come in as well


def find_in_force(server: Server, diary: Diary, oldest: int) -> int:
    """Return the number of the newest config that all addresses agree with; -1 if there is none."""
    answers = {path: told_by(server.get(path), path) for path in PATHS}
    for number in range(len(diary.saved) - 1, oldest - 1, -1):
        config = diary.saved[number][1]
        if all(expect(config, path) == told for path, told in answers.items()):
            return number
    return -1


def has_problem(store: Store) -> bool:
    with contextlib.suppress(StoreError):
        return any(one.kind == "config" for one in store.problems())
    return False


def await_good(server: Server, store: Store, diary: Diary, oldest: int, saved: float) -> float:
    """Wait until the config that was saved last is in force everywhere; return how long it took."""
    last = len(diary.saved) - 1
    while find_in_force(server, diary, oldest) != last or has_problem(store):
        assert time.monotonic() < saved + WITHIN + SLACK, "stale, or still called broken"
        time.sleep(0.02)
    return time.monotonic() - saved


def await_fault(server: Server, store: Store, diary: Diary, oldest: int, saved: float) -> int:
    """Wait until a broken config is told as a problem; return which one is in force still."""
    while not has_problem(store):
        assert time.monotonic() < saved + WITHIN + SLACK, "a fault that nobody is told of"
        time.sleep(0.02)
    # The one before it may just be coming into force.
    while (number := find_in_force(server, diary, oldest)) < 0:
        assert time.monotonic() < saved + WITHIN + SLACK, "served is no config that was ever right"
    return number


def test_200_random_edits_under_constant_polling(tmp_path: Path) -> None:
    """No wrong answer, none lost, none stale; faults are told, and taken back when mended."""
    dice = random.Random(SEED)
    site = Site(tmp_path / "site", settle="0s")
    for place, name in enumerate(NAMES):
        for number in range(ARTICLES):
            day = f"2026-{place + 1:02}-{number * 3 + 1:02}"
            site.write(f"{name}/{number}.md", article(f"Story of {name}, {number}", date=day))
    desk = Desk(dice, site.base_url)
    for _ in range(4):
        desk._add()
    site.config.write_text(desk.text())
    site.scan()
    diary, done = Diary(), threading.Event()
    diary.note(site.load().config)
    # The first config is right from the beginning.
    diary.sure.append((0.0, 0))
    store = Store(f"sqlite:///{site.store}")
    kinds = [True] * (EDITS - BROKEN) + [False] * BROKEN
    dice.shuffle(kinds)
    faults = list(BREAKS) * (BROKEN // len(BREAKS) + 1)
    took: list[float] = []
    known = 0  # the config that was in force for sure, last
    with serving(site, workers=2) as server:
        threads = [
            threading.Thread(target=poll, args=(server.port, diary, done, seed), daemon=True)
            for seed in range(POLLERS)
        ]
        for thread in threads:
            thread.start()
        try:
            while kinds:
                is_good, saved = True, 0.0
                for _ in range(min(len(kinds), dice.randint(3, 12))):
                    is_good = kinds.pop()
                    text = desk.change() if is_good else desk.text()
                    fault = "" if is_good else faults.pop()
                    data = text.encode() if is_good else BREAKS[fault](text)
                    config = read(data, site.config) if data is not None else None
                    assert (config is not None) == is_good, fault
                    if config is not None:
                        diary.note(config)  # readers may be told from now on
                    part, lay = save(site.config, data, dice)
                    half = read(part, site.config) if lay >= STILL_FOR else None
                    if half is not None and is_good:
                        # On a slow machine a half lay there so long that it was taken for whole.
                        diary.saved.insert(-1, (diary.saved[-1][0], half))
                    elif half is not None:
                        diary.note(half)
                    saved = time.monotonic()
                    time.sleep(dice.choice(PAUSES))
                if is_good:
                    took.append(await_good(server, store, diary, known, saved))
                    known = len(diary.saved) - 1
                else:
                    known = await_fault(server, store, diary, known, saved)
                diary.be_sure(known)
            saved = time.monotonic()
            site.config.write_text(desk.change())
            diary.note(site.load().config)
            await_good(server, store, diary, known, saved)
        finally:
            done.set()
            for thread in threads:
                thread.join(15)
            store.close()
        log = server.log
    expected = {
        (number, path): expect(config, path)
        for number, (_, config) in enumerate(diary.saved)
        for path in PATHS
    }
    wrong = [
        (path, told)
        for began, ended, path, told in diary.polls
        if not any(told == expected[number, path] for number in diary.candidates(began, ended))
    ]
    statuses = Counter(told[0] for *_, told in diary.polls)
    late = sum(one > WITHIN for one in took)
    print(
        f"\n{EDITS} edits, {BROKEN} of them broken; {len(diary.polls)} polls ({dict(statuses)}); "
        f"in force after {sorted(took)[len(took) // 2]:.2f} s (median), {max(took):.2f} s at most, "
        f"{late} of {len(took)} later than {WITHIN} s"
    )
    assert not wrong, (len(wrong), wrong[:10])
    assert not diary.lost, diary.lost[:10]
    assert set(statuses) == {200, 301, 404, 410}, statuses
    assert len(diary.polls) > 2000, "readers were kept waiting"
    assert "Traceback" not in log
