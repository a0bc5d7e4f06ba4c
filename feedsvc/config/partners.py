"""The partners who take the feed, each by its own rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from feedsvc.config.types import Block, Duration, Number, Text, Texts, WebUrl

# Long enough for a partner's staff to change an address, short enough for a token that leaked.
_GRACE = 7 * 86400.0

# They refuse links that count where readers came from.
_NO_TRACKING = frozenset({"smartnews"})


class PartnerConfig(Block):
    """One partner; no ``sections`` means the whole site. ``delay`` and ``grace`` in seconds.

    ``token`` opens the feed to who knows it. When it changes, the one before works for ``grace``
    more, and so does each before that, from its own change on. ``utm`` adds to links where readers
    came from.
    """

    name: str = ""
    profile: Literal["smartnews", "google", "apple", "flipboard", "msn", "plain"] = "plain"
    sections: Texts = ()
    content: Literal["full", "summary"] = "full"
    token: Text = ""
    grace: Duration = _GRACE
    items: Annotated[int, Number, Field(ge=1, le=500)] | None = None
    delay: Duration = 0.0
    utm: bool = False
    logo: WebUrl = ""
    dark_logo: WebUrl = ""
    analytics: Text = ""

    @field_validator("utm")
    @classmethod
    def _check_utm(cls, value: bool, info: ValidationInfo) -> bool:
        profile = info.data.get("profile")
        if value and profile in _NO_TRACKING:
            raise ValueError(f"{profile} refuses links with tracking parameters: leave it out")
        return value
