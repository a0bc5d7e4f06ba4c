"""config.yaml -> Config, or every fault at once with the line it stands on.

The environment may override any value: ``FEEDSVC_SITE__BASE_URL`` sets ``site.base_url``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml as _yaml_of_env
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from feedsvc.config.clashes import find_clashes, line_of, suggest
from feedsvc.config.partner_clashes import find_partner_faults
from feedsvc.config.partners import PartnerConfig
from feedsvc.config.podcasts import PodcastConfig
from feedsvc.config.purging import PurgeConfig
from feedsvc.config.schema import Config, SectionConfig
from feedsvc.errors import ConfigError, Fault

ENVIRONMENT_PREFIX = "FEEDSVC_"

# A config is a page or two of text; more is somebody's mistake, and YAML of any size may be slow.
CONFIG_BYTES_MOST = 2_000_000

# What pydantic calls by Python's names, in the words of a person who writes YAML.
_TYPE_MESSAGES = {
    "model_type": "must be a map of keys",
    "model_attributes_type": "must be a map of keys",
    "dict_type": "must be a map of keys",
    "mapping_type": "must be a map of keys",
    "tuple_type": "must be a list, or one text",
    "string_type": "must be text: put it in quotes",
    "path_type": "must be text: put it in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "invalid_key": "a key must be text",
}

# What no text of a config means: control characters but tab and line ends, and halves of pairs.
_BAD_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")

_Location = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A usable config and what may still be odd about it.

    ``id_line`` is where ``site.id`` stands, 0 if it does not; one that ``is_empty`` says nothing.
    """

    config: Config
    path: Path
    warnings: tuple[Fault, ...] = ()
    id_line: int = 0
    is_empty: bool = False


def load_config(path: Path, environment: Mapping[str, str]) -> LoadedConfig:
    """Read ``path`` and return its checked value, with relative paths made absolute.

    Raises ConfigError with every fault, also when the file is missing or not YAML.
    """
    return parse_config(read_config(path), path, environment)


def read_config(path: Path) -> bytes:
    """Return the bytes of a config file. Raises ConfigError when it is missing or unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        hint = "make a new site with: feedsvc init DIR, or name the file with --config"
        raise ConfigError((Fault(str(path), 0, "", "there is no such file", hint),)) from None
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise ConfigError((Fault(str(path), 0, "", reason),)) from None


def parse_config(data: bytes, path: Path, environment: Mapping[str, str]) -> LoadedConfig:
    """Check the bytes of a config file that stands at ``path``; see ``load_config``."""
    file = path.name
    tree = _parse_yaml(data, file)
    is_empty = not tree
    overrides = _override(tree, environment)
    if faults := _find_bad_characters(tree, file, overrides):
        raise ConfigError(tuple(faults))  # as with bytes that are no text: nothing else can be said
    config: Config | None = None
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults += [_fault_of(detail, tree, file, overrides) for detail in details]
    faults += find_clashes(tree, file) + find_partner_faults(tree, file)
    errors = [fault for fault in faults if not fault.warning]
    if errors or config is None:
        raise ConfigError(tuple(sorted(faults, key=lambda fault: (fault.line, fault.key))))
    warnings = [fault for fault in faults if fault.warning] + _find_oddities(config, tree, file)
    is_here = isinstance(tree.get("site"), CommentedMap) and ("site", "id") not in overrides
    id_line = line_of(tree, ("site", "id")) if is_here else 0
    return LoadedConfig(_resolve_paths(config, path), path, tuple(warnings), id_line, is_empty)


def _parse_yaml(data: bytes, file: str) -> CommentedMap:
    if len(data) > CONFIG_BYTES_MOST:
        message = f"is larger than {CONFIG_BYTES_MOST // 1_000_000} MB"
        raise ConfigError((Fault(file, 0, "", message, "is it the right file?"),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            (Fault(file, line, "", "is not UTF-8 text", "save it as UTF-8"),)
        ) from None
    try:
        tree = YAML().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = str(error.problem or error.context or "is not YAML").split("\n")[0]
        line = mark.line + 1 if mark else 0
        hint = "check the indentation and quotes around this line"
        if twice := re.match(r'found duplicate key ("[^"]*")', message):
            message, hint = f"the key {twice[1]} stands here a second time", "leave one of them"
            raise ConfigError((Fault(file, line, "", message, hint),)) from None
        raise ConfigError((Fault(file, line, "", f"cannot be read: {message}", hint),)) from None
    except (YAMLError, ValueError, RecursionError, TypeError) as error:
        message = str(error).split("\n")[0] or type(error).__name__
        raise ConfigError((Fault(file, 0, "", f"is not YAML: {message}"),)) from None
    if tree is None:
        tree = CommentedMap()
    if not isinstance(tree, CommentedMap):
        message = "must be a map of keys such as site, content and sections"
        raise ConfigError((Fault(file, 1, "", message),))
    return tree


def _override(tree: CommentedMap, environment: Mapping[str, str]) -> dict[_Location, str]:
    """Put the environment's values into the tree; return which variable set which key."""
    overrides: dict[_Location, str] = {}
    blocks = Config.model_fields
    for variable in sorted(environment):
        name = variable.removeprefix(ENVIRONMENT_PREFIX)
        keys = name.lower().split("__")
        if name == variable or len(keys) < 2 or keys[0] not in blocks:
            continue
        node: Any = tree
        for key in keys[:-1]:
            child = node.get(key)
            if not isinstance(child, CommentedMap):
                child = CommentedMap({"title": child} if isinstance(child, str) else {})
                node[key] = child
            node = child
        node[keys[-1]] = _value_of(environment[variable])
        overrides[tuple(keys)] = variable
    return overrides


