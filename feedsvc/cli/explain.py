"""``feedsvc explain``: what one file becomes, and why."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import click
from lxml import etree
from rich.text import Text

from feedsvc.bucket import find_key_fault
from feedsvc.cli.output import (
    FINE,
    PROBLEMS,
    config_option,
    console,
    fail,
    json_option,
    load,
    make_table,
    one_line_errors,
    print_json,
)
from feedsvc.cli.peek import open_if_there
from feedsvc.cli.story import describe_story, find_lead, list_story_rows
from feedsvc.config import Bucket, Config
from feedsvc.filing import Model, Rules, compile_rules
from feedsvc.ingest import find_troubles, is_plain, reading_for
from feedsvc.model import MediaFile, Note, Stamp
from feedsvc.publication import make_feed
from feedsvc.render import FORMATS, fit
from feedsvc.scan import (
    BY_EDITOR,
    DEED,
    Desk,
    Filer,
    Taken,
    begin_entry,
    file_by_editor,
    hold_entry,
    keep_also,
    learn_habits,
    open_source,
    plain_keys,
    reread_entry,
    revise_entry,
    take_file,
)
from feedsvc.service import read_clock
from feedsvc.store import WHOLE_SITE, Deed, State, Store, StoredEntry

# Of what was done to one article, as many lines of the audit log are looked at.
_DEEDS_MOST = 100

# What a date of an entry is that its file does not name (any more).
FIRST_DATE = "the story's first date, which is kept"
LAST_EDIT = "the last visible edit"

_ATOM = "{http://www.w3.org/2005/Atom}"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@config_option
@json_option
def explain(file: Path, config_path: Path, as_json: bool) -> None:
    """Show what FILE becomes and why; reads only, stores nothing.

    FILE is a path, or a path below the content folder.
    """
    config = load(config_path).config
    path = _find(file, config.content.folder)
    now = read_clock()
    rules = compile_rules(config)
    store = open_if_there(config)
    try:
        with one_line_errors():  # a bucket may not be to be had
            taken = _take(path, store, rules, config, now)
        if taken.article is None:
            _refuse(path, taken.refused or "cannot be read", as_json)
        stored = _make_stored(taken, store, Filer(store, rules) if store else None, config, now)
        lead = find_lead(stored.article.path, store)
        story = describe_story(
            stored, store, lambda each: _take(each, store, rules, config, now).article
        )
        lead_media = store.media_of([lead.uid]) if store and lead else {}
        deeds = store.deeds(_DEEDS_MOST, stored.uid) if store and stored.corrected else []
    finally:
        if store:
            store.close()
    media = {file.path: file for file in taken.media}
    facts = _describe(stored, media, config, now) | _describe_desk(stored, deeds)
    facts["story"] = story
    if lead:
        facts["entry"] = _render_entry(lead, lead_media, config, now)
    if as_json:
        print_json(facts)
    else:
        _print(facts)
    sys.exit(FINE)


def _find(file: Path, folder: Path | Bucket) -> str:
    """Return the file's path below the content folder; end with one line if it is not there."""
    if isinstance(folder, Bucket):
        return (
            file.as_posix()
            if not find_key_fault(file.as_posix())
            else fail(f"{file}: write its path below {folder}")
        )
    candidates = [file] if file.is_absolute() else [file.absolute(), folder / file]
    existing = [each for each in candidates if each.is_file()]
    roots = (folder.absolute(), folder.resolve())
    for each in existing:
        for root in roots:
            for place in (each, each.resolve()):
                if place.is_relative_to(root):
                    return place.relative_to(root).as_posix()
    if existing:
        fail(f"{file} does not lie in the content folder {folder}")
    return fail(f"{file}: there is no such file, here or in {folder}")


def _take(path: str, store: Store | None, rules: Rules, config: Config, now: datetime) -> Taken:
    """Read the file as a scan would that knows what the store knows of the site."""
    if passed_over := _say_why_passed_over(path, config.content.folder):
        return Taken(path, refused=passed_over)
    habits = learn_habits(store) if store and is_plain(path) else None
    reading = reading_for(config, now, habits)
    content = config.content
    return take_file(
        path, Desk(open_source(content.folder), 0.0, content.max_bytes, reading, rules), now
    )


