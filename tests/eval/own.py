"""The figures of the labelled articles that were written for this project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from feedsvc.filing import Model, decide
from feedsvc.model import Article, Stamp

from .compare import Found
from .figures import Figure, share
from .labels import Labelled, load_labelled
from .site_filing import Outcome, Sorted, file_articles, make_rules, surest
from .site_reading import KNOWN, NOW, Page, learn_habits, read_knowing, read_page, sample_config
from .speed import time_articles

_KNOWN_COUNTS = (0, 1, 2, 5, KNOWN)
# So many others stand beside the second copy of a story.
_BESIDE_COPY = 5
# Each part is filed by what was learned from the others.
_PARTS = 10
_UPDATE = "This is a developing story, and the paragraph that you read here came with its update."

Outcomes = list[tuple[bool, str]]


def measure_own() -> list[Figure]:
    """Measure reading and filing over all labelled articles."""
    labelled = load_labelled()
    read = {known: _read_all(labelled, known) for known in _KNOWN_COUNTS}
    usual = read[KNOWN]
    return [
        *_measure_lines(labelled, read),
        *_measure_facts(labelled, usual),
        *_measure_filing(labelled, usual),
    ]


def measure_speed() -> float:
    """Measure milliseconds of one core for cleaning and filing one article."""
    labelled = load_labelled()
    rules = make_rules(sample_config())
    model = Model(rules)
    sites = list(_pages_by_site(labelled).values())
    return time_articles(sites, lambda one: decide(one, rules, model))


def _pages_by_site(labelled: Sequence[Labelled]) -> dict[str, list[Page]]:
    sites: defaultdict[str, list[Page]] = defaultdict(list)
    for one in labelled:
        sites[one.site].append((one.name, one.page))
    return dict(sites)


def _read_all(labelled: Sequence[Labelled], known: int) -> dict[str, Article]:
    return {
        name: article
        for pages in _pages_by_site(labelled).values()
        for (name, _), article in read_knowing(pages, known)
    }


def _measure_lines(
    labelled: Sequence[Labelled], read: dict[int, dict[str, Article]]
) -> Iterator[Figure]:
    for known in _KNOWN_COUNTS:
        name = f"lines of the article kept, {known} others known"
        yield share(name, _lines_kept(labelled, read[known]))
    yield share("lines kept, with a second copy", _lines_kept(labelled, _read_copied(labelled)))
    for known in _KNOWN_COUNTS:
        outcomes = [
            (not found.shows(line), f"{one.name}: {line}")
            for one in labelled
            for found in (Found(read[known][one.name], head=False),)
            for line in one.drop
        ]
        yield share(f"lines of furniture cut, {known} others known", outcomes)
    captions = [
        (not found.shows(line), f"{one.name}: {line}")
        for one in labelled
        for found in (Found(read[KNOWN][one.name], head=False),)
        for line in one.caption
    ]
    yield share("captions and credits out of the text", captions)


def _lines_kept(labelled: Sequence[Labelled], read: dict[str, Article]) -> Outcomes:
    return [
        (found.holds(line), f"{one.name}: {line}")
        for one in labelled
        for found in (Found(read[one.name], head=True),)
        for line in one.keep
    ]


def _read_copied(labelled: Sequence[Labelled]) -> dict[str, Article]:
    """Read each page while an updated copy of it stands among the others of its site."""
    sites = _pages_by_site(labelled)
    read = {}
    for one in labelled:
        others = [page for page in sites[one.site] if page[0] != one.name]
        copy = (f"{one.name}-update", _update(one))
        habits = learn_habits([(one.name, one.page), copy, *others[:_BESIDE_COPY]])
        read[one.name] = read_page((one.name, one.page), habits)
    return read


def _update(one: Labelled) -> str:
    """The page as it is after an update: its last paragraph is another one, and one is new."""
    changed = one.page
    if one.keep:
        before, last, after = changed.rpartition(one.keep[-1])
        changed = f"{before}{_UPDATE}\n\n{_UPDATE[::-1]}{after}" if last else changed
    return changed


def _measure_facts(labelled: Sequence[Labelled], read: dict[str, Article]) -> Iterator[Figure]:
    pairs = [(one, read[one.name]) for one in labelled]
    yield share("titles", [_same(one, one.title, read.title) for one, read in pairs])
    yield share("standfirsts", [_same(one, one.standfirst, read.summary) for one, read in pairs])
    yield share("authors", [_same(one, one.authors, read.authors) for one, read in pairs])
    yield share("sources", [_same(one, one.source, read.source) for one, read in pairs])
    yield share(
        "dates of publication",
        [_same(one, one.published, read.published.at) for one, read in pairs if one.published],
    )
    yield share(
        "dates of update",
        [
            _same(one, one.updated, read.updated and read.updated.at)
            for one, read in pairs
            if one.updated
        ],
    )
    yield share("dates not invented", _dates_not_invented(pairs))


def _same(one: Labelled, wanted: object, got: object) -> tuple[bool, str]:
    return wanted == got, f"{one.name}: {_show(got)}, not {_show(wanted)}"


def _show(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _dates_not_invented(pairs: Sequence[tuple[Labelled, Article]]) -> Outcomes:
    outcomes = []
    for one, read in pairs:
        if not one.published:
            stamp = read.published
            outcomes.append((stamp.source == "file time", f"{one.name}: published {stamp}"))
        if not one.updated:
            outcomes.append((read.updated is None, f"{one.name}: updated {read.updated}"))
    return outcomes


def _measure_filing(labelled: Sequence[Labelled], read: dict[str, Article]) -> Iterator[Figure]:
    articles = [(one.sections[0], read[one.name]) for one in labelled]
    always, usual = make_rules(sample_config(), always=True), make_rules(sample_config())
    by_words = file_articles(articles, (), always)
    learned = _file_in_parts(articles)
    yield share("primary section, keywords alone", _right(by_words))
    yield share("primary section, the others learned", _right(learned))
    yield share("precision at 90 % coverage, keywords alone", _right(surest(by_words)))
    yield share("precision at 90 % coverage, the others learned", _right(surest(learned)))
    traps = {read[one.name].path for one in labelled if one.trap}
    for name, outcomes in (("keywords alone", by_words), ("the others learned", learned)):
        yield share(f"traps, {name}", _right([one for one in outcomes if one.path in traps]))
    allowed = {read[one.name].path: one.sections for one in labelled}
    filed = file_articles(articles, (), usual)
    yield share("filed by itself, keywords alone", [(bool(o.primary), o.story) for o in filed])
    yield share("right of what is filed by itself", _right([o for o in filed if o.primary]))
    also = {
        f"{one.path}: also filed in {section}": section in allowed[one.path]
        for one in filed
        for section in one.filing.sections[1:]
    }
    # They are so few that one more or less would open or close a gate; over all articles it counts.
    yield share('right of "also filed in"', [(r, what) for what, r in also.items()], gated=False)
    astray = [(set(one.filing.sections[1:]) <= set(allowed[one.path]), one.path) for one in filed]
    yield share("not also filed where it does not belong", astray)
    raw = [(one.sections[0], _as_scraped(one)) for one in labelled]
    by_raw = _right(file_articles(raw, (), always))
    yield share("primary section, keywords alone, page not cleaned", by_raw, gated=False)


def _right(outcomes: Sequence[Outcome]) -> Outcomes:
    return [(one.is_right, one.story) for one in outcomes]


def _file_in_parts(articles: Sequence[Sorted]) -> list[Outcome]:
    rules = make_rules(sample_config(), always=True)
    outcomes = []
    for part in range(_PARTS):
        others = [pair for at, pair in enumerate(articles) if at % _PARTS != part]
        outcomes += file_articles(articles[part::_PARTS], others, rules)
    return outcomes


def _as_scraped(one: Labelled) -> Article:
    lines = [line.strip() for line in one.page.splitlines() if line.strip()]
    content = "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines[1:])
    article = Article(path=one.name, title=lines[0], published=Stamp(NOW, "none"), content=content)
    return replace(article, path=f"{one.name.replace('/', '-')}.txt")
