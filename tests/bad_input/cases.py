"""The bad input that people and programs really leave in a folder, each with its right value."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from sites import Site, article

LONG = "Endless " * 1250
WORDS = "The council met on Monday and agreed on a plan for the harbour and its ferries.\n"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that lies in the folder.

    ``title`` is the entry's, where it is published; ``refused`` words of the reason, where it is
    not. ``within`` must be in its content and ``without`` in no part of its entry. ``path`` is
    where it is reported, or read from.
    """

    name: str
    path: str
    data: bytes | str | Callable[[Site], None]
    title: str = ""
    refused: str = ""
    within: str = ""
    without: tuple[str, ...] = ()

    def put(self, site: Site) -> None:
        """Lay it into the site's folder."""
        if callable(self.data):
            self.data(site)
        else:
            site.write(self.path, self.data)


def _link_out(site: Site) -> None:
    (site.root / "secret.txt").write_text("SECRET title\n\nSECRET words of somebody else.\n")
    site.content.joinpath("bad").mkdir(exist_ok=True)
    (site.content / "bad/link-out.txt").symlink_to(site.root / "secret.txt")


def _link_out_folder(site: Site) -> None:
    (site.root / "elsewhere").mkdir()
    (site.root / "elsewhere/secret.md").write_text(article("SECRET in a folder"))
    (site.content / "linked").symlink_to(site.root / "elsewhere")


def _link_nowhere(site: Site) -> None:
    site.content.joinpath("bad").mkdir(exist_ok=True)
    (site.content / "bad/dangling.md").symlink_to("no-such-file.md")


def _link_to_itself(site: Site) -> None:
    site.content.joinpath("bad").mkdir(exist_ok=True)
    (site.content / "bad/circle.md").symlink_to("circle.md")


def _two_with_one_id(site: Site) -> None:
    site.write("bad/same-id-1.md", article("First with this id", id="same"))
    site.write("bad/same-id-2.md", article("Second with this id", id="same"))


def _huge(site: Site) -> None:
    file = site.write("bad/huge.txt", "Huge\n\n")
    with file.open("r+b") as handle:
        handle.truncate(50_000_000)  # 50 MB, without writing them


def _name_in_latin1(site: Site) -> None:
    site.write(os.fsdecode(b"bad/caf\xe9.md"), article("Name in Latin-1"))


def _pipe(site: Site) -> None:
    site.content.joinpath("bad").mkdir(exist_ok=True)
    os.mkfifo(site.content / "bad/pipe.md")


def _folder_as_file(site: Site) -> None:
    (site.content / "bad/folder.md").mkdir(parents=True)


def _front(*lines: str) -> str:
    return "\n".join(["---", *lines, "---", WORDS])


