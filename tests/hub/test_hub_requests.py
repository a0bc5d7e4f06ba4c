"""A form -> what is asked for, or why not: whatever stands in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.config import parse_config
from feedsvc.hub import PUBLISH, Intent, RefusedRequest, read_request
from feedsvc.hub.requests import LEASE_DEFAULT, LEASE_LEAST, LEASE_MOST
from feedsvc.hub.wire import write_question
from feedsvc.store import DENIED, SUBSCRIBE, UNSUBSCRIBE, Check

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CONFIG = parse_config(
    b"site: {id: 'a.example,2026', base_url: 'https://a.example'}\nsections: {p: P}\n",
    Path("config.yaml"),
    {},
).config
TOPIC = "https://a.example/feeds/p.atom"
CALLBACK = "https://reader.example/callback"
FORM = {"hub.mode": SUBSCRIBE, "hub.topic": TOPIC, "hub.callback": CALLBACK}

# Anything at all, lone surrogates included; and what is almost right.
ANYTHING = st.text(st.characters(), max_size=40)
PIECES = st.sampled_from(
    [
        *("http://", "https://", "//", "@", ":", "[", "]", "%", "%25", "%00", "::1", "1.1.1.1"),
        *("127.1", "0x7f", ".", "..", "/", "?", "#", "\0", "\n", " ", "\ud800", "é", "①②⑦", "xn--"),
        *("a" * 64, "99999", "a.example", "/feeds/", "p", "tag/", "author/", "+", ".atom", ".xml"),
        *("%7E", "%2F", "%ff"),
    ]
)
ALMOST = st.lists(PIECES, max_size=8).map("".join)
TOPICS = ANYTHING | ALMOST | ALMOST.map("https://a.example/feeds/".__add__) | st.just(TOPIC)
FORMS = st.fixed_dictionaries(
    {},
    optional={
        "hub.mode": st.sampled_from([SUBSCRIBE, UNSUBSCRIBE, PUBLISH]) | ANYTHING,
        "hub.topic": TOPICS,
        "hub.url": TOPICS,
        "hub.callback": ANYTHING | ALMOST | ALMOST.map("http://".__add__) | st.just(CALLBACK),
        "hub.lease_seconds": ANYTHING | st.integers().map(str) | st.just("9" * 5000),
        "hub.secret": ANYTHING | st.just("s" * 250),
        "hub.verify": ANYTHING,
    },
)


def refuse(**changes: str | None) -> str:
    """Read a form that is right but for ``changes``; return why it is refused."""
    form = FORM | {f"hub.{name}": value for name, value in changes.items()}
    with pytest.raises(RefusedRequest) as found:
        read_request({name: value for name, value in form.items() if value is not None}, CONFIG)
    return str(found.value)


def read(**changes: str) -> Intent:
    """Read a form that is right, with ``changes``."""
    return read_request(FORM | {f"hub.{name}": value for name, value in changes.items()}, CONFIG)


@given(FORMS)
def test_H4_any_form_is_read_or_refused(form: dict[str, str]) -> None:
    """There is no third way: no form is an error of ours."""
    try:
        intent = read_request(form, CONFIG)
    except RefusedRequest as refused:
        assert str(refused)
        return
    assert intent.path.startswith("/") and intent.mode in (SUBSCRIBE, UNSUBSCRIBE, PUBLISH)
    if intent.mode != PUBLISH:
        parts = urlsplit(intent.callback)
        assert intent.callback == form["hub.callback"] and parts.scheme.lower() in ("http", "https")
        assert intent.host and intent.host == intent.host.lower()
        assert LEASE_LEAST <= intent.lease <= LEASE_MOST
        intent.callback.encode(), intent.topic.encode(), intent.secret.encode()


@given(st.dictionaries(st.text(max_size=10), ANYTHING, max_size=5))
def test_H3_unknown_parameters_are_ignored(more: dict[str, str]) -> None:
    known = {"hub.mode", "hub.topic", "hub.callback", "hub.lease_seconds", "hub.secret"}
    more = {name: value for name, value in more.items() if name not in known}
    assert read_request(more | FORM | {"hub.verify": "sync"}, CONFIG) == read()


def test_H4_what_is_missing_or_unknown_is_named() -> None:
    for name in ("mode", "topic", "callback"):
        assert refuse(**{name: None}).startswith(f"hub.{name} is missing")
        assert refuse(**{name: ""}).startswith(f"hub.{name} is missing")
    assert "not known" in refuse(mode="Subscribe")


@pytest.mark.parametrize(
    "callback",
    [
        *("ftp://reader.example/x", "reader.example/x", "/x", "http://", "http:///x"),
        *("javascript:x", "http://reader.example:0/", "http://reader.example:99999/"),
        *("http://[::1/", "http://a b/", "http://u:p@reader.example/", "http://u@reader.example/"),
        *("http://reader.example/#x", "http://reader.example/\r\nX: y"),
        *("http://reader.example/\x7f", "\thttp://reader.example/", "http://reader.example/\ud800"),
        f"http://reader.example/{'x' * 2000}",
    ],
)
def test_H4_callbacks_that_are_none(callback: str) -> None:
    assert refuse(callback=callback).startswith("hub.callback")


def test_H5_secrets_are_measured_in_bytes() -> None:
    assert read(secret="s" * 199).secret == "s" * 199
    assert read(secret="é" * 99 + "s").secret
    for secret in ("s" * 200, "é" * 100, "\U0001f4f0" * 50):
        assert "199 bytes" in refuse(secret=secret)
    assert "secret" in refuse(secret="\ud800")


def test_H6_leases() -> None:
    assert read().lease == LEASE_DEFAULT
    assert [read(lease_seconds=each).lease for each in ("1", "7200", "86401", "9" * 5000)] == [
        LEASE_LEAST,
        LEASE_LEAST,
        86_401,
        LEASE_MOST,
    ]
    for lease in ("0", "-1", "abc", "1.5", "1e9", " 1", "+1", "0x10", "٣", "0" * 30):
        assert "hub.lease_seconds" in refuse(lease_seconds=lease)
    assert read(mode=UNSUBSCRIBE, lease_seconds="abc", secret="s" * 999).mode == UNSUBSCRIBE


def test_H8_topics_that_are_not_ours() -> None:
    for topic in ("https://other.example/feeds/p.atom", TOPIC.replace("https", "http"), TOPIC[:-1]):
        assert "no feed of this site" in refuse(topic=topic)


def test_H38_a_ping_names_its_topic_either_way() -> None:
    for name in ("hub.url", "hub.topic"):
        intent = read_request({"hub.mode": PUBLISH, name: TOPIC}, CONFIG)
        assert (intent.mode, intent.path) == (PUBLISH, "/feeds/p.atom")
    with pytest.raises(RefusedRequest, match=r"hub\.url is missing"):
        read_request({"hub.mode": PUBLISH}, CONFIG)


# What a callback's query may be like: our own names in it, empty parts, encoded signs.
QUERIES = st.lists(
    st.sampled_from(
        ["a=1", "a=2", "", "=", "hub.mode=x", "hub.topic=", "%26=%3D", "é", "a+b", "?"]
    ),
    max_size=6,
).map("&".join)


@given(QUERIES, st.booleans(), st.sampled_from([SUBSCRIBE, UNSUBSCRIBE, DENIED]), st.text())
def test_H12_the_question_keeps_the_query_of_the_callback(
    query: str, has_query: bool, mode: str, words: str
) -> None:
    callback = f"{CALLBACK}?{query}" if has_query else CALLBACK
    words = words.encode("utf-8", "replace").decode()
    check = Check("/x", callback, mode, TOPIC, "h", NOW, lease=86_400, reason=words)
    url = write_question(check, "ch&all=enge")
    assert url.startswith(callback)
    rest = url.removeprefix(callback)
    assert rest[0] == ("&" if has_query else "?")
    said = dict(parse_qsl(rest[1:], keep_blank_values=True, strict_parsing=True))
    expected = {"hub.mode": mode, "hub.topic": TOPIC}
    if mode == DENIED:
        expected["hub.reason"] = words
    else:
        expected["hub.challenge"] = "ch&all=enge"
    if mode == SUBSCRIBE:
        expected["hub.lease_seconds"] = "86400"
    assert said == expected
