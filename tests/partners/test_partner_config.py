"""Partners in the config: the faults that name a new token, which is never the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.config import PartnerConfig, parse_config
from feedsvc.errors import ConfigError, Fault

HEAD = "site: {id: a.example}\nsections: {politics: Politics}\npartners:\n"


def find_faults(partners: str) -> list[Fault]:
    """Return all that is told of a config with these partners."""
    try:
        loaded = parse_config((HEAD + partners).encode(), Path("config.yaml"), {})
    except ConfigError as error:
        return list(error.faults)
    return list(loaded.warnings)


@pytest.mark.parametrize(
    "partner", ["{profile: msn}", "{token: }", "{token: ''}", "{token: '  '}", "{token: null}"]
)
def test_missing_token_is_a_fault_that_says_how_to_make_one(partner: str) -> None:
    """But makes none itself: it would stand in logs before anybody used it."""
    faults = [one for one in find_faults(f"  msn: {partner}\n") if one.line == 4]
    (fault,) = (one for one in faults if one.message.startswith("is missing"))
    assert fault.key == "partners.msn.token" and not fault.warning
    assert fault.hint == "make one with: openssl rand -hex 16"


def test_short_token_is_a_warning() -> None:
    (fault,) = find_faults("  msn: {token: fifteen-letters}\n")
    assert fault.warning and fault.key == "partners.msn.token" and fault.line == 4
    assert "fifteen-letters" not in str(fault)
    assert find_faults("  msn: {token: sixteen-letters.}\n") == []


def test_no_fault_shows_a_token() -> None:
    """It is read in logs, and in lists of problems."""
    token = "a-secret-token-0123456789"
    for partner in (
        f"{{token: {token}, profile: x}}",
        f"{{token: {token}, utm: true, profile: smartnews}}",
        f"{{token: [{token}]}}",
        f"{{token: {{a: {token}}}}}",
        f'{{token: "{token}\\x07"}}',
        f"{{token: {token}, token: {token}}}",
        f"{{token: {token}",
    ):
        faults = find_faults(f"  msn: {partner}\n")
        assert faults
        assert not any(token in str(fault) for fault in faults), partner


def test_token_may_come_from_the_environment() -> None:
    """So that it need not stand in a file."""
    environment = {"FEEDSVC_PARTNERS__MSN__TOKEN": "a-secret-token-0123456789"}
    text = HEAD + "  msn: {profile: msn}\n"
    config = parse_config(text.encode(), Path("config.yaml"), environment).config
    assert config.partners["msn"].token == "a-secret-token-0123456789"


def test_partners_have_their_defaults() -> None:
    text = HEAD + "  politics: {token: a-secret-token-0123456789}\n"
    config = parse_config(text.encode(), Path("config.yaml"), {}).config
    assert config.partners["politics"] == PartnerConfig(
        name="politics", profile="plain", token="a-secret-token-0123456789", grace=7 * 86400
    )


def test_two_partners_with_one_token_are_a_warning() -> None:
    """Who has one feed may read both; the fault shows neither token."""
    one, other = "a-secret-token-0123456789", "another-token-0123456789"
    partners = f"  a: {{token: {one}}}\n  b: {{token: {other}}}\n  c: {{token: ' {one}'}}\n"
    (fault,) = find_faults(partners)
    assert fault.warning and fault.key == "partners.c.token" and fault.line == 6
    assert '"a"' in fault.message and one not in str(fault)
    assert find_faults(f"  a: {{token: {one}}}\n  b: {{token: {other}}}\n") == []
