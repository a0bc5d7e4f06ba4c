"""The gate: no figure of reading and filing falls below what it once was (docs/reading.md)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from . import speed
from .compare import words_of
from .corpus import CorpusError, measure_corpus
from .figures import Figure, find_fallen, read_baseline, share
from .labels import Labelled, load_labelled, load_sites
from .own import measure_own
from .site_reading import sample_config

LABELLED = load_labelled()
BASELINE = read_baseline()


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    """Today's figures; they take a few seconds."""
    return measure_own()


@pytest.mark.parametrize("name", BASELINE)
def test_no_figure_falls(figures: list[Figure], name: str) -> None:
    """What ``make eval`` prints is at least what baseline.json says."""
    fallen = find_fallen(figures, {name: BASELINE[name]})
    assert not fallen, "\n".join(fallen)


def test_every_gated_figure_has_a_baseline(figures: list[Figure]) -> None:
    """A new figure is gated from its first day: ``python -m eval --accept``."""
    assert {figure.name for figure in figures if figure.gated} == BASELINE.keys()


def test_a_fall_is_told_with_what_is_wrong() -> None:
    """One wrong title of three is below a baseline of 0.7, and not below 0.666."""
    figure = share("titles", [(True, "a"), (False, "b: Menu, not News"), (True, "c")])
    assert find_fallen([figure], {"titles": 0.666}) == []
    (fallen,) = find_fallen([figure], {"titles": 0.7})
    assert "b: Menu, not News" in fallen
    assert find_fallen([], {"titles": 0.7})


def test_labels_cover_what_they_should() -> None:
    """At least 120 articles of ten sections and eight sites, and traps."""
    sections = Counter(one.sections[0] for one in LABELLED)
    assert len(LABELLED) >= 120
    assert sections.keys() == sample_config().sections.keys()
    assert min(sections.values()) >= 8
    assert len({one.site for one in LABELLED}) >= 8
    assert sum(bool(one.trap) for one in LABELLED) >= 20


@pytest.mark.parametrize("one", LABELLED, ids=lambda one: one.name)
def test_label_fits_its_page(one: Labelled) -> None:
    """All that a label names stands on the page, and nothing is both kept and dropped."""
    page = f" {words_of(one.page)} "
    named = [one.title, one.standfirst, *one.authors, *one.keep, *one.drop, *one.caption]
    assert [line for line in named if f" {words_of(line)} ".strip() not in page] == []
    raw = " ".join(one.page.split())
    signs = [line for line in one.drop if not words_of(line) and line.strip() not in raw]
    assert signs == []
    assert not set(one.keep) & {*one.drop, *one.caption}
    assert one.keep and one.drop
    assert set(one.sections) <= sample_config().sections.keys()
    assert one.site in load_sites()


def _write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def _stories(section: str, count: int) -> dict[str, bytes]:
    lines = "Goal in the last minute\n\nThe match number {} was won at home by a late goal.\n"
    return {f"{section}/{at}.txt": lines.format(at).encode() for at in range(count)}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"readme.txt": b"No sections here"},
        _stories("sport", 4),
        {f"sport/{at}.txt": b"" for at in range(9)},
        {f"sport/{at}.txt": bytes(range(256)) for at in range(9)},
        {"html/a.html": b"<p>Text", "ground-truth.json": b"[]"},
        {"html/a.html": b"<p>Text", "ground-truth.json": b"{"},
        {"html/a.html": b"<p>Text", "ground-truth.json": b'{"b": {"articleBody": "Text"}}'},
    ],
    ids=["empty", "no sections", "few", "no text", "binary", "a list", "no JSON", "no pages"],
)
def test_folder_that_is_no_corpus_is_told_in_a_sentence(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    """Never a traceback."""
    with pytest.raises(CorpusError, match=r"\.$"):
        measure_corpus(_write(tmp_path, files))


def test_corpus_of_one_section_or_with_odd_files_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filing needs two sections; Latin-1 is read, and what cannot be is told."""
    # How fast it is among a million words is for `make eval`: here they would take minutes.
    monkeypatch.setattr(speed, "WORDS", 2_000)
    odd = {"sport/latin.txt": "Café\n\nÜber alles.\n".encode("latin-1"), "sport/empty.txt": b""}
    figures, remarks = measure_corpus(_write(tmp_path, {**_stories("sport", 6), **odd}))
    assert any("one section" in remark for remark in remarks)
    assert any("1 files cannot be used" in remark for remark in remarks)
    assert not any("filing" in figure.name for figure in figures)
    figures, _ = measure_corpus(_write(tmp_path, _stories("whelks and cockles", 6)))
    assert any("filing accuracy, 0" in figure.name for figure in figures)
