"""The site's habits: what stands in other articles is furniture, except where it is the story."""

from __future__ import annotations

import pickle
from dataclasses import replace

from ingest_cases import MODIFIED, NOW

from feedsvc.ingest import Reading, SiteHabits, habits_of, read_article

FOOTER = "Hear the evening bulletin on medium wave, every day but Sunday"
HEADER = "The Harle Packet"


NAMES = "anchor barge crane dredger eel ferry gull herring island jetty keel lock mast net"
NOUNS = NAMES.split()


def prose(number: int, shift: int) -> str:
    """Make a sentence of words in an order that no other story has."""
    words = (NOUNS[(number * step + shift) % len(NOUNS)] for step in range(2, 22))
    return f"Of {NOUNS[number]} number {shift} it is told: {' '.join(words)}, and so on."


def story(number: int, extra: str = "") -> str:
    return "\n\n".join(
        [
            HEADER,
            f"Story {number} about the {NOUNS[number]} has a headline of its own",
            f"Paragraph one. {prose(number, 1)}",
            prose(number, 5),
            extra or f"{number + 3} people like this page of ours",
            FOOTER,
        ]
    )


def texts(count: int) -> list[tuple[str, str]]:
    return [(f"{number}.txt", story(number)) for number in range(count)]


def read(number: int, habits: SiteHabits, text: str = "", path: str = "") -> list[str]:
    reading = Reading(now=NOW, habits=habits)
    data = (text or story(number)).encode()
    article = read_article(path or f"{number}.txt", data, MODIFIED, reading)
    return [article.title, *article.text.split("\n")]


def test_without_habits_unknown_furniture_stays() -> None:
    assert FOOTER in read(0, SiteHabits())


def test_from_the_second_article_on_furniture_goes() -> None:
    lines = read(0, habits_of(texts(2)))
    assert FOOTER not in lines
    assert not any("people like" in line for line in lines)  # digits are normalised
    assert lines[0].startswith("Story 0")
    assert len(lines) == 3


def test_an_article_alone_is_not_compared_with_itself() -> None:
    assert FOOTER in read(0, habits_of(texts(1)))


def test_the_same_story_guard_keeps_an_updated_copy() -> None:
    updated = f"{story(0)}\n\nThe sea has calmed down since, said the harbour master on Tuesday."
    habits = habits_of([*texts(1), ("copy.txt", updated), ("1.txt", story(1))])
    lines = read(0, habits)
    assert any(line.startswith("Paragraph one") for line in lines)
    assert FOOTER not in lines


def test_one_shared_line_among_many_articles_is_a_quotation() -> None:
    quote = "“We have never seen a tide like this one,” said the harbour master of Harle on Monday."
    many = [(f"{n}.txt", story(n)) for n in range(2, 14)]
    habits = habits_of([*many, ("0.txt", story(0, quote)), ("1.txt", story(1, quote))])
    assert quote in read(0, habits, story(0, quote))
    assert FOOTER not in read(0, habits, story(0, quote))


def test_a_line_made_of_known_shingles_is_furniture() -> None:
    habits = habits_of(texts(4))
    longer = story(9, f"Evening: {FOOTER} and holidays")
    assert not any("holidays" in line for line in read(9, habits, longer))


def test_a_headline_that_returns_every_week_is_never_cut() -> None:
    weekly = [
        story(n).replace(f"Story {n} about the {NOUNS[n]}", "The week and how it") for n in range(3)
    ]
    known = [(f"{n}.txt", text) for n, text in enumerate(weekly)] + texts(14)[3:]
    lines = read(0, habits_of(known), weekly[0])
    assert lines[0] == "The week and how it has a headline of its own"


def page(number: int, title: str, *body: str) -> str:
    return "\n\n".join([title, *body, f"{number + 3} people like this page of ours", FOOTER])


def test_a_series_that_is_all_of_the_site_keeps_its_headline() -> None:
    """ "The title is never cut" (DESIGN), however many pages bear it."""
    for count in (2, 3, 5):
        known = [
            (f"{n}.txt", page(n, "Weekly horoscope", "Aries", prose(n, 1), "Taurus", prose(n, 2)))
            for n in range(count)
        ]
        lines = read(0, habits_of(known), known[0][1])
        assert lines[0] == "Weekly horoscope"
        assert prose(0, 1) in lines and FOOTER not in lines