def _refuse(path: str, reason: str, as_json: bool) -> NoReturn:
    path = path.encode(errors="replace").decode()  # a name that is no UTF-8 is no JSON either
    if as_json:
        print_json({"path": path, "refused": reason})
    else:
        click.echo(f"{path}: refused: {reason}")
    sys.exit(PROBLEMS)


def _say_why_passed_over(path: str, folder: Path | Bucket) -> str:
    """Return why a scan would not even try to read this file, or nothing."""
    if any(part.startswith(".") for part in path.split("/")):
        return "is hidden: it is never read"
    if isinstance(folder, Bucket):
        return ""
    if not (folder / path).resolve().is_relative_to(folder.resolve()):
        return "is a link that leads out of the content folder: not followed"
    return ""


def _make_stored(
    taken: Taken, store: Store | None, filer: Filer | None, config: Config, now: datetime
) -> StoredEntry:
    """Return what the ledger would keep of the file, had it been scanned now."""
    article = taken.article
    assert article is not None
    rules = compile_rules(config)
    known = store.file(article.path) if store else None
    old = store.entry(known.uid) if store and known and known.uid else None
    corrected = file_by_editor(old.corrected, config.sections, rules.heirs) if old else None
    filing = (
        corrected
        or taken.filing
        or (filer.guess(article) if filer else Model(rules).decide(article))
    )
    tag = config.site.tag if config.site.id else (store.fact("tag") if store else "")
    if old is not None and find_lead(article.path, store):
        return replace(old, path=article.path, article=article)
    if old is not None:
        filing = corrected or keep_also(filing, old.filing)
        hold = timedelta(seconds=config.content.hold)
        is_same = known is not None and known.digest == taken.digest and old.path == article.path
        revise = reread_entry if is_same else revise_entry
        return hold_entry(revise(old, article, filing, now), hold, now)
    key = article.key or plain_keys(article.path)[0]
    return begin_entry(article, filing, key, tag or config.site.tag)


def _note_media(stored: StoredEntry, media: Mapping[str, MediaFile]) -> Iterator[Note]:
    for field, trouble in find_troubles(stored.article, stored.path, media):
        yield Note(0, field, trouble)


def _describe(
    stored: StoredEntry, media: Mapping[str, MediaFile], config: Config, now: datetime
) -> dict[str, Any]:
    article, filing = stored.article, stored.filing
    titles = {name: section.title for name, section in config.sections.items()}
    return {
        "path": stored.path,
        "id": stored.id,
        "title": article.title,
        "standfirst": article.summary,
        "authors": article.authors,
        "source": article.source,
        "published": _describe_date(stored.published, FIRST_DATE, article.published),
        "updated": (
            _describe_date(stored.updated, LAST_EDIT, article.updated, article.published)
            if stored.updated != stored.published
            else {"at": stored.updated.isoformat(), "source": "", "text": ""}
        ),
        "expires": stored.expires.isoformat() if stored.expires else None,
        "visible": stored.is_public(now),
        "status": stored.state.value,
        "language": article.language or config.site.language,
        "tags": article.tags,
        "link": article.link,
        "image": {
            "url": article.image.url if article.image else "",
            "caption": article.image.caption if article.image else article.caption,
            "credit": article.image.credit if article.image else article.credit,
        },
        "sections": [
            {
                "name": one.section,
                "title": titles.get(one.section, ""),
                "why": one.why if one.own else f"{one.why}, of {', '.join(one.copies)}",
            }
            for one in filing.filed
        ],
        "unfiled": "" if filing.filed else (filing.why or "no section was found"),
        "margin": round(filing.margin, 4),
        "cuts": [
            {"line": cut.line, "text": cut.text, "reason": cut.reason} for cut in article.cuts
        ],
        "notes": [
            {"line": one.line, "key": one.key, "message": one.message, "hint": one.hint}
            for one in (*article.notes, *_note_media(stored, media))
        ],
        "text": article.text,
        "content": article.content,
        "entry": _render_entry(stored, media, config, now),
    }


