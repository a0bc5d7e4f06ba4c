"""What tests of backups share."""

from __future__ import annotations

from pathlib import Path

import pytest
from backup_sites import NOW, copy_site, make_full_site
from sites import Site

from feedsvc.backup import make_backup


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with something to lose, which no test changes."""
    return make_full_site(tmp_path_factory.mktemp("model") / "site")


@pytest.fixture
def full_site(model: Site, tmp_path: Path) -> Site:
    """A site with something to lose."""
    return copy_site(model, tmp_path / "site")


@pytest.fixture(scope="session")
def good_backup(model: Site, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup with content, as it is written."""
    target = tmp_path_factory.mktemp("good") / "b.zip"
    make_backup(model.load(), target, NOW, content=True)
    return target.read_bytes()
