"""Surrogate keys: what each answer says, and what each cache is told."""

from __future__ import annotations

import pytest
from caches import Recorder, recording
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sites import Site, article

from feedsvc.config import Config
from feedsvc.config.purging import PurgeConfig
from feedsvc.purge import send_now
from feedsvc.purge.requests import make_requests
from feedsvc.store import State
from feedsvc.surrogates import keys_of
from feedsvc.web.app import create_app
from feedsvc.web.site import LiveSite

UID = "0123456789abcdef"


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/", "feedsvc pages feed:all"),
        ("/feeds/politics.xml", "feedsvc feeds feed:politics"),
        ("/feeds/politics/archive/12.atom", "feedsvc feeds feed:politics"),
        ("/feeds/a+b.json", "feedsvc feeds feed:a+b"),
        ("/feeds/tag/c, d.xml", "feedsvc feeds feed:tag/c%2C%20d"),
        ("/sections/politics", "feedsvc pages feed:politics"),
        (f"/articles/{UID}-a-title", f"feedsvc articles article:{UID}"),
        (f"/articles/{UID}", f"feedsvc articles article:{UID}"),
        ("/media/a/ü b.jpg", "feedsvc media media:a/%C3%BC%20b.jpg"),
        ("/feeds.opml", "feedsvc lists"),
        ("/robots.txt", "feedsvc lists"),
    ],
)
def test_keys(path: str, keys: str) -> None:
    assert " ".join(keys_of(path)) == keys


@given(st.text(max_size=80))
def test_keys_of_any_path_are_plain_words(path: str) -> None:
    """No space, comma or line end stands in one, and nothing that is not ASCII."""
    for key in keys_of(f"/{path}"):
        assert key and key.isascii() and key.isprintable() and not set(key) & set(" ,")


def test_answers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every answer that a cache may keep says its keys, and a 304 too (RFC 9111, 4.3.4)."""
    site = Site(tmp_path_factory.mktemp("keys"))
    site.configure("partners:\n  flip:\n    token: t0ken-t0ken\n")
    site.write("politics/first.md", article("First"))
    site.write("politics/talk.txt", "Another\n\nOf more than one line, this is a text.\n")
    with site.service() as service:
        service.start()
        service.scan()
        service.publish_all()
        live = LiveSite(service.store)
        client = create_app(live).test_client()
        live.refresh()
        feed = client.get("/feeds/politics.xml")
        assert feed.headers["Surrogate-Key"] == "feedsvc feeds feed:politics"
        assert feed.headers["Cache-Tag"] == "feedsvc,feeds,feed:politics"
        again = client.get("/feeds/politics.xml", headers={"If-None-Match": feed.headers["ETag"]})
        assert again.status_code == 304
        assert again.headers["Surrogate-Key"] == feed.headers["Surrogate-Key"]
        control = feed.headers["Cache-Control"]
        assert "stale-while-revalidate=60" in control and "stale-if-error=86400" in control
        stored = next(service.store.entries(State.LIVE))
        page = client.get(f"/articles/{stored.uid}", follow_redirects=True)
        assert page.status_code == 200
        assert page.headers["Surrogate-Key"] == f"feedsvc articles article:{stored.uid}"
        assert client.get("/sections/politics").headers["Surrogate-Key"].endswith("feed:politics")
        for private in ("/healthz", "/metrics", "/feeds/partners/flip.xml?token=t0ken-t0ken"):
            assert "Surrogate-Key" not in client.get(private).headers


@pytest.mark.parametrize(
    ("how", "urls"),
    [
        ("http://c", ["http://c/n/feeds/a.xml", "http://c/n/feeds/tag/%C3%BC.xml"]),
        ("http://c/purge{path}", ["http://c/purge/n/feeds/a.xml", "http://c/purge/n/feeds/tag/%C3%BC.xml"]),
        ("http://c/?u={url}", ["http://c/?u=https://h/n/feeds/a.xml", "http://c/?u=https://h/n/feeds/tag/%C3%BC.xml"]),
        ("http://c/{key}", ["http://c/feed:a", "http://c/feed:b"]),
        ("http://c/?k={keys}", ["http://c/?k=feed:a feed:b"]),
    ],
)  # fmt: skip
def test_requests(how: str, urls: list[str]) -> None:
    cache = PurgeConfig.model_validate(how)
    targets = ["feed:a", "feed:b"] if cache.by_key else ["/feeds/a.xml", "/feeds/tag/ü.xml"]
    assert [one.url for one in make_requests(cache, "https://h/n", targets)] == urls


def test_many_keys_go_in_several_requests() -> None:
    cache = PurgeConfig.model_validate({"url": "http://c", "headers": {"xkey": "{keys}"}})
    made = list(make_requests(cache, "https://h", [f"feed:{n}" for n in range(450)]))
    assert [len(one.targets) for one in made] == [200, 200, 50]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("cache.example", "whole address"),
        ({"url": "http://c", "method": "PU RGE"}, "method"),
        ({"url": "http://c", "headers": {"a b": "c"}}, "no name of a header"),
        ({"url": "http://c", "headers": {"a": "b\r\nc: d"}}, "one line"),
        ({"url": "http://c/{paht}"}, "cannot fill {paht}"),
        ({"url": "http://c/{path}", "headers": {"k": "{key}"}}, "not by both"),
    ],
)
def test_what_is_refused(said: object, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault.replace("{", r"\{").replace("}", r"\}")):
        PurgeConfig.model_validate(said)


def test_a_cache_is_named_without_what_is_secret() -> None:
    cache = PurgeConfig.model_validate("https://user:s3cret@cache.example:8443/x?key=s3cret")
    assert cache.name == "https://cache.example:8443"


def test_what_is_asked_for_by_hand_has_no_end_but_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what an engine sends is cut short, since it comes again; a command has one try."""
    monkeypatch.setattr("feedsvc.purge.send._ALL_TIMEOUT", 0.0)
    with recording(Recorder()) as cache:
        config = Config.model_validate({"purge": cache.url})
        paths = [f"/feeds/{number}.xml" for number in range(50)]
        told = send_now(config, paths)
    assert sorted(one.target for one in told) == sorted(paths)
    assert not any(one.failed for one in told) and len(cache.told) == 50
