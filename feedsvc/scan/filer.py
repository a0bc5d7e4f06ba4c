"""The learning model, loaded from the store only when an article needs it."""

from __future__ import annotations

import threading

from feedsvc.filing import LEARN_AT_MOST, Model, Rules, decide_certain
from feedsvc.model import Article, Filing
from feedsvc.store import Store, StoredEntry


class Filer:
    """Decides the sections of articles by ``rules`` and by what the stored ones teach.

    The model is derived from the store, so it is never stored itself, and a site whose articles all
    name their section never pays for it.
    """

    def __init__(self, store: Store, rules: Rules, learns: bool = True) -> None:
        self.rules = rules
        self._store = store
        self._learns = learns
        self._model: Model | None = None
        self._lock = threading.Lock()

    def decide(self, article: Article) -> Filing:
        """Return where an article belongs: certain reasons first, then the model."""
        return decide_certain(article, self.rules) or self.guess(article)

    def guess(self, article: Article) -> Filing:
        """Return where the model files an article for which nothing certain is known."""
        return self._load().decide(article)

    def learn(self, entry: StoredEntry) -> None:
        """Learn from an entry that was filed for certain; the model sees it at once."""
        if self._model is not None and self._learns:
            self._model.learn(entry.filing.sections[0], entry.article)

    def warm_up(self) -> None:
        """Load the model now, so that the first article that needs it does not wait."""
        self._load()

    def _load(self) -> Model:
        with self._lock:
            if self._model is None:
                model = Model(self.rules)
                for section in self.rules.names if self._learns else ():
                    for entry in self._store.certain(section, LEARN_AT_MOST):
                        model.learn(section, entry.article)
                self._model = model
            return self._model
