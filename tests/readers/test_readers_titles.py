"""Every reader shows every title as the rule has it (readers.md, Titles; F6)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from desk import Desk, Subscription
from follower import Follower
from sites import Server, article, wait_until
from wire import Wire

TITLES = yaml.safe_load(Path(__file__).with_name("nasty_titles.yaml").read_text(encoding="utf-8"))
SHOWN = {number: row["shown"] for number, row in enumerate(TITLES)}


@pytest.fixture(scope="module")
def nasty(server: Server, wire: Wire) -> Desk:
    """A section that holds them all; each body says which one it is."""
    desk = Desk("titles", server, wire)
    for number, row in enumerate(TITLES):
        text = article(row["title"], f"This is row {number}.")
        server.site.write(f"{desk.name}/{number}.md", text)
    wait_until(lambda: len(desk.ids("xml")) == len(TITLES))
    return desk


def test_f6_titles_are_shown_as_the_rule_has_them(
    reading: tuple[Follower, str], nasty: Desk
) -> None:
    follower, suffix = reading
    subscription = Subscription(follower, nasty, suffix)
    subscription.fetch()
    shown = {_row(one.content): one.title for one in subscription.items}
    assert shown == SHOWN


def _row(content: str) -> int:
    found = re.search(r"This is row (\d+)\.", content)
    assert found, content
    return int(found[1])
