"""The log: whatever stands in a value, an event is one line, and nothing raw reaches a terminal."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sites import PROJECT

from feedsvc import logs
from feedsvc.loglines import TEXT_MOST, escape, render_json, render_line, tell_time
from feedsvc.store import DECISIONS

NASTY = 'a\r\nb\x1b[31m\x9b2J\x07\x7f\u2028\u202e\ud800 \udcff\ufeff " \\ = é 🜚'

# With halves of characters as well: file names have them.
texts = st.text(st.characters(exclude_categories=()), max_size=40) | st.just(NASTY)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.datetimes(timezones=st.just(UTC))
    | texts
    | st.binary(max_size=9),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(texts, below, max_size=3),
    max_leaves=6,
)
keys = st.dictionaries(texts, values, max_size=4)


class Untellable:
    """A value of which even the text cannot be had."""

    def __str__(self) -> str:
        raise ValueError("no")


def is_safe(text: str) -> bool:
    """Whether text is one line that a terminal only shows."""
    return len(text.splitlines()) <= 1 and not any(
        ord(one) < 32
        or 127 <= ord(one) < 160
        or 0xD800 <= ord(one) < 0xE000
        or one in "\u202e\ufeff"
        for one in text
    )


@pytest.fixture
def said() -> Iterator[Callable[[bool], io.StringIO]]:
    """Start the log in one of its forms; what it says is kept."""
    root, before = logging.getLogger(), sys.stderr
    level, hooks = root.level, (sys.excepthook, threading.excepthook)

    def start(as_json: bool) -> io.StringIO:
        sys.stderr = io.StringIO()
        logs.start_log(as_json)
        return sys.stderr

    yield start
    sys.stderr = before
    logs.start_log(False)
    root.handlers = [one for one in root.handlers if not isinstance(one, logs._Screen)]
    root.setLevel(level)
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = hooks


@given(texts)
def test_escaped_text_is_safe(text: str) -> None:
    assert is_safe(escape(text))


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=60))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert escape(text) == text


@given(texts, keys, texts)
@example("event", {"at": "mine", "n": 2**80, "f": float("nan"), "x": [NASTY] * 100}, NASTY)
@example("event", {"a": "x" * 5_000, "b": Untellable(), "c": 10**5_000}, "x" * 100_000)
def test_any_event_for_programs(event: str, keys: dict[str, Any], exception: str) -> None:
    """One line of ASCII and strict JSON, not too long, whose own keys stay what they are."""
    line = render_json({"at": "now", "event": event}, keys, exception)
    assert line.isascii() and line.isprintable()
    read = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert read["at"] == "now" and len(line) < 100_000
    json.dumps(read, ensure_ascii=False).encode()  # no half of a character is left
    if len(event) <= TEXT_MOST and event.isprintable():
        assert read["event"] == event


@given(texts, keys, texts, st.sampled_from(["info", "warning", "error"]))
@example("event", {"a": "x" * 5_000, "b": Untellable(), "c": [1] * 100}, NASTY, "info")
def test_any_event_for_people(event: str, keys: dict[str, Any], exception: str, level: str) -> None:
    """One line, and below it an exception that cannot be taken for an event."""
    first, *below = render_line("12:00:00", level, event, keys, exception).split("\n")
    assert is_safe(first) and all(map(is_safe, below)) and len(first) < 50_000
    assert all(line.startswith("  ") for line in below)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("politics/a.md", "politics/a.md"),
        ("", '""'),
        ("two words", '"two words"'),
        ('say "a=b"', '"say \\"a=b\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("a\nb", '"a\\nb"'),
        ("\x1b[31m", '"\\x1b[31m"'),
        (["a", "b c"], 'a,"b c"'),
        ([], "-"),
        (None, "-"),
        (3, "3"),
        (True, "True"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
    ],
)
def test_values_as_people_read_them(value: object, shown: str) -> None:
    assert render_line("", "info", "e", {"k": value}) == f"e k={shown}"


def test_moments_are_in_utc() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=timezone(timedelta(hours=2)))
    assert tell_time(moment) == "2026-01-02T01:04:05.678Z"


def test_colours_stand_around_what_is_ours() -> None:
    line = render_line("12:00:00", "error", "event", {"k": "\x1b[0m"}, coloured=True)
    assert line == '12:00:00 \x1b[31merror\x1b[0m \x1b[1mevent\x1b[0m \x1b[2mk=\x1b[0m"\\x1b[0m"'


@pytest.mark.parametrize("as_json", [True, False])
def test_libraries_have_the_same_form(said: Callable[[bool], io.StringIO], as_json: bool) -> None:
    """Also what was logged without keys, and a library's exception."""
    screen = said(as_json)
    logs.get_log("feedsvc.test").info("article new", path=NASTY, sections=["a", "b"])
    logs.get_log("feedsvc.test").warning("%s is %d", "x\ny", 3)
    logging.getLogger("apscheduler.executors").info("too talkative")
    logging.getLogger("trafilatura.core").warning("too talkative: which file?")
    try:
        raise ValueError(NASTY)
    except ValueError:
        logging.getLogger("aiohttp.client").exception("it failed: %s", NASTY)
        logs.get_log("feedsvc.test").exception("ours failed", path="a")
    text = screen.getvalue()
    assert "too talkative" not in text and all(map(is_safe, text.split("\n")))
    if not as_json:
        lines = [line for line in text.split("\n") if not line.startswith("  ")]
        assert [line[9:].split(" ")[0] for line in lines] == [
            "article",
            "warning",
            "error",
            "error",
            "",
        ]
        assert "sections=a,b" in lines[0] and "x\\ny is 3" in lines[1]
        assert text.count("ValueError: ") == 2
        return
    ours, plain, theirs, failed = map(json.loads, text.splitlines())
    assert list(ours) == ["at", "level", "event", "logger", "process", "path", "sections"]
    assert ours["sections"] == ["a", "b"] and ours["path"].startswith("a\r\nb\x1b[31m")
    assert (plain["level"], plain["event"]) == ("warning", "x\ny is 3")
    assert (theirs["logger"], theirs["level"]) == ("aiohttp.client", "error")
    assert "ValueError: a\r\nb" in theirs["exception"] and failed["path"] == "a"
    at = datetime.fromisoformat(ours["at"])
    assert ours["at"].endswith("Z") and abs(datetime.now(UTC) - at) < timedelta(minutes=1)


