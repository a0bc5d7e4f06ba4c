"""A site with partners, and its life at moments that a test chooses."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from lxml import etree
from partner_rules import MEDIA
from sites import Site, article

from feedsvc.config import PartnerConfig
from feedsvc.model import Representation
from feedsvc.partners import path_of
from feedsvc.publication import load_publication
from feedsvc.service import Service

TOKENS = {
    "snews": "smartnews-token-0123456789",
    "politics": "msn+token/&=%-0123456789",
    "late": "late-token-0123456789",
}
PARTNERS = f"""
partners:
  snews:
    profile: smartnews
    token: {TOKENS["snews"]}
  politics:
    profile: msn
    sections: politics
    token: "{TOKENS["politics"]}"
  late:
    token: {TOKENS["late"]}
    delay: 30m
    sections: [politics, sports]
"""
WORDS = "The council voted, and the mayor was glad that the long day was over at last. " * 6


def make_site(site: Site, more: str = PARTNERS) -> Site:
    """Return a site of partners, with one article in each of two sections."""
    site.base_url = "https://gazette.test"
    site.configure(more)
    return site


def write(site: Site, path: str, title: str, at: datetime, **front: str) -> None:
    """Write an article that is dated so."""
    site.write(path, article(title, WORDS, date=at.isoformat(), **front))


def move_to(service: Service, moment: datetime) -> None:
    """Let it be so late, and let the engine do what is due."""
    service.clock = lambda: moment
    service.publish()


def take(service: Service, moment: datetime) -> None:
    """Let it be so late, and take what lies in the folder."""
    service.clock = lambda: moment
    service.scan(None, True)
    service.scan(None, True)
    # A feed that was published this very second waits for the next.
    service.clock = lambda: moment + timedelta(seconds=1)
    service.publish()


def find(service: Service, name: str, token: str = "") -> Representation | None:
    """Return what is published for a partner with a token (its own, unless said)."""
    paths = load_publication(service.store).representations
    return paths.get(path_of(name, token or TOKENS[name]))


def body_of(service: Service, name: str, token: str = "") -> bytes:
    """Return the document of a partner."""
    found = find(service, name, token)
    assert found is not None
    return found.bodies["identity"]


def titles(service: Service, name: str) -> list[str]:
    """Return the titles of a partner's items, the first one first."""
    root = etree.fromstring(body_of(service, name))
    return [item.findtext("title") or "" for item in root.iter("item")]


def find_deleted(service: Service, name: str) -> list[dict[str, str]]:
    """Return the items that say that something is gone."""
    root = etree.fromstring(body_of(service, name))
    return [
        {child.tag: child.text or "" for child in item}
        for item in root.iter("item")
        if item.find(f"{MEDIA}status[@state='deleted']") is not None
    ]


def set_token(site: Site, service: Service, name: str, token: str, grace: str = "7d") -> None:
    """Change a partner's token in the config, and put that in force."""
    text = site.config.read_text(encoding="utf-8")
    block = re.search(rf"  {name}:\n(?:    .*\n)+", text)
    assert block
    changed = re.sub(r"    (token|grace): .*\n", "", block[0])
    changed += f'    token: "{token}"\n    grace: {grace}\n'
    site.config.write_text(text.replace(block[0], changed), encoding="utf-8")
    service.reload(site.load())


def partner_of(site: Site, name: str) -> PartnerConfig:
    """Return a partner of the config."""
    return site.load().config.partners[name]
