"""What changed in the content folder: listing, planning, reading, and the ledger of ids."""

from feedsvc.scan.filer import Filer
from feedsvc.scan.habits import learn_habits
from feedsvc.scan.identity import (
    begin_entry,
    plain_keys,
    restore_entry,
    revise_entry,
    withdraw_entry,
)
from feedsvc.scan.ledger import Clerk, Outcome
from feedsvc.scan.listing import Progress, is_article_name, list_folder
from feedsvc.scan.refile import refile
from feedsvc.scan.run import WHOLE_FOLDER, Report, Scanner
from feedsvc.scan.take import Desk, Taken, take_file

__all__ = [
    "WHOLE_FOLDER",
    "Clerk",
    "Desk",
    "Filer",
    "Outcome",
    "Progress",
    "Report",
    "Scanner",
    "Taken",
    "begin_entry",
    "is_article_name",
    "learn_habits",
    "list_folder",
    "plain_keys",
    "refile",
    "restore_entry",
    "revise_entry",
    "take_file",
    "withdraw_entry",
]
