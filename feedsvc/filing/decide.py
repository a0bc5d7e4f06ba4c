"""Article -> Filing: what a person decided, or else what the words say."""

from __future__ import annotations

from feedsvc.filing.certain import decide_certain
from feedsvc.filing.learning import Model
from feedsvc.filing.rules import Rules
from feedsvc.model import Article, Filing


def decide(article: Article, rules: Rules, model: Model) -> Filing:
    """Decide which sections an article belongs to, with the reason for each (DESIGN "Filing").

    Front matter, folder and explicit rules come first; what they leave, the model decides.
    """
    return decide_certain(article, rules) or model.decide(article)
