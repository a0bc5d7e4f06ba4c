"""The web side: a Flask app with a fast path in front, and the worker that serves both."""

from feedsvc.web.app import create_app
from feedsvc.web.fastpath import FastPath
from feedsvc.web.media import STREAMS_MOST
from feedsvc.web.site import LiveSite
from feedsvc.web.worker import FOLDER_VARIABLE, STORE_VARIABLE, make_app

__all__ = [
    "FOLDER_VARIABLE",
    "STORE_VARIABLE",
    "STREAMS_MOST",
    "FastPath",
    "LiveSite",
    "create_app",
    "make_app",
]