def _value_of(text: str) -> Any:
    # Lists may be given as YAML ("[a, b]"); everything else is text, which pydantic converts.
    if text.startswith("["):
        try:
            return _yaml_of_env.safe_load(text)
        except (_yaml_of_env.YAMLError, ValueError, RecursionError):
            return text
    return text


def _fault_of(
    detail: Mapping[str, Any], tree: CommentedMap, file: str, overrides: Mapping[_Location, str]
) -> Fault:
    location: _Location = tuple(detail["loc"])
    if isinstance(tree.get("purge"), Mapping) and location[:2] == ("purge", 0):
        location = ("purge", *location[2:])  # one cache need not be written as a list
    while location and not _exists(tree, location):
        location = location[:-1]  # pydantic adds steps such as a union's member that no file has
    hint = ""
    if detail["type"] == "extra_forbidden":
        message = "unknown key"
        hint = suggest(str(location[-1]), _known_keys(location[:-1]))
    elif detail["type"] in _TYPE_MESSAGES:
        message = _TYPE_MESSAGES[detail["type"]]
    else:
        message = str(detail["msg"]).removeprefix("Value error, ")
        message = message[:1].lower() + message[1:]
    return _fault_at(location, tree, file, overrides, message, hint)


def _fault_at(
    location: _Location,
    tree: CommentedMap,
    file: str,
    overrides: Mapping[_Location, str],
    message: str,
    hint: str = "",
) -> Fault:
    """Return a fault of the value at ``location``, which the file or the environment has set."""
    key = ".".join(str(part) for part in location)
    for end in range(len(location), 0, -1):
        if location[:end] in overrides:
            return Fault(f"environment {overrides[location[:end]]}", 0, key, message, hint)
    return Fault(file, line_of(tree, location), key, message, hint)


def _find_bad_characters(
    tree: CommentedMap, file: str, overrides: Mapping[_Location, str]
) -> list[Fault]:
    """Find texts that could not be stored or shown: YAML can write any code point as an escape."""
    faults: list[Fault] = []
    seen: set[int] = set()  # aliases may make the same value, and even a loop, of a short text

    def walk(node: object, location: _Location) -> None:
        if isinstance(node, str):
            if found := _BAD_CHARACTER.search(node):
                message = f"holds the character U+{ord(found[0]):04X}, which no text may hold"
                hint = "take it out"
                safe = tuple(_BAD_CHARACTER.sub("?", str(part)) for part in location)
                fault = _fault_at(location, tree, file, overrides, message, hint)
                faults.append(replace(fault, key=".".join(safe)))
            return
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, Mapping):
            for key, value in node.items():
                walk(key, (*location, key))
                walk(value, (*location, key))
        elif isinstance(node, Sequence):
            for number, value in enumerate(node):
                walk(value, (*location, number))

    walk(tree, ())
    return faults


def _exists(tree: Any, location: _Location) -> bool:
    node = tree
    for part in location:
        if isinstance(node, Mapping):
            if part not in node:
                part = next((key for key in node if str(key) == part), part)
            if part not in node:
                return False
            node = node[part]
        elif isinstance(node, Sequence) and not isinstance(node, str) and isinstance(part, int):
            if part >= len(node):
                return False
            node = node[part]
        else:
            return False
    return True


def _known_keys(location: _Location) -> list[str]:
    model: type[BaseModel] = Config
    named: Mapping[str, type[BaseModel]] = {"sections": SectionConfig, "partners": PartnerConfig}
    below: type[BaseModel] | None = None
    for part in location:
        # A section may write its `feed` as `feeds`, like the block for all of them.
        alias = model is SectionConfig and part == "feeds"
        field = model.model_fields.get("feed" if alias else str(part))
        annotation = field.annotation if field else None
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
        elif model is SectionConfig and part == "podcast":
            model = PodcastConfig
        elif model is Config and part == "purge":
            model = PurgeConfig
        elif model is Config and part in named:
            below = named[str(part)]
        elif below:
            model, below = below, None  # the key is a name, and its value one of these
    hidden = {"name"} if model in named.values() else set()
    return [name for name in model.model_fields if name not in hidden]


def _find_oddities(config: Config, tree: CommentedMap, file: str) -> list[Fault]:
    """Find what works, but surely not as meant."""
    faults = []
    if not config.site.id:
        message = f'not set: ids are made with "{config.site.tag}"'
        hint = "set it once, so that ids do not depend on base_url"
        faults.append(Fault(file, line_of(tree, ("site",)), "site.id", message, hint, warning=True))
    if not config.sections:
        hint = "add one, for example: politics: Politics and Government"
        faults.append(Fault(file, 0, "sections", "there are no sections", hint, warning=True))
    if config.hub.urls and not config.hub.is_external:
        line = line_of(tree, ("hub", "urls"))
        message = f"nobody tells these hubs anything in mode {config.hub.mode}"
        hint = "write mode: both, or external, to tell them of changes"
        faults.append(Fault(file, line, "hub.urls", message, hint, warning=True))
    return faults


def _resolve_paths(config: Config, path: Path) -> Config:
    """Make the paths of ``config`` absolute: they are relative to the file they stand in."""
    base = path.absolute().parent
    folder = config.content.folder
    if isinstance(folder, Path):
        folder = base / folder
    url = config.store.url or f"sqlite:///{base / 'var' / 'feedsvc.db'}"
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith((prefix + "/", prefix + ":memory:")):
        url = f"{prefix}{base / url.removeprefix(prefix)}"
    return config.model_copy(
        update={
            "content": config.content.model_copy(update={"folder": folder}),
            "store": config.store.model_copy(update={"url": url}),
        }
    )