def recipe(number: int) -> str:
    one, two = NOUNS[number], NOUNS[number + 1]
    return "\n\n".join(
        [
            f"{one.capitalize()} pie with {two}",
            prose(number, 1),
            "Serves 4\nPrep 15 min",
            f"100g {one}\n175g caster sugar\n3 eggs\nSalt",
            f"1. Heat the oven to 170C.\n2. Beat the {one} with the {two} for an hour.\n3. Bake.",
            f"{number + 3} people like this page of ours",
            FOOTER,
        ]
    )


def test_a_form_that_articles_fill_in_is_theirs() -> None:
    """Ingredients and steps that many recipes share stay between a recipe's own sentences."""
    for count, others in ((2, 4), (6, 0), (3, 11)):
        pages = [(f"{n}.txt", recipe(n)) for n in range(count)]
        pages += [(f"n{n}.txt", story(n)) for n in range(3, 3 + others)]
        lines = read(0, habits_of(pages), recipe(0))
        assert lines[2:] == [
            *("Serves 4", "Prep 15 min", "100g anchor", "175g caster sugar", "3 eggs", "Salt"),
            *("Heat the oven to 170C.", "Beat the anchor with the barge for an hour.", "Bake."),
        ]


def test_a_headline_of_few_words_stands_below_a_known_masthead() -> None:
    """It is told from a menu by the byline below it."""
    known = [
        (f"{n}.txt", page(n, "Harle at night", f"Eels {NOUNS[n]}", "By Ann Lee", prose(n, 1)))
        for n in range(6)
    ]
    lines = read(0, habits_of(known), known[0][1])
    assert lines == ["Eels anchor", prose(0, 1)]


def test_background_of_a_running_story_stays_in_each_report() -> None:
    """A sentence between sentences of its own is text, if one other article has it too."""
    denial = "Hill, 52, denies three counts of fraud between 2011 and 2014 at the steel works."
    reports = [
        (f"day {n}.txt", page(n, f"Day {n} of the trial", prose(n, 1), denial, prose(n, 2)))
        for n in (1, 2)
    ]
    for others in (3, 8, 10):
        many = [(f"{n}.txt", story(n)) for n in range(3, 3 + others)]
        lines = read(1, habits_of([*reports, *many]), reports[0][1], "day 1.txt")
        assert denial in lines and FOOTER not in lines


def test_subheads_and_ingredients_that_some_pages_share_stay() -> None:
    parts = ("Ingredients", "1 onion", "Salt and pepper", "Method")
    recipes = [
        (f"r{n}.txt", page(n, f"Soup of {NOUNS[n]}", *parts, prose(n, 1), prose(n, 2)))
        for n in (0, 1)
    ]
    known = [*recipes, *[(f"{n}.txt", story(n)) for n in range(2, 14)]]
    known += [(f"b{n}.txt", story(n)) for n in range(2, 14)]  # copies, which count for others
    lines = read(0, habits_of(known), recipes[0][1], "r0.txt")
    assert set(parts) <= set(lines) and FOOTER not in lines


def test_a_flash_takes_no_lead_from_the_story_that_follows() -> None:
    flash = page(0, "Crane falls in the harbour of Harle", prose(0, 1))
    full = page(0, "Crane falls in the harbour", prose(0, 1), *(prose(0, n) for n in range(2, 8)))
    known = [("flash.txt", flash), ("full.txt", full), *texts(6)[2:]]
    assert prose(0, 1) in read(0, habits_of(known), full, "full.txt")
    assert prose(0, 1) in read(0, habits_of(known), flash, "flash.txt")


def test_a_clause_that_returns_behind_headlines_is_no_site() -> None:
    titles = [f"{noun.capitalize()} fire in the harbour - what we know so far" for noun in NOUNS]
    known = [(f"{n}.txt", page(n, titles[n], prose(n, 1), prose(n, 2))) for n in range(4)]
    assert read(0, habits_of(known), known[0][1])[0] == titles[0]
    sites = [f"{noun.capitalize()} fire in the harbour - The Harle Packet" for noun in NOUNS]
    known = [(f"{n}.txt", page(n, sites[n], prose(n, 1), prose(n, 2))) for n in range(4)]
    assert read(0, habits_of(known), known[0][1])[0] == "Anchor fire in the harbour"


def test_habits_travel_to_another_process() -> None:
    reading = replace(Reading(now=NOW), habits=habits_of(texts(3)))
    assert pickle.loads(pickle.dumps(reading)) == reading


