"""What a change does to what is published: sections come and go, edits touch their own feeds."""

from __future__ import annotations

import random
import re

import pytest
from publication_samples import SECTIONS, client_of, feeds_of, look, take, titles_of
from sites import FORMATS, Site, article, parse_atom

import feedsvc.publication.build as build_module
from feedsvc.publication import NOTHING, load_publication
from feedsvc.service import Service


def test_removed_section_goes_away_and_a_new_one_is_filled(site: Site, service: Service) -> None:
    """Its paths answer 404, the articles stay on the site; the new section takes what is its."""
    site.write("culture/film.md", article("A film", date="2026-01-02"))
    site.write("travel/trip.md", article("A trip", date="2026-01-03"))
    before = look(service)
    ids = {item.title: item.id for item in parse_atom(feeds_of(before, "all")["atom"])}
    text = site.config.read_text().replace("  culture: Arts and Culture\n", "  travel: Travel\n")
    site.config.write_text(text)
    service.reload(site.load())
    after = load_publication(service.store, before)
    gone = {path for path in before.representations if "culture" in path}
    assert gone == {*(f"/feeds/culture.{end}" for end in (*FORMATS, "rss")), "/sections/culture"}
    changes = service.store.representations_since(before.revision)
    assert {path for path, found in changes.items() if found is None} == gone
    assert not gone & after.representations.keys()
    client = client_of(after)
    assert {client.get(f"/feeds/culture.{form}").status_code for form in FORMATS} == {404}
    assert client.get("/feeds/travel.xml").status_code == 200
    assert titles_of(after, "travel") == ["A trip"]
    assert titles_of(after, "all") == ["A trip", "A film"]
    assert {item.title: item.id for item in parse_atom(feeds_of(after, "all")["atom"])} == ids
    for path in ("/", "/feeds/", "/feeds.opml"):
        assert b"culture" not in after.representations[path].bodies["identity"]


def test_section_that_comes_back_is_published_again(site: Site, service: Service) -> None:
    """A removed section leaves nothing behind that would keep it from coming back."""
    site.write("culture/film.md", article("A film", date="2026-01-02"))
    before, text = look(service), site.config.read_text()
    site.config.write_text(text.replace("  culture: Arts and Culture\n", ""))
    service.reload(site.load())
    assert "/feeds/culture.xml" not in load_publication(service.store).representations
    site.config.write_text(text)
    service.reload(site.load())
    after = load_publication(service.store)
    assert titles_of(after, "culture") == ["A film"]
    assert after.representations.keys() == before.representations.keys()


@pytest.mark.parametrize("seed", range(6))
def test_incremental_load_equals_a_full_one(site: Site, service: Service, seed: int) -> None:
    """A worker that loads only what changed, at whatever moments, sees what a new one sees."""
    chance, plain = random.Random(seed), site.config.read_text()
    kept = look(service)
    lines = {name: line for line in plain.splitlines(True) if (name := line.split(":")[0].strip())}
    for step in range(12):
        files = sorted(site.content.rglob("*.md"))
        match chance.choice(["write", "write", "edit", "delete", "sections", "items"]):
            case "edit" if files:
                chance.choice(files).write_text(article(f"Edited {step}", date="2026-01-02"))
            case "delete" if files:
                chance.choice(files).unlink()
            case "sections":
                out = chance.sample(SECTIONS, chance.randint(0, 2))
                site.config.write_text("".join(lines[name] for name in lines if name not in out))
                service.reload(site.load())
            case "items":
                text = re.sub(r"feeds:.*", "", site.config.read_text())
                site.config.write_text(text + f"feeds: {{items: {chance.randint(1, 3)}}}")
                service.reload(site.load())
            case _:
                path = f"{chance.choice(SECTIONS)}/{step}.md"
                site.write(path, article(f"Number {step}", date=f"2026-01-{step + 1:02}"))
        take(service)
        if chance.random() < 0.5:
            kept = load_publication(service.store, kept)
            assert kept == load_publication(service.store)
    kept = load_publication(service.store, kept)
    assert kept == load_publication(service.store, NOTHING)
    assert load_publication(service.store, kept) is kept


def test_F13_R11_only_the_feeds_that_are_touched_are_built(
    site: Site, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit builds its sections and the whole site's; a move builds both sections."""
    for name in SECTIONS:
        site.write(f"{name}/a.md", article(f"Of {name}", date="2026-01-02"))
    before = look(service)
    built: list[str] = []
    make_live_feed = build_module.make_live_feed

    def make_and_note(name, *rest):  # type: ignore[no-untyped-def]
        built.append(name)
        return make_live_feed(name, *rest)

    monkeypatch.setattr(build_module, "make_live_feed", make_and_note)
    site.write("politics/a.md", article("Of politics, edited", date="2026-01-02"))
    after = look(service)
    assert sorted(built) == ["all", "politics"]
    changed = service.store.representations_since(before.revision).keys()
    feeds = {path for path in changed if path.endswith(FORMATS)}
    assert feeds == {f"/feeds/{name}.{form}" for name in ("all", "politics") for form in FORMATS}
    assert "/sections/politics" in changed and "/sections/sports" not in changed
    built.clear()
    (site.content / "politics/a.md").rename(site.content / "sports/moved.md")
    moved = look(service)
    assert sorted(built) == ["all", "politics", "sports"]
    assert titles_of(moved, "politics") == []
    assert sorted(titles_of(moved, "sports")) == ["Of politics, edited", "Of sports"]
    assert feeds_of(moved, "culture") == feeds_of(after, "culture") == feeds_of(before, "culture")
