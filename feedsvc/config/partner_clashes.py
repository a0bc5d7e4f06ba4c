"""What is wrong with the partners of a config, beside the type of each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml.comments import CommentedMap

from feedsvc.config.clashes import line_of, list_texts, suggest, suggest_name
from feedsvc.config.types import RESERVED_SECTIONS, is_number, is_section_name
from feedsvc.errors import Fault

# 16 letters and digits are 64 bits and more: nobody tries so many over the network.
TOKEN_CHARS_LEAST = 16
# Not one made here: what is proposed would stand in logs and lists before it is used.
_HOW_TO_MAKE = "make one with: openssl rand -hex 16"


def find_partner_faults(tree: CommentedMap, file: str) -> list[Fault]:
    """Return what is wrong with names, tokens and sections of the partners of a config."""
    partners, sections = tree.get("partners"), tree.get("sections")
    if not isinstance(partners, Mapping):
        return []
    known = [str(key) for key in sections] if isinstance(sections, Mapping) else []
    faults: list[Fault] = []
    owners: dict[str, str] = {}
    for key, body in partners.items():
        name, line = str(key), line_of(tree, ("partners", key))
        if name in RESERVED_SECTIONS:
            message = f'the name "{name}" is taken by feedsvc itself'
            faults.append(Fault(file, line, f"partners.{name}", message, "choose another name"))
        elif not is_section_name(name):
            message = "a partner's name stands in its URL: use a-z, 0-9, - and _"
            faults.append(Fault(file, line, f"partners.{name}", message, suggest_name(name)))
        if body is None or isinstance(body, Mapping):
            faults += _find_body_faults(tree, file, key, body or {}, known)
            token = _read_token(body or {})
            owner = owners.setdefault(token, name) if token else name
            if owner != name:
                at = line_of(tree, ("partners", key, "token"))
                message = f'is that of "{owner}" too: who has one feed may read both'
                hint = "give each partner its own"
                faults.append(Fault(file, at, f"partners.{name}.token", message, hint, True))
    return faults


def _read_token(body: Mapping[Any, Any]) -> str:
    """Return a partner's token; empty if there is none, or what is there is no text."""
    token = body.get("token")
    return str(token).strip() if isinstance(token, str) or is_number(token) else ""


def _find_body_faults(
    tree: CommentedMap, file: str, key: Any, body: Mapping[Any, Any], known: list[str]
) -> Iterator[Fault]:
    def make(part: str, message: str, hint: str, warning: bool = False) -> Fault:
        line = line_of(tree, ("partners", key, part))
        return Fault(file, line, f"partners.{key}.{part}", message, hint, warning)

    token = body.get("token")
    # A number is read as its digits; anything else that is no text is a fault already.
    token = str(token) if is_number(token) else token
    if token is None or (isinstance(token, str) and not token.strip()):
        message = "is missing: who has it may read this partner's feed"
        yield make("token", message, _HOW_TO_MAKE)
    elif isinstance(token, str) and len(token.strip()) < TOKEN_CHARS_LEAST:
        message = f"is shorter than {TOKEN_CHARS_LEAST} characters, and may be guessed"
        yield make("token", message, "make it a long random one", warning=True)
    if "name" in body:
        yield make("name", "unknown key", "a partner's name is the key it stands under")
    for section in list_texts(body.get("sections")):
        if section == "all":
            yield make("sections", 'there is no section "all"', "leave it out for the whole site")
        elif section not in known:
            yield make("sections", f'there is no section "{section}"', suggest(section, known))
