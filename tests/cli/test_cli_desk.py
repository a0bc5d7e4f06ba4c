"""The desk's commands: ``feedsvc review``, ``feedsvc file``, ``feedsvc scan --as-news``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result
from sites import Site, article, at, snapshot

Run = Callable[..., Result]

LONG_AGO = at(datetime(2020, 1, 1, tzinfo=UTC))
FALLBACK = "  other: Other\nfiling: {fallback: other}\n"


def review(run: Run) -> list[dict[str, object]]:
    return json.loads(run("review", "--json").stdout)  # type: ignore[no-any-return]


def titles(site: Site, name: str) -> list[str]:
    """Return what is public of a section, by the store."""
    with site.service() as service:
        newest = service.store.newest(name, datetime.now(UTC), 99)
    return sorted(one.article.title for one in newest)


# review


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "json"])
def test_review_makes_no_store(site: Site, run: Run, words: tuple[str, ...]) -> None:
    before = snapshot(site.root)
    result = run("review", *words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert snapshot(site.root) == before


def test_review_lists_what_is_unfiled_until_it_is_corrected(site: Site, run: Run) -> None:
    """By the very command that it names."""
    site.write("a/b c.md", article("Nothing to go by", date=LONG_AGO))
    site.write("a/d.md", article("Nor here", "A few words of none.", date=at(datetime.now(UTC))))
    site.write("politics/e.md", article("Sure"))
    run("scan")
    result = run("review")
    assert result.exit_code == 1 and "Sure" not in result.stdout
    newest, oldest = review(run)
    assert (newest["path"], oldest["path"]) == ("a/d.md", "a/b c.md")
    assert oldest["title"] == "Nothing to go by" and oldest["doubt"] == "unfiled"
    assert oldest["sections"] == [] and "unfiled" in str(oldest["why"])
    assert len(oldest["nearest"]) == 2  # type: ignore[arg-type]
    command = str(oldest["command"])
    assert command.startswith("feedsvc file") and "'a/b c.md'" in command
    assert command in result.stdout
    words = shlex.split(command)[1:]
    assert run(*words).exit_code == 0
    assert [one["path"] for one in review(run)] == ["a/d.md"]
    run("file", "a/d.md", "sports")
    result = run("review")
    assert (result.exit_code, result.stdout) == (0, "Nothing needs a look.\n")


def test_review_lists_the_fallback_and_what_is_held_back(site: Site, run: Run) -> None:
    site.configure(FALLBACK)
    site.write("a.md", article("Nothing to go by", date=LONG_AGO))
    run("scan")
    site.config.write_text(site.config.read_text().replace("content:\n", "content:\n  hold: 1h\n"))
    site.write("politics/b.md", article("Wait"))
    result = run("scan", "--json")
    (held,) = json.loads(result.stdout)["held"]
    assert held["path"] == "politics/b.md" and held["until"]
    assert "held back" in run("scan").stdout
    found = {str(one["path"]): one for one in review(run)}
    assert found["a.md"]["doubt"] == "fallback" and found["a.md"]["sections"] == ["other"]
    assert found["politics/b.md"]["doubt"] == "held"
    assert "held back until" in run("review").stdout
    assert "held back until" in run("explain", "politics/b.md").stdout
    explained = json.loads(run("explain", "politics/b.md", "--json").stdout)
    assert explained["status"] == "held" and not explained["visible"]


def test_review_is_bounded(site: Site, run: Run) -> None:
    for number in range(4):
        site.write(f"{number}.md", article(f"Words {number}", f"Word {number}."))
    run("scan")
    assert "There are more" in run("review", "--limit", "3").stdout
    assert len(json.loads(run("review", "--limit", "3", "--json").stdout)) == 3


# file


def test_file_corrects_and_is_explained(site: Site, run: Run) -> None:
    site.write("politics/a.md", article("A"))
    run("scan")
    result = run("file", "politics/a.md", "sports", "Arts and Culture", "sports")
    assert result.exit_code == 0
    assert result.stdout.startswith("politics/a.md: filed in sports, culture (before: politics)\n")
    assert titles(site, "sports") == titles(site, "culture") == ["A"]
    assert titles(site, "politics") == []
    assert "filed by an editor: sports, culture (" in run("explain", "politics/a.md").stdout
    explained = json.loads(run("explain", "politics/a.md", "--json").stdout)
    assert explained["corrected"]["sections"] == ["sports", "culture"]
    assert explained["corrected"]["by"] and explained["corrected"]["at"]
    (deed,) = json.loads(run("audit", "--json").stdout)
    assert deed["action"] == "file"
    assert deed["detail"] == "politics/a.md: sports, culture (was: politics)"
    back = json.loads(run("file", "politics/a.md", "--auto", "--json").stdout)
    assert (back["sections"], back["corrected"]) == (["politics"], False)
    assert back["before"] == ["sports", "culture"]
    assert "filed by an editor" not in run("explain", "politics/a.md").stdout
    assert titles(site, "politics") == ["A"] and titles(site, "sports") == []


def test_file_takes_all_names_of_an_article(site: Site, run: Run) -> None:
    file = site.write("politics/a.md", article("A"))
    run("scan")
    id_ = json.loads(run("explain", "politics/a.md", "--json").stdout)["id"]
    for name, section in ((str(file), "sports"), (id_, "culture"), ("politics/a.md", "politics")):
        assert run("file", name, section).exit_code == 0
        assert titles(site, section) == ["A"]


PARAGRAPHS = [
    "The river ferry will run again from Monday, the council said, after a winter of repairs.",
    "Engineers replaced both engines and a good part of the hull during the long winter break.",
    "The work had taken far longer than planned because no dock nearby was free before January.",
    "Passengers who hold an old yearly ticket may use it until the end of the summer timetable.",
]


def test_who_names_a_copy_is_told_whose_it_is(site: Site, run: Run) -> None:
    """What is done to it is done to the one entry of all files that tell the story."""
    text = "\n\n".join(PARAGRAPHS)
    early, late = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 9, tzinfo=UTC)
    site.write("politics/a.md", article("Ferry is back", text, date=at(early)))
    site.write("sports/b.md", article("Ferry is back", text, date=at(late)))
    run("scan")
    result = run("file", "politics/a.md", "culture")
    assert result.stdout.startswith("sports/b.md: filed in culture (before: ")
    told = "This is one entry with politics/a.md: they tell the same story.\n"
    assert told in result.stdout
    assert told in run("withdraw", "politics/a.md").stdout
    done = json.loads(run("withdraw", "--undo", "politics/a.md", "--json").stdout)
    assert (done["path"], done["copies"]) == ("sports/b.md", ["politics/a.md"])
    done = json.loads(run("file", "--auto", "sports/b.md", "--json").stdout)
    assert done["copies"] == ["politics/a.md"]


def test_explain_says_where_the_dates_of_a_story_come_from(site: Site, run: Run) -> None:
    """They are the entry's: the file that leads need not name them."""
    text = "\n\n".join(PARAGRAPHS)
    early, late = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 9, tzinfo=UTC)
    site.write("politics/a.md", article("Ferry is back", text, date=at(early)))
    run("scan")
    explained = json.loads(run("explain", "politics/a.md", "--json").stdout)
    assert explained["published"]["source"] == "front matter date"
    assert (explained["updated"]["source"], explained["updated"]["at"]) == ("", at(early))
    site.write("sports/b.md", article("Ferry is back", f"{text} At last.", date=at(late)))
    run("scan")
    first = "the story's first date, which is kept"
    for name, source in (("politics/a.md", "front matter date"), ("sports/b.md", first)):
        explained = json.loads(run("explain", name, "--json").stdout)
        published = explained["published"]
        assert (published["at"], published["source"]) == (at(early), source)
        assert explained["updated"]["source"] == "the last visible edit"
    assert "(from: the last visible edit)" in run("explain", "sports/b.md").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ("politics/a.md", "sprots"),
            '"sprots" is no section here; did you mean sports? there are: ',
        ),
        (("politics/a.md", "weather"), "there are: politics, sports, culture"),
        (("politics/a.md",), "write at least one section, or --auto"),
        (("politics/a.md", "sports", "--auto"), "not both"),
        (("politics/a.md", "--auto"), "was not filed by this command"),
        (("politics/b.md", "sports"), "did you mean politics/a.md?"),
        (("a.md", "sports"), "did you mean politics/a.md?"),
        (("tag:x,2026:y", "sports"), "no article has this path, id or address"),
        (("politics/gone.md", "sports"), "was deleted"),
    ],
)
def test_wrong_use_is_one_clear_line(
    site: Site, run: Run, words: tuple[str, ...], says: str
) -> None:
    site.write("politics/a.md", article("A"))
    gone = site.write("politics/gone.md", article("Gone"))
    site.scan()
    gone.unlink()
    site.scan()
    result = run("file", *words)
    assert result.exit_code == 2 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and says in result.stderr


