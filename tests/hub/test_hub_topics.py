"""Which URLs are topics: only the encoding of unreserved characters may differ."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.config import parse_config
from feedsvc.hub import find_path, name_of

BASE = "https://a.example/~site"
CONFIG = parse_config(
    f"site: {{id: 'a.example,2026', base_url: '{BASE}'}}\n"
    "sections: {politics: P, health: H, arts-culture: A}\n".encode(),
    Path("config.yaml"),
    {},
).config
OURS = {
    f"{BASE}/feeds/politics.atom": "/feeds/politics.atom",
    f"{BASE}/feeds/arts-culture.xml": "/feeds/arts-culture.xml",
    f"{BASE}/feeds/all.json": "/feeds/all.json",
    f"{BASE}/": "/",
}
UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")


@pytest.mark.parametrize("topic", OURS)
@given(data=st.data())
def test_H10_unreserved_characters_may_be_encoded(topic: str, data: st.DataObject) -> None:
    start = len("https://a.example")
    encoded = topic[:start]
    for sign in topic[start:]:
        form = data.draw(st.sampled_from(["plain", "upper", "lower"]), label=sign)
        code = f"%{ord(sign):02X}"
        if form == "plain" or sign not in UNRESERVED:
            encoded += sign
        else:
            encoded += code if form == "upper" else code.lower()
    assert find_path(encoded, CONFIG) == OURS[topic]


@pytest.mark.parametrize("topic", OURS)
@given(data=st.data())
def test_H10_nothing_else_may_differ(topic: str, data: st.DataObject) -> None:
    """A sign more, less or another makes it another URL: none of ours, or one that it names."""
    at = data.draw(st.integers(0, len(topic)))
    sign = data.draw(st.sampled_from(list("/?#%+&=;:@ .xA~é\0")) | st.characters())
    cut = data.draw(st.integers(0, 1))
    changed = topic[:at] + sign + topic[at + cut :]
    found = find_path(changed, CONFIG)
    assert found in ("", *OURS.values())
    if found:
        assert BASE + found == changed or changed == topic


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "https://a.example/",
        BASE,
        f"{BASE}//",
        f"{BASE}/?",
        f"{BASE}/feeds/politics.atom?",
        f"{BASE}/feeds/politics.atom?x=1",
        f"{BASE}/feeds/politics.atom#x",
        f"{BASE}/feeds/politics.atom/",
        f"{BASE}/feeds/politics",
        f"{BASE}/feeds/politics.rss",
        f"{BASE}/feeds/Politics.atom",
        f"{BASE}/feeds%2Fpolitics.atom",
        f"{BASE}/feeds/./politics.atom",
        f"{BASE}/feeds/../feeds/politics.atom",
        f"{BASE}/feeds/%2e%2e/politics.atom",
        f"{BASE}/feeds/nothing.atom",
        f"{BASE}/feeds/%70olitics%2Eatom%00",
        f"{BASE}/feeds/health+politics+nothing.atom",
        f"{BASE}/feeds/politics%2Bhealth.atom",
        f"{BASE}/articles/1-x",
        f"{BASE}/hub",
        f"HTTPS://a.example{BASE[17:]}/feeds/politics.atom",
        f"https://A.example{BASE[17:]}/feeds/politics.atom",
        f"https://a.example:443{BASE[17:]}/feeds/politics.atom",
        f"https://a.example.evil.example{BASE[17:]}/feeds/politics.atom",
        f"http://a.example{BASE[17:]}/feeds/politics.atom",
    ],
)
def test_H8_what_is_no_topic(topic: str) -> None:
    assert find_path(topic, CONFIG) == ""


@given(st.text())
def test_any_topic_is_ours_or_not(text: str) -> None:
    for topic in (text, BASE + text, f"{BASE}/feeds/{text}.atom", f"{BASE}/feeds/tag/{text}.xml"):
        path = find_path(topic, CONFIG)
        assert path == "" or path.startswith("/")
        assert find_path(topic, CONFIG) == path


def test_names_of_paths() -> None:
    assert [name_of(path) for path in OURS.values()] == ["politics", "arts-culture", "all", ""]
