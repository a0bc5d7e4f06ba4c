"""rss2email: each new item becomes a mail, here in a local maildir and never anywhere else."""

from __future__ import annotations

import mailbox
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from follower import Follower, Shown

CONFIG = """\
[DEFAULT]
to = reader@localhost
email-protocol = maildir
maildir-path = {maildir}
maildir-mailbox = INBOX
html-mail = True
reply-changes = {reply_changes}
verbose = warning
"""


class Rss2Email(Follower):
    """As it comes: an item makes a mail once."""

    name = "rss2email"
    packages = "rss2email"
    programs = ("r2e",)
    # 3.13 means to give its own name, but its library gives another.
    agent = r"(rss2email/3|feedparser/6)\..*"
    on_edit = "keeps the first version"
    on_withdrawal = "keeps it"
    in_two_sections = "twice"
    reply_changes = False

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        (home / "Maildir").mkdir()
        self._inbox = mailbox.Maildir(home / "Maildir" / "INBOX")

    def fetch(self, *urls: str) -> None:
        """Write its config, and run it as cron does."""
        text = CONFIG.format(maildir=self.home / "Maildir", reply_changes=self.reply_changes)
        for number, url in enumerate(urls):
            text += f"[feed.feed{number}]\nurl = {url}\n"
        (self.home / "config").write_text(text)
        said = self.run("r2e", "--config", "config", "--data", "data.json", "run")
        assert not said, said  # it ends with 0 whatever went wrong

    def items(self) -> list[Shown]:
        """Read the maildir."""
        return [
            Shown(
                id=mail["X-RSS-ID"],
                title=str(make_header(decode_header(mail["Subject"]))),
                link=mail["X-RSS-URL"],
                content=_read_body(mail),
            )
            for mail in self.mails()
        ]

    def mails(self) -> list[Message]:
        """Return all mails that it has delivered."""
        return list(self._inbox)


class Rss2EmailReplying(Rss2Email):
    """With its option ``reply-changes``: an edit comes as an answer to the first mail."""

    name = "rss2email, reply-changes"
    formats = ("xml",)
    on_edit = "keeps both versions"
    reply_changes = True


def _read_body(mail: Message) -> str:
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode(mail.get_content_charset() or "ascii")
