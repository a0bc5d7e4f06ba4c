"""What commands change in config.yaml, and that every other byte of it stays."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sites import PROJECT

from feedsvc.config import (
    Config,
    Edit,
    add_section,
    parse_config,
    remove_section,
    rename_section,
    set_password_hash,
)
from feedsvc.errors import ConfigError, EditError

HASH = "scrypt:32768:8:1$salt$" + "0a" * 64

SAMPLE = (PROJECT / "config.yaml").read_text()
INIT = (PROJECT / "feedsvc/cli/site/config.yaml").read_text().replace("{today}", "2026-11-01")

# Comments wherever YAML lets one stand.
COMMENTS = """\
# top

site:  # the site
  id: a.example,2026   # never change

sections:  # all of them
  # the first
  politics:   # p
    # inside
    title: Politics   # t
    match:  # m
      # deep
      keywords: [vote,  # first word
        ballot]   # the last
    # end of politics

  # the second
  sports: "Sports"   # s

  # a commented-out one:
  # weather: Weather

# below
filing:
  fallback: 'sports'  # f
"""
FLOW = """\
site: {id: 'a.example,2026'}
sections: {politics: {title: Politics, match: {any: [vote]}}, sports: Sports,  # more
  culture: Culture}
removed: [weather]  # gone
"""
NO_SECTIONS = "# only this\nsite: {id: 'a.example,2026'}\n"
EMPTY_SECTIONS = "site: {id: 'a.example,2026'}\nsections:  # none yet\n\nfeeds: {items: 9}\n"
EMPTY_FLOW = "site: {id: 'a.example,2026'}\nsections: {}  # none yet\nfeeds: {items: 9}\n"
ANCHORS = """\
site: {id: 'a.example,2026'}
sections:
  politics:
    title: Politics
    match: &words {none: [advert]}
  sports:
    title: Sports
    match: *words
"""
FOUR = """\
site:
    id: a.example,2026
sections:

    politics:
        title: >
            Politics and
            more
        moved_from:
        - state
        - government

    sports: Sports and
        games

partners:
    news: {token: 0123456789abcdef, sections: [politics, sports]}
    more:
        token: 0123456789abcdefg
        sections:
            - sports
            - politics  # both
    one: {token: 0123456789abcdefh, sections: politics}
