"""No password is told, wherever in a URL it stands."""

from __future__ import annotations

import pytest
from postgres import Server
from sites import Site

from feedsvc.doctor import examine_site
from feedsvc.errors import StoreError
from feedsvc.service import read_clock
from feedsvc.store import Store, name_place
from feedsvc.store.naming import show_url

AT = "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://u:hush@h/d", "postgresql+psycopg://u:***@h/d"),
        (f"{AT}?password=hush", f"{AT}?password=***"),
        (f"{AT}?sslmode=require&sslpassword=hush", f"{AT}?sslmode=require&sslpassword=***"),
        (f"{AT}?oauth_client_secret=hush", f"{AT}?oauth_client_secret=***"),
        (f"{AT}?PassWord=hush&passwd=hush", f"{AT}?PassWord=***&passwd=***"),
        (f"{AT}?password=hush&password=hush2", f"{AT}?password=***"),
        (f"{AT}?passfile=/etc/pass", f"{AT}?passfile=%2Fetc%2Fpass"),
        (f"{AT}?options=-csearch_path%3Da", f"{AT}?options=-csearch_path%3Da"),
        ("sqlite:///var/feedsvc.db", "sqlite:///var/feedsvc.db"),
    ],
)
def test_what_is_shown(url: str, shown: str) -> None:
    assert show_url(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@h/d?password=hush",
        "mysql://u@h/d?password=hush",
        "sqlite:///a.db?password=hush",
        "postgresql+psycopg://u@127.0.0.1:9/d?password=hush&connect_timeout=2",
    ],
)
def test_no_fault_tells_it(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store(url).migrate()
    assert "hush" not in str(caught.value) and "password=***" in str(caught.value)


def test_the_doctor_does_not_tell_it(site: Site, postgres: Server) -> None:
    url = f"{postgres.make_database()}?password=hush"
    site.store_url = url
    site.configure()
    site.scan()
    found = examine_site(site.config, {}, read_clock)
    told = " ".join(f"{one.what} {one.fix}" for one in found)
    assert "password=***" in told and "hush" not in told
    assert name_place(url).endswith("?password=***")
