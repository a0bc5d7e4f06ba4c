"""What a person decided: front matter, then the folder, then the section's explicit rules."""

from __future__ import annotations

from feedsvc.filing.rules import ExplicitRule, Rules, fold_name, fold_path
from feedsvc.filing.terms import find_terms
from feedsvc.model import Article, Filed, Filing

# How much of an unknown name, and how many of them, a reason repeats.
_NAME_SHOWN, _NAMES_SHOWN = 40, 3


def decide_certain(article: Article, rules: Rules) -> Filing | None:
    """File an article by what a person wrote: reasons 1 to 3 of DESIGN "Filing".

    1. The sections that its front matter names (by name or title; the first is primary).
    2. The folder it lies in, see :func:`_claim_folder`.
    3. Every section whose rule fits: at least one of ``any`` (if there are any), each of ``all``,
       and none of ``none``; the one with the most terms found is primary, then the config's order.

    :returns: None if no person decided. Names that are no section are told in the reason, and
        the next way of filing decides.
    """
    named = tuple(
        dict.fromkeys(
            rules.names[fold_name(name)]
            for name in article.sections
            if fold_name(name) in rules.names
        )
    )
    if named:
        reasons = [(section, "front matter section") for section in named]
    else:
        reasons = _claim_folder(article, rules) or _apply_rules(article, rules)
    if not reasons:
        return None
    note = describe_unknown(article, rules)
    return Filing(tuple(Filed(section, reason + note) for section, reason in reasons))


def find_barred(article: Article, rules: Rules) -> frozenset[str]:
    """The sections whose ``none`` terms stand in the article: the model must not guess them."""
    if not any(rule.none for rule in rules.explicit):
        return frozenset()
    found = find_terms(article, rules.terms)
    return frozenset(rule.section for rule in rules.explicit if found.intersection(rule.none))


def describe_unknown(article: Article, rules: Rules) -> str:
    """Say which names of the front matter are no section: `` ("Opinion" is no section here)``."""
    unknown = [
        name for name in article.sections if name.strip() and fold_name(name) not in rules.names
    ]
    if not unknown:
        return ""
    shown = ", ".join(f'"{_show(name)}"' for name in unknown[:_NAMES_SHOWN])
    more = ", ..." if len(unknown) > _NAMES_SHOWN else ""
    return f" ({shown}{more} {'is' if len(unknown) == 1 else 'are'} no section here)"


def _show(name: str) -> str:
    clean = "".join(letter if letter.isprintable() else " " for letter in name[: _NAME_SHOWN + 1])
    return clean if len(name) <= _NAME_SHOWN else clean[:_NAME_SHOWN] + "..."


def _claim_folder(article: Article, rules: Rules) -> list[tuple[str, str]]:
    """The sections that claim a folder of the article's path.

    A folder with a slash (``wire/sport``) is claimed from the top of the content folder, one
    without wherever it lies. The longest claim wins, then the outermost folder.
    """
    parts = fold_path(article.path)[:-1]
    for size in range(len(parts), 1, -1):
        if claim := rules.folders.get(parts[:size]):
            return [(section, f"folder {'/'.join(parts[:size])}/") for section in claim]
    for part in parts:
        if claim := rules.folders.get((part,)):
            return [(section, f"folder {part}/") for section in claim]
    return []


def _apply_rules(article: Article, rules: Rules) -> list[tuple[str, str]]:
    if not any(rule.any or rule.all for rule in rules.explicit):
        return []
    found = find_terms(article, rules.terms)
    fitting = []
    for rule in rules.explicit:
        hits = [index for index in rule.any if index in found]
        if (
            (hits or (rule.all and not rule.any))
            and found.issuperset(rule.all)
            and found.isdisjoint(rule.none)
        ):
            fitting.append((len(hits) + len(rule.all), rule, hits))
    # A stable sort: sections with equally many terms keep the order of the config.
    fitting.sort(key=lambda fit: -fit[0])
    return [(rule.section, _describe_rule(rule, hits, rules)) for _, rule, hits in fitting]


def _describe_rule(rule: ExplicitRule, hits: list[int], rules: Rules) -> str:
    parts = [
        f"{kind}: " + ", ".join(f'"{rules.terms.all[index].text}"' for index in indexes)
        for kind, indexes in (("any", hits), ("all", rule.all))
        if indexes
    ]
    return "rule " + "; ".join(parts)
