"""Article -> sections: the decision where an article belongs, with the reason for each."""

from feedsvc.filing.certain import decide_certain
from feedsvc.filing.decide import decide
from feedsvc.filing.learning import LEARN_AT_MOST, Model
from feedsvc.filing.rules import Rules, compile_rules, fold_name, fold_path

__all__ = [
    "LEARN_AT_MOST",
    "Model",
    "Rules",
    "compile_rules",
    "decide",
    "decide_certain",
    "fold_name",
    "fold_path",
]
