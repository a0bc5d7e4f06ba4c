"""Tokens that were changed more than once: each lives to the end of its own time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from partner_site import TOKENS, find, make_site, move_to, set_token, take, write
from sites import Site

from feedsvc.partners import Tokens, dump_tokens, load_tokens
from feedsvc.partners.tokens import Former
from feedsvc.publication import find_end_of_token

T0 = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
DAY = 86400.0


def test_each_token_before_has_its_own_time(site: Site) -> None:
    make_site(site)
    write(site, "politics/vote.md", "The council votes on the bridge", T0 - HOUR)
    first, second, third = TOKENS["snews"], "b-token-0123456789", "c-token-0123456789"
    with site.service(lambda: T0) as service:
        take(service, T0)
        for hours, token in ((1, second), (3, third)):
            service.clock = lambda hours=hours: T0 + hours * HOUR
            set_token(site, service, "snews", token, grace="1d")
        works = {token: find(service, "snews", token) for token in (first, second, third)}
        assert all(works.values())
        partner = site.load().config.partners["snews"]
        assert find_end_of_token(partner, service.store, T0 + 4 * HOUR) == T0 + 27 * HOUR
        for token, end in ((first, T0 + 25 * HOUR), (second, T0 + 27 * HOUR)):
            assert service.next_release() == end
            move_to(service, end - SECOND)
            assert find(service, "snews", token)
            move_to(service, end)
            assert find(service, "snews", token) is None
        assert find(service, "snews", third)


def test_a_token_that_comes_back_is_the_current_one_alone() -> None:
    tokens = Tokens("a").turn("b", DAY, T0).turn("a", DAY, T0 + HOUR)
    assert tokens == Tokens("a", (Former("b", T0 + HOUR),))


def test_only_so_many_tokens_are_kept() -> None:
    tokens = Tokens("0")
    for number in range(1, 10):
        tokens = tokens.turn(str(number), DAY, T0 + number * SECOND)
    assert tokens.accepted(DAY, T0 + HOUR) == ("9", "8", "7", "6", "5", "4")
    assert load_tokens(dump_tokens({"a": tokens})) == {"a": tokens}


@pytest.mark.parametrize(
    ("before", "since", "read"),
    [
        ('"a"', '"2026-06-01T12:00:00+00:00"', (Former("a", T0),)),
        ('""', "null", ()),
    ],
)
def test_what_was_kept_of_one_token_before_is_read(
    before: str, since: str, read: tuple[Former, ...]
) -> None:
    text = f'{{"x": {{"now": "b", "before": {before}, "since": {since}}}}}'
    assert load_tokens(text) == {"x": Tokens("b", read)}
