"""The sections of a story that several files tell: those of the leading one, and of its copies.

Who puts the wire story into two folders wants it in both sections. Only what is certain of a copy
counts: its front matter, its folder, a rule. Each section knows all files that name it, so that it
stays until the last of them goes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from feedsvc.model import Filed, Filing


def keep_also(own: Filing, before: Filing) -> Filing:
    """Return how the leading file is filed, with what its copies added to the filing of before."""
    also = {one.section: one for one in before.filed if one.copies}
    if not also:
        return own
    filed = [
        replace(one, copies=also.pop(one.section).copies) if one.section in also else one
        for one in own.filed
        # Certain reasons come first: what words would say counts no more.
        if own.certain
    ]
    return Filing((*filed, *(replace(one, own=False) for one in also.values())))


def take_lead(own: Filing, before: Filing, led: str) -> Filing:
    """Return the filing of a file that leads from now on: the one at ``led`` is a copy now."""
    claims = [
        replace(one, own=False, copies=(*one.copies, led)) if one.own else one
        for one in before.filed
        if one.certain
    ]
    return keep_also(own, Filing(tuple(claims)))


def also_file(before: Filing, own: Filing | None, path: str) -> Filing:
    """Return the filing with what the copy at ``path`` adds; ``own`` is what is certain of it."""
    rest = drop_also(before, {path})
    if not own or not own.filed:
        return rest
    claims = {one.section: one for one in rest.filed if one.certain}
    for one in own.filed:
        known = claims.get(one.section, replace(one, own=False))
        claims[one.section] = replace(known, copies=tuple(sorted({*known.copies, path})))
    return Filing(tuple(claims.values()))


def refile_also(own: Filing | None, before: Filing, sections: Collection[str]) -> Filing | None:
    """Return how an entry is filed after the sections changed, and the files of its copies not.

    ``own`` is what is certain of the leading file, if anything is.
    """
    kept = tuple(one for one in before.filed if one.copies and one.section in sections)
    return keep_also(own or Filing(), Filing(kept)) if kept else own


def drop_also(before: Filing, paths: Collection[str]) -> Filing:
    """Return the filing without what copies at ``paths`` added."""
    if not any(path in paths for one in before.filed for path in one.copies):
        return before
    left = (_drop_claims(one, paths) for one in before.filed)
    return replace(before, filed=tuple(one for one in left if one.own or one.copies))


def _drop_claims(one: Filed, paths: Collection[str]) -> Filed:
    return replace(one, copies=tuple(path for path in one.copies if path not in paths))
