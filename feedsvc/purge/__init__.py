"""Telling the caches in front of the site what they have to forget."""

from feedsvc.purge.send import Told, send_due, send_keys_now, send_now

__all__ = ["Told", "send_due", "send_keys_now", "send_now"]
