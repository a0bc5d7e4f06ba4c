"""What the desks of these tests show: a password, and a site with something of each kind."""

from __future__ import annotations

from sites import Site, article

PASSWORD = "correct horse, battery & stæple"

SECTIONS = """\
  money:
    title: Money
    match: {keywords: [bank, shares, profit, loan]}
  health:
    title: Health
    match: {keywords: [hospital, doctor, nurse, vaccine]}
"""


def fill(site: Site) -> None:
    """Give a site articles of each kind that the desk tells of."""
    site.configure(SECTIONS)
    site.write("politics/vote.md", article("The vote", date="2026-01-03", author="Ann Lee"))
    site.write("politics/recount.md", article("The recount", date="2026-01-04"))
    site.write("sports/final.md", article('A "final" <3 & more', date="2026-01-05"))
    site.write("odd.md", article("A shed burned down", "Nobody was hurt.", date="2026-01-06"))
    scraped = "Nurses strike\n\nSHARE THIS\n\nThe hospital said that every doctor and nurse came.\n"
    site.write("nurses.txt", scraped)
    site.write("broken.md", b"---\ntitle: [unclosed\n---\n\xff\xfe\x00\x01")
