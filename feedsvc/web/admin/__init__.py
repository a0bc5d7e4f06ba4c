"""The desk at /admin/: what happens on this site, and what needs a hand.

Plain server-made HTML that works without any script. Pages read the store; what changes the site is
written down as an order, and the engine carries it out.
"""

from feedsvc.web.admin.desk import add_admin

__all__ = ["add_admin"]
