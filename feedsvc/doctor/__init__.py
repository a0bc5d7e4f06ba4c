"""What is wrong with a site and the machine that it runs on, and what to do about it."""

from feedsvc.doctor.examine import examine_site
from feedsvc.doctor.findings import FAULT, OK, WARNING, Finding

__all__ = ["FAULT", "OK", "WARNING", "Finding", "examine_site"]