removed:
- weather  # since May
"""


class Case(NamedTuple):
    """A change, and the lines that it takes out of a config (``-``) and puts into it (``+``)."""

    text: str
    change: Callable[[str], Edit]
    lines: str


def add(name: str, **body: object) -> Callable[[str], Edit]:
    return lambda text: add_section(text, name, body)


def rename(old: str, new: str, folder: bool = False) -> Callable[[str], Edit]:
    return lambda text: rename_section(text, old, new, folder)


def remove(name: str) -> Callable[[str], Edit]:
    return lambda text: remove_section(text, name)


def hash_as(value: str) -> Callable[[str], Edit]:
    return lambda text: set_password_hash(text, value)


CASES = {
    "add to the sample": Case(
        SAMPLE, add("transport", title="Transport"), "+  transport: Transport"
    ),
    "add with rules": Case(
        INIT,
        add("transport", title="Trams: all", match={"any": ["bus line", "/a,b/"]}),
        "+  transport:|+    title: 'Trams: all'|+    match:|+      any: [bus line, '/a,b/']",
    ),
    "add below comments": Case(COMMENTS, add("x"), "+|+  x: X"),
    "add to a flow map": Case(
        FLOW, add("x", title="X, Y"), "-  culture: Culture}|+  culture: Culture, x: 'X, Y'}"
    ),
    "add the first": Case(NO_SECTIONS, add("x"), "+|+sections:|+  x: X"),
    "add to nothing": Case("", add("x"), "+sections:|+  x: X"),
    "add to comments alone": Case("# hi\n", add("x"), "+|+sections:|+  x: X"),
    "add below an empty key": Case(EMPTY_SECTIONS, add("x"), "+  x: X"),
    "add to an empty map": Case(
        EMPTY_FLOW, add("x"), "-sections: {}  # none yet|+sections:  # none yet|+  x: X"
    ),
    "add beside anchors": Case(ANCHORS, add("x"), "+  x: X"),
    "add four columns in": Case(FOUR, add("x", title="X"), "+|+    x: X"),
    "add one that was removed": Case(
        FLOW,
        add("weather"),
        "-  culture: Culture}|-removed: [weather]  # gone|+  culture: Culture, weather: Weather}",
    ),
    "add where a document ends": Case("site: {title: X}\n...\n", add("x"), "+|+sections:|+  x: X"),
    "add a name that is a number": Case(NO_SECTIONS, add("2026"), "+|+sections:|+  '2026': '2026'"),
    "rename in the sample": Case(
        SAMPLE, rename("health", "medicine"), "-  health:|+  medicine:|+    moved_from: [health]"
    ),
    "rename a title alone": Case(
        INIT,
        rename("politics", "state", folder=True),
        "-  politics: Politics|+  state:|+    title: Politics|+    moved_from: [politics]"
        "|+    match:|+      folders: [politics, state]",
    ),
    "rename among comments": Case(
        COMMENTS,
        rename("politics", "state"),
        "-  politics:   # p|+  state:   # p|+    moved_from: [politics]",
    ),
    "rename what others name": Case(
        COMMENTS,
        rename("sports", "games"),
        '-  sports: "Sports"   # s|+  games:|+    title: "Sports"   # s|+    moved_from: [sports]'
        "|-  fallback: 'sports'  # f|+  fallback: 'games'  # f",
    ),
    "rename in a flow map": Case(
        FLOW,
        rename("politics", "state"),
        "-sections: {politics: {title: Politics, match: {any: [vote]}}, sports: Sports,  # more"
        "|+sections: {state: {title: Politics, match: {any: [vote]}, moved_from: [politics]}, "
        "sports: Sports,  # more",
    ),
    "rename in a flow map with a folder": Case(
        FLOW,
        rename("culture", "arts", folder=True),
        "-  culture: Culture}"
        "|+  arts: {title: Culture, moved_from: [culture], match: {folders: [culture, arts]}}}",
    ),
    "rename back, and partners follow": Case(
        FOUR,
        rename("politics", "state"),
        "-    politics:|+    state:|-        - state|+        - politics"
        "|-    news: {token: 0123456789abcdef, sections: [politics, sports]}"
        "|+    news: {token: 0123456789abcdef, sections: [state, sports]}"
        "|-            - politics  # both|+            - state  # both"
        "|-    one: {token: 0123456789abcdefh, sections: politics}"
        "|+    one: {token: 0123456789abcdefh, sections: state}",
    ),
    "rename a title of two lines": Case(
        "sections:\n  a: One\n    two\n  b: B\n",
        rename("a", "c"),
        "-  a: One|-    two|+  c:|+    title: One two|+    moved_from: [a]",
    ),
    "rename what has no title": Case(
        "sections:\n  a:  # A\n  b: B\n",
        rename("a", "c"),
        "-  a:  # A|+  c:  # A|+    moved_from: [a]",
    ),
    "rename to what was removed": Case(
        FOUR.partition("partners:")[0] + "removed:\n- weather  # since May\n- rain\n",
        rename("sports", "weather"),
        "-    sports: Sports and|-        games|+    weather:|+        title: Sports and games"
        "|+        moved_from: [sports]|-- weather  # since May",
    ),
    "rename a quoted key": Case(
        "sections:\n  'a': {title: A}\n",
        rename("a", "c"),
        "-  'a': {title: A}|+  'c': {title: A, moved_from: [a]}",
    ),
    "remove from the sample": Case(
        INIT,
        remove("culture"),
        "-  culture:|-    title: Arts and Culture|-    description: Books, music, film and the "
        "stage.|-    match:|-      keywords: [book, novel, concert, museum, theatre, film, "
        "exhibition]|+|+removed: [culture]",
    ),
    "remove among comments": Case(
        COMMENTS,
        remove("politics"),
        "-  politics:   # p|-    # inside|-    title: Politics   # t|-    match:  # m|-      # deep"
        "|-      keywords: [vote,  # first word|-        ballot]   # the last"
        "|-    # end of politics"
        "|+|+removed: [politics]",
    ),
    "remove from a flow map": Case(
        FLOW,
        remove("culture"),
        "-sections: {politics: {title: Politics, match: {any: [vote]}}, sports: Sports,  # more"
        "|-  culture: Culture}|-removed: [weather]  # gone"
        "|+sections: {politics: {title: Politics, match: {any: [vote]}}, sports: Sports}"
        "|+removed: [weather, culture]  # gone",
    ),
    "remove the former names, too": Case(
        FOUR.replace("politics", "x", 0).partition("partners:")[0] + "removed:\n- weather\n",
        remove("politics"),
        "-    politics:|-        title: >|-            Politics and|-            more"
        "|-        moved_from:|-        - state|-        - government|-"
        "|+- state|+- government|+- politics",
    ),
    "remove the last": Case("sections:\n  a: A\n# end\n", remove("a"), "-  a: A|+|+removed: [a]"),
    "removed is one word": Case(
        "removed: b\nsections: {a: A}\n",
        remove("a"),
        "-removed: b|-sections: {a: A}|+removed: [b, a]|+sections: {}",
    ),
    "password": Case(INIT, hash_as(HASH), f"+|+admin:|+  password_hash: {HASH}"),
    "another password": Case(
        "admin:\n  password_hash: 'x'  # mine\nsite: {}\n",
        hash_as(HASH),
        f"-  password_hash: 'x'  # mine|+  password_hash: {HASH}  # mine",
    ),
    "no password": Case(
        f"site: {{}}\n\nadmin:\n  password_hash: {HASH}\n",
        hash_as(""),
        f"-|-admin:|-  password_hash: {HASH}",
    ),
}


def diff(before: str, after: str) -> str:
    """Return the lines that went and came."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "|".join(line for line in list(found)[2:] if line[0] in "+-")


