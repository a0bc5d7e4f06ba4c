"""Which encoding of a document a client is sent."""

from __future__ import annotations

# The best first, when a client likes several alike.
_CODINGS = ("br", "zstd", "gzip")

# There are a dozen codings; who names more is no reader, and plain bytes suit everybody.
_CODINGS_MOST = 32


def order_codings(accept: str) -> tuple[str, ...]:
    """Return the codings that an Accept-Encoding allows, the one to send first (RFC 9110 12.5.3).

    Codings with equal weight stand in the order of their strength. ``identity`` ends the list: it
    is sent where nothing else is allowed, whatever its weight, since an answer beats a 406 (R15).
    """
    if accept.count(",") >= _CODINGS_MOST:
        return ("identity",)
    weights: dict[str, float] = {}
    for part in accept.lower().split(","):
        name, _, parameter = part.partition(";")
        weight = 1.0
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
        name = name.strip().removeprefix("x-")
        if name:
            weights[name] = weight if 0.0 <= weight <= 1.0 else 0.0
    rest = weights.get("*", 0.0)
    plain = weights.get("identity", 0.0)
    allowed = [
        (weights.get(coding, rest), -place, coding)
        for place, coding in enumerate(_CODINGS)
        if weights.get(coding, rest) > 0.0 and weights.get(coding, rest) >= plain
    ]
    return (*(coding for _, _, coding in sorted(allowed, reverse=True)), "identity")
