"""The learning model, loaded from the store only when an article needs it."""

from __future__ import annotations

import threading
from collections import deque

from feedsvc.filing import LEARN_AT_MOST, Model, Rules, decide_certain
from feedsvc.model import Article, Filing
from feedsvc.scan.correct import FACT, list_lessons
from feedsvc.store import Store, StoredEntry

# A batch of the scan.
_EARLY_KEPT = 1_000


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
        # What the store said of corrections when the model was loaded, or learned from them.
        self._noted = ""
        self._asks = False
        # What was entered before the model was loaded: the last batch may not be in the store yet.
        self._early: deque[StoredEntry] = deque(maxlen=_EARLY_KEPT)
        self._lock = threading.Lock()

    def decide(self, article: Article) -> Filing:
        """Return where an article belongs: certain reasons first, then the model."""
        return decide_certain(article, self.rules) or self.guess(article)

    def guess(self, article: Article) -> Filing:
        """Return where the model files an article for which nothing certain is known."""
        model = self._load()
        if self._asks:
            self._asks = False
            self.catch_up()
        return model.decide(article)

    def learn(self, entry: StoredEntry) -> None:
        """Learn from an entry that was filed for certain; the model sees it at once."""
        if self._model is None:
            self._early.append(entry)
        elif self._learns:
            self._model.learn(entry.filing.sections[0], entry.article)

    def look_again(self) -> None:
        """Let the next article that needs the model ask first what editors taught meanwhile."""
        self._asks = True

    def is_behind(self) -> bool:
        """Whether editors corrected what the model does not know yet; costs one look-up."""
        return self._model is not None and self._store.fact(FACT) != self._noted

    def catch_up(self) -> bool:
        """Learn what editors corrected meanwhile, here or in another process.

        Return whether that is not enough: something must be unlearned, and ``relearn`` is wanted.
        """
        model, noted = self._model, self._store.fact(FACT)
        if model is None or noted == self._noted:
            return False
        lessons = list_lessons(noted, self._noted)
        if lessons is None:
            return True
        self._noted = noted
        for lesson in lessons:
            entry = self._store.entry(lesson.uid)
            if entry and lesson.section and not lesson.before and self._learns:
                model.learn(lesson.section, entry.article)
        return False

    def relearn(self, without: str = "") -> None:
        """Load the model anew, aside from its use; without the entry of this uid, if one is named.

        That one is about to be filed otherwise.
        """
        noted = self._store.fact(FACT)
        model = self._make_model(without)
        with self._lock:
            self._model, self._noted = model, noted

    def nearest(self, article: Article) -> tuple[str, ...]:
        """Return the two sections whose words an article uses most, the first one first."""
        return self._load().nearest(article)

    def warm_up(self) -> None:
        """Load the model now, so that the first article that needs it does not wait."""
        self._load()

    def _load(self) -> Model:
        with self._lock:
            if self._model is None:
                self._noted = self._store.fact(FACT)
                self._model = self._make_model()
                self._early.clear()
            return self._model

    def _make_model(self, without: str = "") -> Model:
        model = Model(self.rules)
        known = {without}
        for section in self.rules.sections if self._learns else ():
            for entry in self._store.certain(section, LEARN_AT_MOST):
                if entry.uid not in known:
                    model.learn(section, entry.article)
                    known.add(entry.uid)
        for entry in self._early if self._learns else ():
            if entry.uid not in known:
                model.learn(entry.filing.sections[0], entry.article)
        model.threshold()  # found by cross-validation: now, and not while an article waits
        return model