def loads(text: str) -> Config:
    return parse_config(text.encode(), Path("config.yaml"), {}).config


@pytest.mark.parametrize("name", CASES)
def test_only_what_is_concerned_changes(name: str) -> None:
    text, change, lines = CASES[name]
    after = change(text).text
    assert sorted(diff(text, after).split("|")) == sorted(lines.split("|")), diff(text, after)
    loads(after)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("ends", ["\r\n", "bom", "no end"])
def test_line_ends_and_marks_stay(name: str, ends: str) -> None:
    """CRLF, a byte-order mark, and a last line without an end."""
    text, change, lines = CASES[name]
    if ends == "bom":
        assert change("\ufeff" + text).text == "\ufeff" + change(text).text
    elif ends == "no end":
        after = change(text.rstrip("\n")).text
        assert loads(after) == loads(change(text).text)
        assert sorted(diff(text, after).split("|")) == sorted(lines.split("|"))
    else:
        after = change(text.replace("\n", ends)).text
        if text:
            assert after == change(text).text.replace("\n", ends)


@pytest.mark.parametrize("text", [SAMPLE, INIT, COMMENTS, FLOW, EMPTY_SECTIONS, ANCHORS, FOUR])
def test_what_is_added_can_be_taken_out_again(text: str) -> None:
    """Nothing is left of it but that it was there."""
    added = add_section(text, "zebra", {"title": "Zebra", "description": "Stripes: all"}).text
    assert loads(added).sections["zebra"].description == "Stripes: all"
    removed = remove_section(added, "zebra").text
    assert loads(removed).sections == loads(text).sections
    assert loads(removed).removed == (*loads(text).removed, "zebra")


