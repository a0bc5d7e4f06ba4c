"""A question to the store that nobody waits for longer than a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from sites import Site, article, wait_until
from workers import Worker

from feedsvc.errors import StoreError
from feedsvc.web.asking import BriefQuestion


def test_an_answer_is_passed_on_and_an_error_too() -> None:
    answers = iter([1, 2])
    question = BriefQuestion(lambda: next(answers), 20.0)
    assert (question.answer(), question.answer()) == (1, 2)  # asked anew each time

    def fail() -> int:
        raise StoreError("the store is away")

    with pytest.raises(StoreError, match="the store is away"):
        BriefQuestion(fail, 20.0).answer()


def test_who_waits_does_so_once_and_one_asks_for_all() -> None:
    begun: list[int] = []
    ended = threading.Event()

    def ask() -> str:
        begun.append(1)
        ended.wait(60)
        return "here"

    question = BriefQuestion(ask, 0.3)
    with pytest.raises(StoreError, match=r"nothing came back within 0\.3 s"):
        question.answer()
    began = time.monotonic()
    for _ in range(50):
        with pytest.raises(StoreError):
            question.answer()
    assert time.monotonic() - began < 5 and begun == [1]
    ended.set()
    wait_until(lambda: question._under_way is not None and question._under_way.done())
    assert question.answer() == "here"


def test_readyz_does_not_wait_for_the_store(
    site: Site, open_worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write("politics/a.md", article("A"))
    site.scan()
    worker: Worker = open_worker(site)
    ended = threading.Event()
    monkeypatch.setattr(worker.store, "crew", lambda: ended.wait(60))
    began = time.monotonic()
    answer = worker.fetch("/readyz")
    assert time.monotonic() - began < 5
    assert answer.status == 200 and "the store does not answer: nothing came" in answer.text
    ended.set()
