"""The fixtures of ``workers``, for every test in this folder."""

from workers import fetch, gazette, gazette_worker, open_worker, server

__all__ = ["fetch", "gazette", "gazette_worker", "open_worker", "server"]
