"""The same articles are the same bytes, whoever publishes them, and whichever way they travel."""

from __future__ import annotations

import gzip
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import brotli
import zstandard
from publication_samples import ARTICLES, NOON, SECTIONS, client_of, look
from sites import FORMATS, Site, clock_from, plain_environment

from feedsvc.publication import load_publication
from feedsvc.service import Service

DECODERS = {
    "identity": lambda body: body,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


def published_bytes(site: Site, seed: int, environment: dict[str, str]) -> dict[str, object]:
    """Write all articles in some order, scan in a process of its own, return what feeds say."""
    paths = sorted(ARTICLES)
    random.Random(seed).shuffle(paths)
    for age, path in enumerate(paths):
        os.utime(site.write(path, ARTICLES[path]), (1.7e9 + age * seed * 1000,) * 2)
    done = subprocess.run(
        [sys.executable, "-m", "feedsvc", "scan", "--config", str(site.config)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**plain_environment(), **environment},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with site.service() as service:
        found = load_publication(service.store).representations
    return {
        path: (one.bodies, one.etag, one.modified, one.content_type, one.max_age)
        for path, one in found.items()
        if path.startswith("/feeds/") and path.endswith(FORMATS)
    }


def test_F9_F15_R10_bytes_depend_on_the_articles_alone(tmp_path: Path) -> None:
    """F21, R42: not on the order of writing, TZ, locale, hash seed or the folder's place."""
    keywords = "\nfiling: {threshold: 0}\n"
    environments = [
        {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "Asia/Kolkata", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "2"},
        {"TZ": "America/St_Johns", "LC_ALL": "C", "LC_TIME": "ja_JP", "PYTHONHASHSEED": "3"},
    ]
    results = []
    for seed, environment in enumerate(environments, 1):
        site = Site(tmp_path / f"site {seed}")
        site.configure(keywords)
        results.append(published_bytes(site, seed, environment))
    assert len(results[0]) == 4 * len(FORMATS)
    assert results[1] == results[0]
    assert results[2] == results[0]
    body = results[0]["/feeds/all.xml"][0]["identity"].decode()  # type: ignore[index]
    assert body.count("<item>") == len(ARTICLES)
    assert "Thu, 07 May 2026 00:00:00 +0000" in body  # F9: English, whatever the locale


def test_F12_F13_R10_nothing_new_is_published_without_a_change(site: Site) -> None:
    """Neither by a rescan, a restart, a touched file, a copy of its bytes nor a whole reread."""
    for path, text in ARTICLES.items():
        site.write(path, text)
    with site.service(clock_from(NOON)) as service:
        before = look(service)
        assert look(service) == before
    with site.service(clock_from(NOON.replace(day=25))) as service:
        assert load_publication(service.store) == before
        assert look(service) == before
        for path in ARTICLES:
            os.utime(site.content / path)
        assert look(service) == before
        fresh = site.content / "sports/fresh"
        fresh.write_text(ARTICLES["sports/1.md"])
        fresh.replace(site.content / "sports/1.md")
        assert look(service) == before
        with service.store.writing() as writer:
            writer.mark_dirty({"all", *SECTIONS})
        published = service.publish()
        assert (published.revision, published.feeds) == (0, ())
        service.reload(site.load())
        assert load_publication(service.store) == before


def test_every_encoding_decodes_to_the_plain_bytes(site: Site, service: Service) -> None:
    """R1, R15: strong tags, one an encoding, and each body is what its header says."""
    for path, text in ARTICLES.items():
        site.write(path, text)
    publication = look(service)
    client = client_of(publication)
    for path, found in publication.representations.items():
        plain, tags = found.bodies["identity"], set()
        for coding, body in found.bodies.items():
            assert DECODERS[coding](body) == plain, (path, coding)
            assert coding == "identity" or len(body) < len(plain)
            answer = client.get(path, headers={"Accept-Encoding": coding})
            assert answer.headers.get("Content-Encoding", "identity") == coding
            assert answer.data == body
            tag = answer.headers["ETag"]
            assert re.fullmatch(r'"[^"]+"', tag), "a strong tag"
            tags.add(tag)
            if not found.location:
                again = {"Accept-Encoding": coding, "If-None-Match": tag}
                assert client.get(path, headers=again).status_code == 304
        assert len(tags) == len(found.bodies), path
        if path.endswith(FORMATS) and not found.location:
            assert found.bodies.keys() == DECODERS.keys(), path
