"""Articles that try to get something into a feed that no reader should meet."""

from __future__ import annotations

from sites import article

# Each must be published: what is refused proves nothing about feeds (tests/bad_input has those).
HOSTILE: dict[str, str | bytes] = {
    "politics/title-markup.md": article("A <b>bold</b> claim: 1 <2, R&D &amp; &copy; <3 <"),
    "politics/title-entities.md": article("&amp;lt;script&amp;gt; &#60;b&#62; &nbsp;x &hellip;"),
    "politics/title-cdata.md": article("Ends ]]> and <![CDATA[ begins"),
    "politics/title-controls.md": b"---\ntitle: Bell \x07 and \x1b[31m red\n---\nWords \x01\x0b"
    b"\x0c of it, and enough of them that nobody takes the file for a picture or a program.\n",
    "politics/title-only-markup.md": article("<br><i></i>", "Words that stand for its title."),
    "politics/title-bidi.md": article("Turned \u202e round \u2066 here"),
    "politics/summary.md": article(
        "Summary", summary="'<p>Not <b>text</b> &amp; a <script>x()</script> 1 < 2 </p>'"
    ),
    "politics/people.md": article(
        "People", authors="['<b>Ann</b> & Co', 'a@b.example (Bo)', '  ', 'Cy, Jr']"
    ),
    "politics/tags.md": article("Tags", tags="['a, b', '<i>c</i>', '&amp;', '', 'd]]>e']"),
    "politics/correction.md": article("Corrected", correction="'It was <b>7</b> & not &lt; 9.'"),
    "sports/links.md": article(
        "Links",
        "[a](javascript:x()) [b](data:text/html,x) [c](vbscript:x) [d](//cdn.example/d) [e](/e) "
        "[f](f.html) [g](#g) [h](http://[bad) [i](mailto:a@b.example) [j](https://x.example/?a&b) "
        '<a href=" java\nscript:x()">k</a> <a href="&#106;avascript:x()">l</a> '
        '<q cite="file:///etc/passwd">m</q>',
    ),
    "sports/own-link.md": article("Own link", "[a](a.html)", link="https://x.example/y?a=1&b=2"),
    "sports/odd-link.md": article("Odd link", link="'https://x.example/<>\"'"),
    "sports/bad-link.md": article("Bad link", link="javascript:x()"),
    "sports/pictures.md": article(
        "Pictures",
        '<img src="data:image/gif;base64,R0lG" data-src="/real.jpg"> ![p](a%20b.jpg) <img> '
        '<img srcset="/1.jpg 1x, /2.jpg 2x"> <img src="i.jpg" onerror="x()" style="x"> words',
        image="i.jpg",
    ),
    "sports/enclosure.md": article(
        "Enclosure", enclosure="{url: 'talk one.mp3', type: '<b>', length: -5}"
    ),
    "sports/enclosure-unknown.md": article("Enclosure unknown", enclosure="https://x.example/a"),
    "sports/active.html": "<html><head><title>Active</title></head><body><article><h1>Active</h1>"
    "<p>The council met on Monday and agreed on a plan for the harbour and its ferries.</p>"
    "<script>x()</script><style>p{}</style><form action=/x><input></form><svg onload=x()></svg>"
    "<p onclick='x()'>It met again on Tuesday, and nobody had changed a word of the plan.</p>"
    "<iframe src=//x.example></iframe><video poster=/p.jpg src=v.mp4></video></article></body>",
    "sports/plain.txt": "Plain <b>text</b> & more\n\nMay 7, 2026\n\n1 < 2 && 3 > 2 <script>x()"
    "</script> &amp; ]]> \u2028 and so on, at some length, until the end.\n",
    "sports/surrogates.md": b"---\ntitle: Half \xed\xa0\xbd smile\n---\nHalf \xed\xb8\x80 of it.\n",
    "sports/language.md": article("Langue", language="fr"),
    "sports/language-odd.md": article("Lang", language="'en\"><x>'"),
    "sports/date-odd.md": article("Odd date", date="31 February 2026"),
    "sports/date-old.md": article("Old date", date="0099-01-01"),
    "sports/date-zone.md": article("Zoned", date="2026-01-02T03:04:05+13:45"),
    "sports/updated-before.md": article("Before", date="2026-01-02", updated="2025-01-01"),
    "sports/updated-ahead.md": article("Ahead", date="2026-01-02", updated="2999-01-01"),
    "sports/long-word.md": article("x" * 5_000),
    "sports/two-sections.md": article("Two sections", sections="[politics, sports]"),
}

# A section's own words are the admin's, and may hold anything as well; ``void`` stays empty.
SECTIONS = """\
  void:
    title: "Void <b>& empty</b> ]]>"
    description: "Nothing &amp; <i>nobody</i>"
    language: fr
"""
EMPTY = "void"
