"""feedsvc turns a folder of articles into feeds that people and machines follow."""

__version__ = "0.1.0"