REFUSED = {
    "add again": (INIT, add("politics"), 'there is a section "politics" already'),
    "rename to one that is": (INIT, rename("politics", "business"), '"business" already'),
    "rename what is not": (INIT, rename("polticis", "x"), "did you mean politics?"),
    "rename by its title": (INIT, rename("Arts and Culture", "x"), "did you mean culture?"),
    "remove what is not": (INIT, remove("zzz"), "there are: politics, business, culture"),
    "rename a former name": (FOUR, rename("government", "x"), 'it was renamed: .*"politics"'),
    "remove the fallback": (COMMENTS, remove("sports"), "filing.fallback"),
    "remove a partner's": (FOUR, remove("politics"), "partners.news.sections, partners.more"),
    "rename an alias": (
        "sections:\n  a: &x {title: A}\n  b: *x\n", rename("b", "c"), "edit the file by hand"),
    "remove an anchor": (ANCHORS, remove("politics"), "edit the file by hand"),
    "rename an anchor": (
        "sections:\n  a: &x {title: A}\nfeeds: *x\n", rename("a", "c"), "edit the file by hand"),
    "rename a merged one": (
        "x: &x {a: {title: A}}\nsections:\n  <<: *x\n", rename("a", "c"), "edit the file by hand"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_why(name: str) -> None:
    text, change, said = REFUSED[name]
    with pytest.raises(EditError, match=said):
        change(text)


@pytest.mark.parametrize("value", ["", HASH, "pbkdf2:sha256:1000000$abc$" + "0f" * 32])
def test_hashes_that_werkzeug_writes_are_taken(value: str) -> None:
    assert loads(f"admin: {{password_hash: '{value}'}}").admin.password_hash == value


@pytest.mark.parametrize("value", ["secret", "scrypt:32768:8:1$salt$xyz", "md5$a$" + "0f" * 16])
def test_a_password_is_no_hash(value: str) -> None:
    with pytest.raises(ConfigError, match=r"yaml:1: admin\.password_hash: .*admin password"):
        loads(f"admin: {{password_hash: '{value}'}}")


TEXTS = st.text(max_size=30)


@given(base=st.sampled_from([COMMENTS, FLOW, FOUR, ""]), title=TEXTS, words=st.lists(TEXTS))
@example(base=FLOW, title="", words=["", "x: y", "# no", "[", "null", "2026", "a\r\nb", "\ud800"])
@example(
    base=FLOW,
    title="\x7f\ufeff",
    words=["?0", "/\\bx\\b/", "it's", 'a "b"', "\U0001f600", "\uffff"],
)
@settings(max_examples=50)
def test_any_title_is_read_as_it_was_given(base: str, title: str, words: list[str]) -> None:
    """What is no text of a config is a fault of the new one; anything else is read back."""
    after = add_section(base, "zebra", {"title": title, "match": {"keywords": words}}).text
    assert {line for line in diff(base, after).split("|") if line[:1] == "-"} == {
        line
        for line in diff(base, add_section(base, "zebra", {}).text).split("|")
        if line[:1] == "-"
    }
    try:
        section = loads(after).sections["zebra"]
    except ConfigError as error:
        assert "which no text may hold" in str(error) or "title" in str(error)
        return
    assert section.title == (title or "Zebra") and section.match.keywords == tuple(words)


@given(
    text=st.text(
        alphabet=st.sampled_from("ab:,[]{}#&*!|>'\"-? \n\t") | st.characters(codec="utf-8"),
        max_size=60,
    ),
    flow=st.booleans(),
)
@settings(max_examples=50)
def test_any_text_is_edited_or_refused(text: str, flow: bool) -> None:
    """Never another error, and never another meaning."""
    text = f"sections: {{a: A, {text}}}" if flow else f"sections:\n  a: A\n{text}"
    try:
        before = loads(text)
    except ConfigError:
        return
    for change in (add("zz"), rename("a", "zz"), remove("a"), hash_as(HASH)):
        try:
            after = loads(change(text).text)
        except EditError:
            continue
        kept = before.sections.keys() - {"a"}
        assert {name: after.sections[name] for name in kept} == {
            name: before.sections[name] for name in kept
        }
