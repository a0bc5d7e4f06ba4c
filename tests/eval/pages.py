"""The main text of HTML pages, as article-extraction-benchmark lays them out and measures it."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path

from feedsvc.errors import RefusedError
from feedsvc.ingest import read_article, reading_for
from feedsvc.plain import text_of

from .figures import Figure
from .site_reading import NOW, sample_config

PAGES, TRUTH = "html", "ground-truth.json"
PAGES_AT_MOST = 400
_BYTES_AT_MOST = 20_000_000
_SHINGLE = 4
_CAPTION = re.compile(r"<figcaption>.*?</figcaption>", re.DOTALL)
_WORD = re.compile(r"\w+")


def measure_pages(folder: Path) -> tuple[list[Figure], list[str]]:
    """Measure html/ against ground-truth.json; raises ValueError if that is not of its form."""
    truth = json.loads((folder / TRUTH).read_text("utf-8"))
    if not isinstance(truth, dict) or not all(isinstance(one, dict) for one in truth.values()):
        raise ValueError("it is not an object of pages")
    precisions, recalls = [], []
    wrong: list[tuple[float, str]] = []
    missing = 0
    for key, said in sorted(truth.items())[:PAGES_AT_MOST]:
        data = _load_page(folder / PAGES, key)
        if data is None:
            missing += 1
            continue
        wanted, found = _shingles(str(said.get("articleBody", ""))), _shingles(_read_text(data))
        both = sum((wanted & found).values())
        if found:
            precisions.append(both / found.total())
        if wanted:
            recalls.append(both / wanted.total())
        lost, added = wanted.total() - both, found.total() - both
        wrong.append((lost + added, f"{key}: {added} of {found.total()} too much, {lost} missing"))
    if not precisions or not recalls:
        raise ValueError("no page of it is in html/, or none has a text")
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    worst = tuple(what for much, what in sorted(wrong, reverse=True) if much)
    figures = [
        Figure("HTML main text, F1", f1, len(wrong), worst, floor=0.96, aim=0.965),
        Figure("HTML main text, precision", precision, len(precisions)),
        Figure("HTML main text, recall", recall, len(recalls)),
    ]
    remarks = [f"{missing} pages cannot be read."] if missing else []
    if len(truth) > PAGES_AT_MOST:
        remarks.append(f"Only the first {PAGES_AT_MOST} pages were measured.")
    return figures, remarks


def _load_page(folder: Path, key: str) -> bytes | None:
    name = Path(key).name
    try:
        if (packed := folder / f"{name}.html.gz").is_file():
            with gzip.open(packed) as file:
                return file.read(_BYTES_AT_MOST)
        return (folder / f"{name}.html").read_bytes()[:_BYTES_AT_MOST]
    except (OSError, EOFError):
        return None


def _read_text(data: bytes) -> str:
    try:
        article = read_article("page.html", data, NOW, reading_for(sample_config(), NOW))
    except RefusedError:
        return ""
    # The captions of pictures are no main text; we keep them with their pictures.
    return text_of(_CAPTION.sub("", article.content))


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(
        tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1))
    )
