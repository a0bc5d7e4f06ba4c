"""Which articles a person should look at, because they may be filed wrongly: decided purely."""

from __future__ import annotations

from feedsvc.model import Filing

UNFILED = "unfiled"
FALLBACK = "fallback"
CLOSE = "close"
SHARED = "shared"


def doubt(filing: Filing) -> str:
    """Return why a filing is to be looked at, in one word; nothing if it need not be.

    ``unfiled`` ones stand in no section and ``fallback`` ones in the section for such; ``close``
    ones were filed by a margin hardly larger than is needed, and ``shared`` ones also in the
    section that came second.
    """
    if not filing.filed:
        return UNFILED
    if filing.certain:
        return ""
    if filing.why:  # the model declined, and says why
        return FALLBACK
    if len(filing.filed) > 1:
        return SHARED
    return CLOSE if filing.unsure else ""
