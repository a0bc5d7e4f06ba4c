"""What holds for every page: landmarks, headings, ids, names, and the policy it works under."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

from page_samples import PICTURE, every_page, parse, text_of


@every_page
def test_page_has_its_landmarks_and_one_h1(make: Callable[[], bytes]) -> None:
    page = parse(make())
    assert make().startswith(b"<!doctype html>\n<html lang=")
    for landmark in ("body/header", "body/main", "body/footer"):
        assert len(page.xpath(f"/html/{landmark}")) == 1, landmark
    (heading,) = page.xpath("//h1")
    assert text_of(heading)
    (skip,) = page.xpath("/html/body/*[1][self::a]")
    assert skip.get("href") == "#" + page.xpath("//main")[0].get("id")
    names = [nav.get("aria-label") or nav.get("aria-labelledby") for nav in page.xpath("//nav")]
    assert all(names)
    assert len(set(names)) == len(names)


@every_page
def test_headings_leave_out_no_level(make: Callable[[], bytes]) -> None:
    levels = [int(heading.tag[1]) for heading in parse(make()).xpath("//h1|//h2|//h3|//h4")]
    assert levels[0] == 1
    for before, after in pairwise(levels):
        assert after <= before + 1


@every_page
def test_ids_are_unique_and_references_meet_one(make: Callable[[], bytes]) -> None:
    page = parse(make())
    ids = page.xpath("//@id")
    assert len(set(ids)) == len(ids)
    wanted = page.xpath("//@aria-labelledby|//label/@for")
    wanted += [href[1:] for href in page.xpath("//a/@href[starts-with(., '#')]")]
    assert set(wanted) <= set(ids)


@every_page
def test_links_have_a_name_and_lists_hold_items_only(make: Callable[[], bytes]) -> None:
    page = parse(make())
    assert all(text_of(link) for link in page.xpath("//a"))
    assert not page.xpath("//ul/*[not(self::li)]|//ol/*[not(self::li)]")


@every_page
def test_page_works_under_a_strict_policy(make: Callable[[], bytes]) -> None:
    """No script or style in the page, nothing from elsewhere but an article's picture."""
    page = parse(make())
    scripts = page.xpath("//script[not(@type='application/ld+json')]")
    assert all(one.get("src") and not one.text for one in scripts)
    assert not page.xpath("//style|//iframe|//form")
    assert not page.xpath("//@style|//@*[starts-with(name(), 'on')]")
    loaded = page.xpath("//link[@rel='stylesheet' or @rel='icon']/@href|//@src|//@srcset")
    assert [url for url in loaded if not url.startswith("/news/static/")] in ([], [PICTURE.url])


@every_page
def test_page_is_stable_to_the_byte(make: Callable[[], bytes]) -> None:
    assert make() == make()  # R10


def test_pages_do_not_depend_on_the_process() -> None:
    """R10, F9: the same bytes under another hash seed, locale and time zone."""
    script = (
        "import hashlib, page_samples as t\n"
        "for make in t.PAGES.values(): print(hashlib.md5(make()).hexdigest())"
    )
    answers = set()
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"}
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        run = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, check=True
        )
        answers.add(run.stdout)
    assert len(answers) == 1
