"""What config.yaml may say, as data: each ``cases/NAME.yaml`` with the faults that it has.

``NAME.expected`` has one fault a line, as the admin reads it; ``warning:`` stands before those that
stop nothing, and a file with nothing to tell is ``fine``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.config import parse_config
from feedsvc.errors import ConfigError

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def judge(data: bytes, name: str) -> list[str]:
    """Return all that is told of a config, one fault a line."""
    try:
        loaded = parse_config(data, Path(name), {})
    except ConfigError as error:
        return [str(fault) for fault in error.faults]
    return [f"warning: {fault}" for fault in loaded.warnings] or ["fine"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_config_case(case: Path) -> None:
    """Every fault at once, with its line, its key and what to do."""
    expected = case.with_suffix(".expected").read_text(encoding="utf-8").splitlines()
    assert judge(case.read_bytes(), case.name) == expected


def test_addresses_are_kept_in_ascii() -> None:
    """A host or a path in other letters is written as headers and feeds need it (F28)."""
    text = "site: {base_url: 'https://zeitung-köln.example/blätter/', logo: 'https://ä.example/ö'}"
    site = parse_config(text.encode(), Path("config.yaml"), {}).config.site
    assert site.base_url == "https://xn--zeitung-kln-zfb.example/bl%C3%A4tter"
    assert site.logo == "https://xn--4ca.example/%C3%B6"