def test_file_makes_no_store(site: Site, run: Run) -> None:
    site.write("politics/a.md", article("A"))
    result = run("file", "politics/a.md", "sports")
    assert result.exit_code == 2 and "nothing was recorded yet" in result.stderr
    assert not site.store.parent.exists()


# Floods


def test_scan_says_what_it_left_out_and_takes_it_back(site: Site, run: Run) -> None:
    site.write("politics/first.md", article("First"))
    run("scan")
    for number in range(8):
        site.write(f"politics/{number}.md", article(f"Old {number}", date=LONG_AGO))
    site.write("politics/today.md", article("Today"))
    result = run("scan")
    assert (
        "9 new; 8 of them are older than 3 days and came together: they are in archives and on "
        "pages, not in the live feeds (feeds.flood_age); feedsvc scan --as-news takes them as news"
    ) in " ".join(result.stdout.split())
    assert titles(site, "politics") == ["First", "Today"]
    assert "stands in archives and on pages" in run("explain", "politics/1.md").stdout
    result = run("scan", "--as-news", "--json")
    assert len(json.loads(result.stdout)["as_news"]) == 8
    assert len(titles(site, "politics")) == 10
    assert json.loads(run("scan", "--as-news", "--json").stdout)["as_news"] == []


def test_the_help_says_how_a_flood_is_taken_back(run: Run) -> None:
    assert "taken back into them" in " ".join(run("scan", "--help").stdout.split())


def test_a_hold_is_a_duration(site: Site, run: Run) -> None:
    text = site.config.read_text()
    site.config.write_text(text.replace("content:\n", "content:\n  hold: soon\n"))
    result = run("check")
    assert result.exit_code != 0 and "hold" in result.stdout + result.stderr
    site.config.write_text(text + "feeds: {flood_age: 10000d, flood_items: 0}\n")
    assert run("check").exit_code == 0
    assert timedelta(seconds=site.load().config.feeds.flood_age) == timedelta(days=10_000)
