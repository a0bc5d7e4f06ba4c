"""Who reads: counted while feeds are served, written down apart, told in figures."""

from feedsvc.readership.agents import AGENT_MOST, BOT, BROWSER, OTHER, Agent, parse_agent
from feedsvc.readership.closing import close_days
from feedsvc.readership.desk import ReadershipDesk, switch_counting
from feedsvc.readership.figures import (
    FeedFigures,
    PairFigures,
    ReaderFigures,
    Readership,
    list_polls_by_hour,
    list_subscribers_by_day,
    read_readership,
)
from feedsvc.readership.tallying import OTHERS
from feedsvc.readership.visits import BARE, DELTA, FULL, UNCHANGED, Visit, VisitBuffer

__all__ = [
    "AGENT_MOST",
    "BARE",
    "BOT",
    "BROWSER",
    "DELTA",
    "FULL",
    "OTHER",
    "OTHERS",
    "UNCHANGED",
    "Agent",
    "FeedFigures",
    "PairFigures",
    "ReaderFigures",
    "Readership",
    "ReadershipDesk",
    "Visit",
    "VisitBuffer",
    "close_days",
    "list_polls_by_hour",
    "list_subscribers_by_day",
    "parse_agent",
    "read_readership",
    "switch_counting",
]
