"""Running commands on a site, in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sites import Site

from feedsvc.cli import main


@pytest.fixture
def run(site: Site) -> Callable[..., Result]:
    """Run a command on the site, in this process."""

    def run_one(*words: str) -> Result:
        result = CliRunner().invoke(main, [*words, "--config", str(site.config)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return run_one
