"""The stylesheet: AA contrast of every pair of colours that meet, and nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from feedsvc.render.pages import ICON, STYLESHEET

CSS = re.sub(r"/\*.*?\*/", "", STYLESHEET.decode(), flags=re.DOTALL)
BLOCKS = re.findall(r":root\s*\{([^}]*)\}", CSS)
SCHEMES = ("light", "dark", "print")

TEXT, GRAPHIC = 4.5, 3.0  # WCAG 2.2, success criteria 1.4.3 and 1.4.11
PAIRS = [
    *(
        (ink, ground, TEXT)
        for ink in ("ink", "soft", "link", "mark")
        for ground in ("paper", "sheet")
    ),
    ("paper", "ink", TEXT),  # the skip link
    ("edge", "paper", GRAPHIC),  # the border of the address field
    ("edge", "sheet", GRAPHIC),
    ("mark", "paper", GRAPHIC),  # the ring of what has the focus
]  # fmt: skip


def colours(scheme: str) -> dict[str, str]:
    block = BLOCKS[SCHEMES.index(scheme)]
    return dict(re.findall(r"--([a-z]+):\s*(#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_WCAG_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("one", "other", "least"), PAIRS)
def test_contrast_is_AA(scheme: str, one: str, other: str, least: float) -> None:
    palette = colours(scheme)
    assert contrast(palette[one], palette[other]) >= least


def test_every_scheme_sets_every_colour() -> None:
    assert len(BLOCKS) == len(SCHEMES)
    assert all(colours(scheme).keys() == colours("light").keys() for scheme in SCHEMES)


def test_colours_stand_in_the_variables_alone() -> None:
    """Else the contrast above would say nothing of the page."""
    rest = re.sub(r":root\s*\{[^}]*\}", "", CSS)
    assert not re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(|opacity", rest)
    literal = re.findall(r"(?:color|background)\s*:\s*([^;]+);", rest)
    assert all(value.startswith("var(--") or value == "inherit" for value in literal)


def test_variables_used_are_defined() -> None:
    used = set(re.findall(r"var\(--([a-z]+)\)", CSS))
    assert used == set(re.findall(r"--([a-z]+):", BLOCKS[0]))


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    icon = ICON.decode().replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "http" not in icon
    assert "script" not in icon


def test_long_words_wrap_and_the_focus_is_seen() -> None:
    assert re.search(r"h1, h2[^{]*\{[^}]*overflow-wrap: anywhere", CSS)
    assert re.search(r":focus-visible \{[^}]*outline: 3px solid", CSS)
    assert not re.search(r"(?<!main):focus \{[^}]*outline: none", CSS)


def test_braces_match() -> None:
    depth = 0
    for brace in re.findall(r"[{}]", CSS):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