CASES = [
    # Nothing, or nothing that is text
    Case("empty file", "bad/empty.txt", "", refused="the file is empty"),
    Case("only white space", "bad/blank.md", " \n\t\n\r\n", refused="the file is empty"),
    Case("only a BOM", "bad/bom.txt", b"\xef\xbb\xbf", refused="the file is empty"),
    Case("only NULs", "bad/nuls.txt", b"\0" * 5000, refused="the file is empty"),
    Case("binary", "bad/binary.txt", bytes(range(256)) * 40, refused="binary"),
    Case("picture", "bad/picture.md", b"\x89PNG\r\n\x1a\n" + b"\0\1\2" * 99, refused="binary"),
    Case("50 MB", "bad/huge.txt", _huge, refused="is 50.0 MB; content.max_bytes allows 5.0 MB"),
    Case("only a title", "bad/title.txt", "Only a title\n", refused="title but no text"),
    Case("only a title in front matter", "bad/title.md", "---\ntitle: Alone\n---\n",
         refused="title but no text"),
    Case("HTML without a body", "bad/none.html", "<html><head><title>T</title></head></html>",
         refused="no main text"),
    # Bytes that are not what they should be
    Case("invalid UTF-8", "bad/utf8.md",
         article("Broken caf\u00e9", "Caf\u00e9 and th\u00e9 and ").encode() + b"\xff\xfe end.\n",
         title="Broken caf\u00e9", within="Caf\u00e9 and th\u00e9 and"),
    Case("Latin-1", "bad/latin1.txt",
         b"Caf\xe9 reopens\n\nThe caf\xe9 \xabChez Zo\xe9\xbb is open.\n",
         title="Caf\u00e9 reopens", within="The caf\u00e9 \u00abChez Zo\u00e9\u00bb is open"),
    Case("UTF-16", "bad/utf16.txt", f"Sixteen bits\n\n{WORDS}".encode("utf-16"),
         title="Sixteen bits", within="The council met on Monday"),
    Case("control characters", "bad/control.md", "Bells\x07 and\x1b[31m whistles\n\na\x00".replace(
         "\x00", "") + "\x0b\x0c\x01\x08\x85\ufffe\uffff" + WORDS,
         within="The council met", title="Bells and[31m whistles"),
    Case("lone surrogates", "bad/surrogates.md",
         b"---\ntitle: Half \xed\xa0\xbd a smile\n---\n"
         b"Whole \xed\xa0\xbd\xed\xb8\x80 half \xed\xb8\x80.",
         title="Half \ufffd a smile", within="Whole \U0001f600 half \ufffd."),
    Case("escaped surrogate", "bad/escaped.md", '---\ntitle: "Half \\ud83d here"\n---\n' + WORDS,
         refused="line 2: the front matter is broken"),
    # Markup that would break out
    Case("end of CDATA", "bad/cdata.md", article("Ends ]]> here", "Text ]]> and <![CDATA[ on."),
         title="Ends ]]> here", within="Text ]]> and <![CDATA[ on."),
    Case("ampersands", "bad/amp.md", article("Fish & chips &copy; <3", "AT&T &amp; more &#0; x"),
         title="Fish & chips \u00a9 \uff1c3"),
    Case("unclosed HTML", "bad/unclosed.html",
         "<html><body><h1>Unclosed</h1><article><p>" + WORDS * 5 + "<div><b><i><table><tr><td>x",
         title="Unclosed", within="The council met"),
    Case("scripts in HTML", "bad/scripts.html",
         "<html><head><title>Scripts</title></head><body><article><h1>Scripts</h1><p>" + WORDS * 5
         + "<script>alert('EVIL')</script><img src=x onerror='EVIL()'>"
         "<a href='javascript:EVIL()'>link</a><iframe src='https://evil.test/EVIL'></iframe>"
         "</p></article></body></html>",
         title="Scripts", within="The council met", without=("EVIL", "<script", "onerror")),
    Case("scripts in Markdown", "bad/scripts.md",
         article("Scripts <script>BAD()</script>", "<script>EVIL()</script>\n\n"
                 "<svg onload=EVIL()>\n\n[x](javascript:EVIL())\n\n<style>EVIL</style>\n\n"
                 + WORDS),
         within="The council met", without=("EVIL", "<script", "<svg", "javascript:"),
         title="Scripts"),
    Case("entities that grow", "bad/entities.html",
         '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">'
         '<!ENTITY c SYSTEM "file:///etc/passwd">]>'
         f"<html><body><h1>Entities</h1><p>&b; &c; {WORDS * 5}</p></body></html>",
         title="Entities", within="The council met", without=("root:", "aaaaaaaa")),
    Case("deep HTML", "bad/deep.html",
         "<html><body><h1>Deep</h1>" + "<div>" * 20_000 + f"<p>{WORDS * 5}</p>",
         refused="nested deeper than"),
    Case("deep Markdown", "bad/deep.md", article("Deep quotes", ">" * 20_000 + " " + WORDS),
         refused="nested deeper than"),
    # Front matter
    Case("broken front matter", "bad/broken.md", "---\ntitle: [unclosed\n  : x\n---\n" + WORDS,
         refused="line 3: the front matter is broken"),
    Case("front matter without an end", "bad/endless.md", "---\ntitle: Endless\n\n" + WORDS,
         refused="line 1: the front matter that opens here has no closing line"),
    Case("front matter that is a list", "bad/list.md", "---\n- a\n- b\n---\n" + WORDS, title="*"),
    Case("odd types", "bad/types.md",
         _front("title: 2026", "summary: [a, 1]", "authors: {a: b}", "tags: 7", "section: [1, {}]",
                "image: [x]", "link: {}", "language: 5", "slug: []", "id: 12.5"),
         title="2026", within="The council met"),
    Case("values that are none", "bad/nothing.md",
         _front("title: ~", "summary: null", "authors:", "date:", "tags: ~"),
         title="Nothing", within="The council met"),
    Case("aliases that grow", "bad/aliases.md",
         _front("a: &a [x,x,x,x,x,x,x,x,x]", "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]",
                "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]", "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]",
                "tags: [*d,*d,*d,*d,*d,*d,*d,*d,*d]", "title: Aliases"),
         title="*"),
    Case("a tag of Python's", "bad/python.md",
         _front("title: Python", "summary: !!python/object/apply:os.getcwd []"), title="*"),
    # Dates
    Case("yesterday", "bad/yesterday.md", article("Yesterday's news", date="yesterday"),
         title="Yesterday's news"),
    Case("31 February", "bad/february.md", article("No such day", date="31 February 2026"),
         title="No such day"),
    Case("year 0", "bad/year0.md", article("No such year", date="0000-01-01"),
         title="No such year"),
    Case("year 99999", "bad/year9.md", article("Far away", date="99999-01-01"), title="Far away"),
    Case("embargo that is no date", "bad/embargo.md", article("SECRET plan", embargo="soon"),
         refused="embargo"),
    Case("status that is no status", "bad/status.md", article("Odd status", status="maybe")),
    # Names
    Case("name with newlines", "bad/two\nlines.md", article("Two lines"), title="Two lines"),
    Case("name with RTL marks", "bad/\u202egnp\u202c.md", WORDS, title="Gnp",
         within="The council met", without=("\u202e",)),
    Case("name with markup", "bad/<b>&amp;'\".md", article("Name of markup"),
         title="Name of markup"),
    Case("name that is no UTF-8", "bad/caf?.md", _name_in_latin1, refused="not valid UTF-8"),
    Case("name of 255 bytes", f"bad/{'n' * 252}.md", article("Long name"), title="Long name"),
    Case("title of 10,000 characters", "bad/long.md", article(LONG), title="*",
         within="This is what happened"),
    Case("title of one long word", "bad/word.md", article("x" * 10_000, WORDS), title="*"),
    Case("title with newlines and RTL marks", "bad/rtl.md",
         article("A\n\u202eB\u2028C\tD", WORDS), title="A B C D", without=("\u202e",)),
    # Not files, or not ours
    Case("link out of the folder", "bad/link-out.txt", _link_out, refused="leads out",
         without=("SECRET",)),
    Case("folder link out of the folder", "linked/secret.md", _link_out_folder),
    Case("link to nothing", "bad/dangling.md", _link_nowhere, refused="does not exist"),
    Case("link to itself", "bad/circle.md", _link_to_itself, refused="does not exist"),
    Case("named pipe", "bad/pipe.md", _pipe),
    Case("folder with a file's name", "bad/folder.md", _folder_as_file),
    Case("two files with one id", "bad/same-id-2.md", _two_with_one_id,
         refused='has the same id ("same") as bad/same-id-1.md'),
]  # fmt: skip
