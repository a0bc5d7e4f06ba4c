"""What readers wrote below an article: from its heading to the form for one more, or to the end.

A remark is a paragraph like any other, so the page's own end is looked for behind it in vain. It is
told by its stamp (who, and when), never by the heading alone: "Comments" can be a subhead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from feedsvc.ingest.layout import Line
from feedsvc.ingest.notices import COMMENTS
from feedsvc.ingest.prose import SENTENCE_MARKS, ends_with

# A head has a count of comments too, above its byline; so much of the article stands above remarks.
_LEAST_PARAGRAPHS = 2
_PARAGRAPH_LENGTH = 60
# Behind the heading, or who wrote, the stamp stands within so many lines ("Sort by", "Reply").
_NEAR = 2
# A name and a date; a sentence that ends in "says:" is longer.
_MAX_STAMP = 80
_STAMP = re.compile(
    r"(?:(?:(?:on )?[^\W\d_][^\W\d_]{2,8}\.? \d{1,2},? (?:19|20)\d\d|\d{1,2}\.? [^\W\d_]{3,9}\.?"
    r"(?: (?:19|20)\d\d)?|(?:19|20)\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](?:19|20)?\d\d)"
    r"(?:,| at| um| à)? ?\d{1,2}[:.h]\d\d(?: ?[ap]\.?m\.?)?"
    r"|(?:an?|\d{1,2}) (?:minute|min|hour|hr|day|week|month|year)s? ago|(?:vor|il y a|hace) \d{1,2}"
    r" [^\W\d_]{2,8})\W{0,2}(?:reply|edited|permalink|\(edited\))?$",
    re.IGNORECASE,
)
_SAYS = re.compile(r"[^\s.!?:][^.!?:]{1,40} (?:says|said|wrote|sagt|dit|dice)(?: ?:|\.\.\.|…)?$")
_FORM = re.compile(
    r"(?:leave|post|add|write) (?:a|your) (?:reply|comment|response)\b.{0,30}$|cancel reply$"
    r"|(?:sign|log) in to (?:comment|reply)\b|schreibe einen kommentar\b"
    r"|laisser un commentaire\b|deja (?:una respuesta|un comentario)\b",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"(?:reply|antworten|répondre|responder)(?: (?:report|recommend|like|share)){0,3}"
    r"(?: \(?\d{1,4}\)?)?$",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\d{1,4}")


def cut_remarks(lines: Sequence[Line], reasons: list[str], title_at: int | None) -> None:
    """Cut what readers wrote: all from the heading of their remarks on, when these are stamped."""
    headings = [n for n, reason in enumerate(reasons) if reason == COMMENTS]
    if not headings:
        return
    paragraphs = 0
    for index in range(0 if title_at is None else title_at + 1, headings[-1]):
        text = lines[index].text
        if (
            len(text) >= _PARAGRAPH_LENGTH
            and not reasons[index]
            and ends_with(text, SENTENCE_MARKS)
        ):
            paragraphs += 1
            if paragraphs == _LEAST_PARAGRAPHS:
                break
    if paragraphs < _LEAST_PARAGRAPHS:
        return
    for heading in headings:
        if heading > index and (end := _find_end(lines, heading)) > heading:
            reasons[heading:end] = [reason or COMMENTS for reason in reasons[heading:end]]
            return


def _find_end(lines: Sequence[Line], heading: int) -> int:
    """Return where the remarks below a heading end; its own place if there are none.

    Posts of a live report have times too. Remarks can be answered, or are as many as is said.
    """
    stamps = 0
    says = can_answer = has_form = False
    end = len(lines)
    for index in range(heading + 1, len(lines)):
        text = lines[index].text
        if len(text) > _MAX_STAMP:
            continue
        if _FORM.match(text):
            has_form, end = True, index
            break
        if _SAYS.match(text):
            says = True
        elif not _STAMP.search(text):
            can_answer = can_answer or bool(_REPLY.match(text))
            continue
        if not stamps and (index > heading + _NEAR or index + 1 == len(lines)):
            return heading  # at the end of the page it is the article's own
        stamps += 1
    count = _COUNT.search(lines[heading].text)
    is_sure = (
        can_answer
        or (says and (has_form or count is not None))
        or (count is not None and int(count[0]) == stamps)
    )
    return end if stamps and is_sure else heading
