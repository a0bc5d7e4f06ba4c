"""A site with something of everything that a page must cope with."""

from __future__ import annotations

import struct
import zlib

from sites import Site, article

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_ADDRESS = "https://archive.example/" + "very-long-path/" * 12

SECTIONS = """\
  harbour:
    title: The harbour, its boats and all who live by them
    description: What comes in, what goes out, and what the tide brings back.
  world:
    title: العالم
    language: ar
  letters:
    title: Letters
"""

BODY = f"""\
The council voted on Tuesday by eleven to four to rebuild the *old pier*, which has been closed
since the storms of last winter took its outer end away.

## What it costs

Nine million, spread over three years. The plan says that **nothing** is taken from schools, and
it is kept [in the archive]({LONG_ADDRESS}).

> We have waited nine winters for this, and we can wait for the tenth on the new planks.

#### Who builds it

- Two yards of the town
- A diver, from the other side of the bay

{LONG_WORD}{LONG_WORD} is the name of the company.

| Year | Work | Cost in millions | Who is responsible for it | Closed from |
|---|---|---|---|---|
| 2026 | Piles and bracing of the outer end | 4.2 | Harbour Office | 1 November |
| 2027 | Planks, lights and the ferry steps | 3.1 | Harbour Office | 1 October |

    tide = [level for level in gauge.read("outer-end") if level.metres > 4.25 and level.is_checked]

The ferry sails from the north steps until then.
"""

ARABIC_BODY = """\
افتتح أمس في المكتبة المركزية معرض يضم أربعين ألف خريطة قديمة جُمعت خلال قرن كامل.

## ما الذي يُعرض

أقدم الخرائط رُسمت على جلد الغزال، وهي تُعرض للمرة الأولى منذ عام 1924.

> لم نكن نعرف ما الذي نملكه حتى فتحنا الصناديق.

يستمر المعرض حتى نهاية الشهر، والدخول مجاني.
"""

HEBREW = "ספריית העיר נפתחה מחדש לאחר שיפוץ של שלוש שנים"


def write_site(site: Site) -> None:
    """Fill ``site``: many articles and none, long words and no words, two directions."""
    site.configure(SECTIONS)
    site.write("politics/pier.png", draw_picture(1200, 675))
    site.write(
        "politics/pier.md",
        article(
            "Council votes nine million for the old pier",
            BODY,
            date="2026-01-20T10:00:00Z",
            updated="2026-01-20T15:30:00Z",
            summary="After nine winters the outer end is rebuilt, and the ferry gets its steps.",
            authors="[Jette Hansen, Ole Brandt, Ada Kim]",
            image="{url: pier.png, caption: The old pier at low water, credit: A. Nielsen}",
            tags="[ferries, harbour works, budget]",
            correction='"An earlier version said that the cost was ninety million."',
        ),
    )
    for number in range(24):
        site.write(
            f"politics/sitting-{number}.md",
            article(
                f"Sitting {number + 1}: what was said about the bridge, the school and the budget",
                "The mayor opened the sitting. " * (number % 4 + 1),
                date=f"2026-01-{number % 19 + 1:02}T08:{number:02}:00Z",
            ),
        )
    site.write("sports/long.md", article(LONG_WORD + LONG_WORD, f"{LONG_WORD} " * 3))
    site.write("sports/untitled.txt", "The boat is late today.\n\nIt sails at noon instead.\n")
    site.write("world/maps.md", article("افتتاح معرض الخرائط القديمة", ARABIC_BODY, language="ar"))
    site.write("culture/library.md", article(HEBREW, HEBREW + ".", language="he"))
    site.write("harbour/tide.md", article("High water at nine"))


def draw_picture(width: int, height: int) -> bytes:
    """Return a PNG of a grey sea under a paler sky."""
    rows = b"".join(
        b"\0" + bytes([205 if y < height // 2 else 120 + y % 40]) * width for y in range(height)
    )

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
