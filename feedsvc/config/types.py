"""The kinds of values that config.yaml holds, each with the error that an admin reads."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator
from werkzeug.urls import iri_to_uri

from feedsvc.config.buckets import Bucket, is_address, parse_bucket
from feedsvc.config.rules import compile_pattern, parse_rule

# Names that the URLs /feeds/... and /sections/... need for themselves.
RESERVED_SECTIONS = frozenset({"all", "unfiled", "tag", "author", "archive"})

_SECTION_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_DURATION_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|kib|mib|gib)?", re.IGNORECASE)
_SIZE_UNITS = {
    "b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "kib": 1024, "mib": 1024**2, "gib": 1024**3,
}  # fmt: skip


def is_section_name(name: str) -> bool:
    """Whether ``name`` may stand in a feed's URL: lower-case letters, digits, ``-`` and ``_``."""
    return bool(_SECTION_NAME.fullmatch(name)) and name not in RESERVED_SECTIONS


def _refuse_truth(value: object) -> object:
    # Python counts True as 1; nobody who wrote `true` meant that.
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


def _parse_duration(value: object) -> object:
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip().lower())
        if not match:
            raise ValueError('write a time such as 0.5, "500ms", "30s", "5m" or "2h"')
        return float(match[1]) * _DURATION_UNITS[match[2] or "s"]
    return value


def _parse_size(value: object) -> object:
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        if not match:
            raise ValueError('write a size such as 5000000, "5 MB" or "4 MiB"')
        size = float(match[1]) * _SIZE_UNITS[(match[2] or "b").lower()]
        if math.isinf(size):
            raise ValueError("is larger than anything")
        return int(size)
    return value


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) or is_number(value) else value


def _text_of_scalar(value: object) -> object:
    # YAML reads `name: 2026` as a number; a person meant the text.
    return str(value) if is_number(value) else value


def _check_pattern(value: str) -> str:
    compile_pattern(value)
    return value


def _check_rule(value: str) -> str:
    parse_rule(value)
    return value


def _check_name(value: str) -> str:
    if not is_section_name(value):
        raise ValueError("write the name of a section as it stood in its URL: a-z, 0-9, - and _")
    return value


def read_folder(value: object) -> Path | Bucket:
    """Return the folder or bucket that a text names; ValueError says what is wrong with it."""
    # An empty one would be the folder of config.yaml itself, with the store in it.
    if isinstance(value, str) and not value.strip():
        raise ValueError('write a folder such as content, or "." for the one of this file')
    if isinstance(value, str) and value.startswith("~"):
        try:
            return Path(value).expanduser()
        except RuntimeError:
            raise ValueError("there is no such user: write the whole path") from None
    if isinstance(value, str):
        return parse_bucket(value) if is_address(value) else Path(value)
    if isinstance(value, (Path, Bucket)):
        return value
    raise ValueError("must be text: put it in quotes")


def _check_language(value: str) -> str:
    if value and not _LANGUAGE.fullmatch(value):
        raise ValueError("write a language tag such as en, en-GB, de or ar")
    return value


def check_web_url(value: str) -> str:
    if not value:
        return value
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or re.search(r"[\s<>\"]", value):
        raise ValueError("write a whole address that starts with https:// or http://")
    # As it stands in headers and feeds: in ASCII, once and for all.
    return value if value.isascii() else iri_to_uri(value)


Number = BeforeValidator(_refuse_truth)
Duration = Annotated[float, Number, BeforeValidator(_parse_duration), Field(ge=0, le=30 * 86400)]
# How old an article is may be a matter of years.
Age = Annotated[float, Number, BeforeValidator(_parse_duration), Field(ge=0, le=36_500 * 86400)]
Size = Annotated[int, Number, BeforeValidator(_parse_size), Field(gt=0)]
Folder = Annotated[Path | Bucket, PlainValidator(read_folder)]
Text = Annotated[str, BeforeValidator(_text_of_scalar)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(one_or_many)]
Pattern = Annotated[str, AfterValidator(_check_pattern)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(one_or_many)]
RuleText = Annotated[Text, AfterValidator(_check_rule)]
RuleTexts = Annotated[tuple[RuleText, ...], BeforeValidator(one_or_many)]
Name = Annotated[Text, AfterValidator(_check_name)]
Names = Annotated[tuple[Name, ...], BeforeValidator(one_or_many)]
Language = Annotated[str, AfterValidator(_check_language)]
WebUrl = Annotated[str, AfterValidator(check_web_url)]


class Block(BaseModel):
    """A part of config.yaml: frozen, and with no key that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
