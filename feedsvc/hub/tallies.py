"""What the hub counts for ever, under which names."""

from __future__ import annotations

from collections import Counter

SENT, FAILED = "sent", "failed "

# Before what a callback was asked for, and how that went.
CHECK = "check "

# Upper bounds of the classes of latency, from publishing to 2xx, in seconds.
LATENCIES = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
LATENCY, LATENCY_SUM = "latency ", "latency milliseconds"


def class_of(failed: str) -> str:
    """Return the name that a push is counted under, given why it failed, if it did."""
    if not failed:
        return SENT
    if failed.startswith("answered "):
        return f"{FAILED}{failed.removeprefix('answered ')[:1]}xx"
    if failed == "took too long":
        return f"{FAILED}timeout"
    if failed.endswith("is not a public address"):
        return f"{FAILED}forbidden"
    if failed.startswith("the secret "):  # the key file is another one
        return f"{FAILED}secret"
    return f"{FAILED}connection"


def tally_latency(tallies: Counter[str], seconds: float) -> None:
    """Count how long a push took, each in the first class that holds it."""
    bound = next((str(one) for one in LATENCIES if seconds <= one), "+Inf")
    tallies[f"{LATENCY}{bound}"] += 1
    tallies[LATENCY_SUM] += round(1000 * max(0.0, seconds))