def _describe_desk(stored: StoredEntry, deeds: list[Deed]) -> dict[str, Any]:
    """Return what editors did with an article: who filed it, until when it is held back."""
    filed = None
    if stored.corrected:
        deed = next((one for one in deeds if one.action == DEED), None)
        who = {"by": deed.who, "at": deed.at.isoformat(timespec="seconds")} if deed else {}
        filed = {"sections": stored.corrected, **who}
    until = stored.held_until
    return {
        "corrected": filed,
        "held_until": until.isoformat(timespec="seconds") if until else None,
        "quiet": stored.quiet,
    }


def _describe_date(at: datetime, otherwise: str, *stamps: Stamp | None) -> dict[str, str]:
    """Return a date of an entry, and which of the ``stamps`` it is, or what it is ``otherwise``."""
    stamp = next((one for one in stamps if one and one.at == at), None)
    source, text = (stamp.source, stamp.text) if stamp else (otherwise, "")
    return {"at": at.isoformat(), "source": source, "text": text}


def _render_entry(
    stored: StoredEntry, media: Mapping[str, MediaFile], config: Config, now: datetime
) -> str:
    """Return the Atom entry, exactly as the feed would have it."""
    live = replace(stored, state=State.LIVE)
    feed = make_feed(WHOLE_SITE, [live], config, config.site.tag, now, media)
    feed = fit(feed, 1, config.feeds.max_bytes)
    tree = etree.fromstring(FORMATS["atom"].render(feed))
    entry = tree.find(f"{_ATOM}entry")
    if entry is None:  # even its summary is over feeds.max_bytes
        return ""
    etree.cleanup_namespaces(entry)
    return etree.tostring(entry, encoding="unicode", pretty_print=True).strip()


def _print(facts: dict[str, Any]) -> None:
    screen = console()
    table = make_table("", "")
    table.show_header = False
    dates = {name: facts[name] for name in ("published", "updated")}
    rows = [
        ("title", facts["title"]),
        ("standfirst", facts["standfirst"] or "-"),
        ("authors", ", ".join(facts["authors"]) or "-"),
        ("source", facts["source"] or "-"),
        *(
            (name, f"{date['at']}  (from: {date['source'] or 'the same as published'})")
            for name, date in dates.items()
        ),
        ("id", facts["id"]),
        ("state", f"{facts['status']}, {'public now' if facts['visible'] else 'not public now'}"),
        ("tags", ", ".join(facts["tags"]) or "-"),
    ]
    rows += [(name, facts["image"][name]) for name in ("caption", "credit") if facts["image"][name]]
    if facts["held_until"]:
        rows.append(("held", f"held back until {facts['held_until']}"))
    if facts["quiet"]:
        rows.append(("news", "no: it came with many others, and stands in archives and on pages"))
    if corrected := facts["corrected"]:
        who = f" ({corrected['by']}, {corrected['at']})" if "by" in corrected else ""
        rows.append(("corrected", f"{BY_EDITOR}: {', '.join(corrected['sections'])}{who}"))
    rows += list_story_rows(facts["story"])
    rows += [("section", f"{one['name']}: {one['why']}") for one in facts["sections"]]
    if facts["unfiled"]:
        rows.append(("unfiled", facts["unfiled"]))
    for name, value in rows:
        table.add_row(Text(name, style="bold"), Text(str(value)))
    screen.print(table)
    if facts["cuts"]:
        screen.print("\nLines that were cut", style="bold")
        cuts = make_table("line", "why", "text")
        for cut in facts["cuts"]:
            cuts.add_row(str(cut["line"]), Text(cut["reason"]), Text(cut["text"][:120]))
        screen.print(cuts)
    for note in facts["notes"]:
        hint = f" ({note['hint']})" if note["hint"] else ""
        screen.print(Text(f"note: line {note['line']}, {note['key']}: {note['message']}{hint}"))
    screen.print("\nThe entry in Atom", style="bold")
    screen.print(Text(facts["entry"]))
