"""How a bucket is written in config.yaml, and which keys are paths."""

from __future__ import annotations

import posixpath
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.bucket import find_key_fault
from feedsvc.config import Bucket, parse_config
from feedsvc.errors import ConfigError


def parse(folder: str) -> object:
    text = f"content: {{folder: '{folder}'}}\n".encode()
    return parse_config(text, Path("/srv/config.yaml"), {}).config.content.folder


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("s3://news", Bucket("news")),
        ("s3://news/a/b", Bucket("news", "a/b")),
        ("articles", Path("/srv/articles")),
        ("/mnt/share", Path("/mnt/share")),
    ],
)
def test_a_folder_or_a_bucket(folder: str, expected: object) -> None:
    assert parse(folder) == expected
    assert str(expected) == folder or isinstance(expected, Path)


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("s3://", "names no bucket"),
        ("s3:///prefix", "names no bucket"),
        ("s3://key:secretword@news/a", "leave out the credentials"),
        ("s3://news:9000/a", "leave out the credentials"),
        ("s3://news/", "slash at the end"),
        ("s3://news/a/", "slash at the end"),
        ("s3://News", "3 to 63 characters"),
        ("s3://news/a//b", "empty parts"),
        ("s3://news/../b", "empty parts"),
        ("s3://news/a?x=1", "leave out ?"),
        ("gs://news/a", "s3://news/articles"),
        ("https://news/a", "s3://news/articles"),
    ],
)
def test_a_faulty_address(folder: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(folder)
    (fault,) = caught.value.faults
    assert fault.key == "content.folder" and says in str(fault)
    assert "secretword" not in str(fault)


@pytest.mark.parametrize("word", ["auto", "on", "off", "true", "false"])
def test_watch(word: str) -> None:
    text = f"content: {{watch: {word}}}\n".encode()
    said = parse_config(text, Path("/srv/config.yaml"), {}).config.content.watch
    assert said == {"true": "on", "false": "off"}.get(word, word)


@given(st.text(max_size=40))
def test_a_key_that_is_taken_stays_in_the_folder(key: str) -> None:
    if not find_key_fault(key):
        assert posixpath.normpath(key) == key and not key.startswith(("/", "../"))
        assert not any(ord(one) < 32 for one in key)