def test_short_sentences_and_subheads_of_some_pages_are_text() -> None:
    """They stand among an article's own lines; what most pages have there is furniture."""
    for line in ("No injuries were reported.", "The case continues.", "Today", "Tonight"):
        for having, count, stays in ((2, 6, True), (3, 12, True), (6, 6, False)):
            body = [[prose(n, 1), prose(n, 5), prose(n, 8)] for n in range(count + 1)]
            for n in range(having + 1):
                body[n].insert(1 + n % 2, line)
            pages = [page(n, f"Story of {NOUNS[n]}", *lines) for n, lines in enumerate(body)]
            known = [(f"{n}.txt", text) for n, text in enumerate(pages)]
            lines = read(0, habits_of(known), pages[0])
            assert (line in lines) is stays and FOOTER not in lines


def test_a_last_short_sentence_stays_and_a_known_label_goes() -> None:
    for line, stays in (("The case continues.", True), ("Night desk", False)):
        pages = [
            page(
                n, f"Story of {NOUNS[n]}", prose(n, 1), prose(n, 5), line if n < 3 else prose(n, 8)
            )
            for n in range(7)
        ]
        known = [(f"{n}.txt", text) for n, text in enumerate(pages)]
        assert (line in read(0, habits_of(known), pages[0])) is stays


WIRE = [
    "KARSTED (NB) - Divers found the bell of the ferry Ottilie on Monday, long after she sank.",
    'It lay "as if somebody had put it down", said Captain Ruth Amsel, who leads the divers.',
    "The harbour will pay 2 million crowns for a hall in which the bell can be seen.",
    'Families of the crew were told first, and "some of them cried", a pastor said later.',
    "The wreck itself stays where it is, since nets and tides would break it if it were lifted.",
]
HOUSE = [
    "Divers found the bell of the ferry Ottilie on Monday, long after she sank.",
    "It lay “as if somebody had put it down”, said Capt Ruth Amsel, who leads the divers.",
    "The harbour will pay 2m crowns for a hall in which the bell can be seen.",
    "Families of the crew were told first, and “some of them cried”, a pastor said later.",
    "The wreck itself stays where it is, as nets and tides would break it if it were lifted.",
]
THIRD = [
    "AT SEA - Divers found the bell of the ferry Ottilie on Monday, long after she sank.",
    "It lay ‘as if somebody had put it down’, said Capt. Ruth Amsel, who leads the divers.",
    "The harbour will pay two million crowns for a hall in which the bell can be seen.",
    "Families of the crew were told first, and ‘some of them cried’, a pastor said later.",
    "The wreck itself stays where it is, for nets and tides would break it if it were lifted.",
]


def test_a_story_in_two_house_styles_keeps_all_its_paragraphs() -> None:
    """On a young site the other copy was evidence that its first line is the site's."""
    styles = (WIRE, HOUSE, THIRD)
    for copies in (2, 3):
        for others in (0, 3, 10):
            pages = [page(n, f"Bell found {n}", *styles[n]) for n in range(copies)]
            known = [(f"wire {n}.txt", text) for n, text in enumerate(pages)]
            known += [(f"{n}.txt", story(n)) for n in range(3, 3 + others)]
            for n in range(copies):
                for path in (f"wire {n}.txt", "new.txt"):
                    lines = read(n, habits_of(known), pages[n], path)
                    assert set(styles[n]) <= set(lines)
                    assert (FOOTER in lines) is (not others)


def test_a_long_paragraph_is_no_furniture_for_the_sake_of_one_other_article() -> None:
    """Two reports that end alike; a notice of two other pages, in nearly these words, is one."""
    ends = [
        f"The inquiry into the loss of the ferry, which {who} opened in the spring, will hear the "
        "last of its witnesses in the town hall of Karsted in the week before the harvest begins."
        for who in ("Judge Amsel", "the old judge of the district", "a judge from the mainland")
    ]
    pages = [page(n, f"Report of {NOUNS[n]}", prose(n, 1), prose(n, 5), ends[n]) for n in range(3)]
    known = [(f"{n}.txt", text) for n, text in enumerate(pages)]
    assert ends[0] in read(0, habits_of(known[:2]), pages[0])
    assert ends[0] not in read(0, habits_of(known), pages[0])


def test_a_notice_in_nearly_the_same_words_is_furniture() -> None:
    notices = [
        f"Readers of the {NOUNS[n]} desk can write to us by day and night, and we answer them all."
        for n in range(4)
    ]
    pages = [page(n, f"Story {NOUNS[n]}", prose(n, 1), prose(n, 5), notices[n]) for n in range(4)]
    known = [(f"{n}.txt", text) for n, text in enumerate(pages)]
    for count in (2, 4):
        lines = read(0, habits_of(known[:count]), pages[0])
        assert notices[0] not in lines and prose(0, 5) in lines