def test_what_nobody_caught_is_an_event(said: Callable[[bool], io.StringIO]) -> None:
    screen = said(True)
    thread = threading.Thread(target=lambda: 1 / 0, name="courier")
    thread.start()
    thread.join()
    line = json.loads(screen.getvalue())
    assert (line["level"], line["thread"]) == ("error", "courier")
    assert "ZeroDivisionError" in line["exception"]


def test_the_end_of_a_process_is_an_event() -> None:
    code = "from feedsvc.logs import start_log; start_log(True); raise RuntimeError('x\\ny')"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=PROJECT)
    line = json.loads(result.stderr)
    assert line["level"] == "critical" and line["exception"].endswith("RuntimeError: x\ny\n")


def test_a_log_that_was_not_started_shows_text(capfd: pytest.CaptureFixture[str]) -> None:
    """Of a handler that knows nothing of keys, too, a warning is one line."""
    record_text: list[str] = []

    class Plain(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            record_text.append(record.getMessage())

    log, plain = logging.getLogger("feedsvc.test.plain"), Plain()
    log.addHandler(plain)
    logs.get_log(log.name).warning("restart needed", key="store.url", why=NASTY)
    log.removeHandler(plain)
    assert record_text[0].startswith("restart needed key=store.url why=")
    assert is_safe(record_text[0])


@pytest.mark.parametrize(
    ("environment", "wants"),
    [({}, False), ({"FEEDSVC_LOG": "json"}, True), ({"FEEDSVC_LOG": " JSON "}, True)],
)
def test_the_environment_chooses(environment: dict[str, str], wants: bool) -> None:
    assert logs.wants_json(environment) is wants


def test_every_event_is_documented() -> None:
    """docs/logs.md names each event of ours, and each of its keys."""
    text = (PROJECT / "docs" / "logs.md").read_text("utf-8")
    found = set()
    for file in sorted((PROJECT / "feedsvc").rglob("*.py")):
        source = file.read_text("utf-8")
        if "get_log(" not in source:
            continue
        for call in [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]:
            if not (isinstance(call.func, ast.Attribute) and call.args and call.keywords):
                continue
            if ast.unparse(call.func.value) == "log" and isinstance(call.args[0], ast.Constant):
                found.add(call.args[0].value)
                found |= {f"`{one.arg}`" for one in call.keywords if one.arg}
    assert len(found) > 20 and not {one for one in found if one not in text}
    assert not {name for name in DECISIONS if f"`article {name}`" not in text}
