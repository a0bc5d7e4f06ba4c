"""What changed in the content folder: listing, planning, reading, and the ledger of ids."""

from feedsvc.scan.also import keep_also
from feedsvc.scan.copies import Story, compare, leads
from feedsvc.scan.correct import BY_EDITOR, DEED, Correction, file_by_editor
from feedsvc.scan.editing import (
    AGAIN_MOST,
    REVIEWED_MOST,
    correct,
    find_entry,
    find_nearest,
    find_unsure,
)
from feedsvc.scan.filer import Filer
from feedsvc.scan.flood import make_guard, open_site, take_as_news
from feedsvc.scan.foresight import Move, foresee_moves
from feedsvc.scan.habits import learn_habits
from feedsvc.scan.hold import hold_entry
from feedsvc.scan.identity import (
    begin_entry,
    plain_keys,
    reread_entry,
    restore_entry,
    revise_entry,
    withdraw_entry,
)
from feedsvc.scan.ledger import Clerk
from feedsvc.scan.listing import Progress, is_article_name, list_folder
from feedsvc.scan.mounts import find_file_system, find_watched, is_network, read_mounts
from feedsvc.scan.naming import (
    allow_tag,
    find_tag,
    find_tag_fault,
    find_tag_in_force,
    is_tag_allowed,
    settle_tag,
)
from feedsvc.scan.opening import open_intake
from feedsvc.scan.problems import CACHE, CONFIG, advise, list_problems, report_problem
from feedsvc.scan.refile import refile_if_needed
from feedsvc.scan.releasing import mark_due, release_held
from feedsvc.scan.report import FOLDER, WHOLE_FOLDER, Outcome, Report
from feedsvc.scan.run import Scanner
from feedsvc.scan.settings import hash_filing, hash_reading
from feedsvc.scan.source import FolderContent, Source, open_source
from feedsvc.scan.take import Desk, Taken, take_file
from feedsvc.scan.telling import Decision, Telling, tell_decision, tell_flood

__all__ = [
    "AGAIN_MOST",
    "BY_EDITOR",
    "CACHE",
    "CONFIG",
    "DEED",
    "FOLDER",
    "REVIEWED_MOST",
    "WHOLE_FOLDER",
    "Clerk",
    "Correction",
    "Decision",
    "Desk",
    "Filer",
    "FolderContent",
    "Move",
    "Outcome",
    "Progress",
    "Report",
    "Scanner",
    "Source",
    "Story",
    "Taken",
    "Telling",
    "advise",
    "allow_tag",
    "begin_entry",
    "compare",
    "correct",
    "file_by_editor",
    "find_entry",
    "find_file_system",
    "find_nearest",
    "find_tag",
    "find_tag_fault",
    "find_tag_in_force",
    "find_unsure",
    "find_watched",
    "foresee_moves",
    "hash_filing",
    "hash_reading",
    "hold_entry",
    "is_article_name",
    "is_network",
    "is_tag_allowed",
    "keep_also",
    "leads",
    "learn_habits",
    "list_folder",
    "list_problems",
    "make_guard",
    "mark_due",
    "open_intake",
    "open_site",
    "open_source",
    "plain_keys",
    "read_mounts",
    "refile_if_needed",
    "release_held",
    "report_problem",
    "reread_entry",
    "restore_entry",
    "revise_entry",
    "settle_tag",
    "take_as_news",
    "take_file",
    "tell_decision",
    "tell_flood",
    "withdraw_entry",
]
