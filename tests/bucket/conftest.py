"""A bucket of a real server for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from buckets import S3, SERVER

from feedsvc.bucket.objects import open_bucket


@pytest.fixture(scope="session")
def _s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    if not SERVER.exists():
        pytest.fail(f"{SERVER} is missing: make install")
    server = S3(tmp_path_factory.mktemp("moto") / "moto.log")
    yield server
    server.stop()


@pytest.fixture
def s3(_s3: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    for name, value in {
        "AWS_ENDPOINT": f"http://127.0.0.1:{_s3.port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    open_bucket.cache_clear()
    return _s3
