"""What of the config decides how articles are read and filed: as hashes, which the store keeps."""

from __future__ import annotations

import hashlib

from feedsvc.config import Config


def hash_reading(config: Config) -> str:
    """Return what every file must be read again for, if it changes."""
    site = config.site
    # The fourth: what is made of every file beside its article. Stores from before lack that.
    shape = [config.cleaning.model_dump_json(), site.language, site.timezone, "media"]
    return _hash([*shape, config.duplicates])


def hash_filing(config: Config) -> str:
    """Return what every stored article must be filed again for, if it changes."""
    shape = [config.filing.model_dump_json()]
    for name, section in config.sections.items():
        matters = section.model_dump_json(include={"title", "description", "match"})
        shape.append(f"{name}={matters}")
        if section.moved_from:  # front matter and editors may still name it so
            shape.append(" ".join(section.moved_from))
    return _hash(shape)


def _hash(shape: list[str]) -> str:
    return hashlib.blake2b("\0".join(shape).encode(), digest_size=16).hexdigest()
