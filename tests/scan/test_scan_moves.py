"""Whose id a file has when several things happened between two looks."""

from __future__ import annotations

from sites import Site, article

from feedsvc.store import State

# By path, the newcomer is read before the article that moves on.
BEFORE, AFTER, LAST = "politics/airport.md", "politics/ferry.md", "politics/tram.md"


def ids_of(site: Site) -> dict[str, str]:
    """Take what lies in the folder now; return each article's id by its title."""
    site.scan()
    with site.service() as service:
        return {one.article.title: one.id for one in service.store.entries(State.LIVE)}


def test_R37_R41_a_moved_article_moves_on_while_a_new_one_takes_its_first_name(site: Site) -> None:
    """The id was made from that first name; it stays with the article all the same."""
    site.write(BEFORE, article("Old", date="2026-01-02"))
    first = ids_of(site)
    (site.content / BEFORE).rename(site.content / AFTER)
    assert ids_of(site) == first
    (site.content / AFTER).rename(site.content / LAST)
    site.write(BEFORE, article("New", date="2026-01-03"))
    ids = ids_of(site)
    assert ids["Old"] == first["Old"] != ids["New"]


def test_F14_R37_an_article_comes_back_to_its_first_name_with_other_words(site: Site) -> None:
    """Nothing else in the folder is what it was: then it is the same article."""
    site.write(BEFORE, article("Old", date="2026-01-02"))
    first = ids_of(site)
    (site.content / BEFORE).rename(site.content / AFTER)
    assert ids_of(site) == first
    (site.content / AFTER).unlink()
    site.write(BEFORE, article("Edited", date="2026-01-02"))
    assert ids_of(site) == {"Edited": first["Old"]}
