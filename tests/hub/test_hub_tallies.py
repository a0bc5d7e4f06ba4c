"""What the hub counts: each push under one name, and in one class of latency if it went well."""

from __future__ import annotations

from collections import Counter

import pytest

from feedsvc.hub.tallies import class_of, tally_latency


@pytest.mark.parametrize(
    ("failed", "name"),
    [
        ("", "sent"),
        ("answered 302", "failed 3xx"),
        ("answered 410", "failed 4xx"),
        ("answered 500", "failed 5xx"),
        ("took too long", "failed timeout"),
        ("10.0.0.1 is not a public address", "failed forbidden"),
        ("the secret was encrypted with another key", "failed secret"),
        ("its host is not known", "failed connection"),
        ("broke off", "failed connection"),
    ],
)
def test_how_a_push_is_counted(failed: str, name: str) -> None:
    assert class_of(failed) == name


@pytest.mark.parametrize(
    ("seconds", "bound"),
    [(-5, "0.1"), (0, "0.1"), (0.1, "0.1"), (0.11, "0.25"), (3600, "3600.0"), (1e9, "+Inf")],
)
def test_the_class_of_a_latency(seconds: float, bound: str) -> None:
    """A clock that was set back makes no push faster than at once."""
    tallies: Counter[str] = Counter()
    tally_latency(tallies, seconds)
    took = round(1000 * max(0.0, seconds))
    assert tallies == {f"latency {bound}": 1, "latency milliseconds": took}
