"""Flask-WebSub, the client that Python sites use, follows a site of ours for real."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from flask_websub.subscriber import (
    SQLite3SubscriberStorage,
    SQLite3TempSubscriberStorage,
    Subscriber,
    discover,
)
from hubs import OurHub, serving_hub
from sites import FORMATS, free_port, wait_until
from werkzeug.serving import make_server

# The section that each way to discover a topic follows.
SECTIONS = "".join(f"  {name}: Section {name}\n" for name in ("from-xml", "from-atom", "from-json"))


@dataclass(slots=True)
class Client:
    """An application with Flask-WebSub's subscriber in it, and what it has heard."""

    app: Flask
    subscriber: Subscriber
    confirmed: list[tuple[str, str, str]] = field(default_factory=list)
    received: list[tuple[str, str, bytes]] = field(default_factory=list)
    denied: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.subscriber.add_success_handler(lambda *said: self.confirmed.append(said))
        self.subscriber.add_listener(lambda *said: self.received.append(said))
        self.subscriber.add_error_handler(lambda *said: self.denied.append(said))

    def subscribe(self, topic: str, hub: str) -> str:
        """Ask for a topic, as a view of the application would."""
        with self.app.test_request_context(base_url=self.app.config["BASE"]):
            return str(self.subscriber.subscribe(topic_url=topic, hub_url=hub))

    def renew(self, number: str) -> None:
        """Ask for what one has again."""
        with self.app.test_request_context(base_url=self.app.config["BASE"]):
            self.subscriber.renew(number)

    def unsubscribe(self, number: str) -> None:
        """Ask to be left alone."""
        with self.app.test_request_context(base_url=self.app.config["BASE"]):
            self.subscriber.unsubscribe(number)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurHub]:
    """A site with its own hub."""
    with serving_hub(tmp_path_factory.mktemp("flask-websub") / "site", SECTIONS) as hub:
        yield hub


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """An application that listens on loopback."""
    app, port = Flask("client"), free_port()
    app.config["BASE"] = f"http://127.0.0.1:{port}"
    made = Client(
        app,
        Subscriber(
            SQLite3SubscriberStorage(str(tmp_path / "kept.db")),
            SQLite3TempSubscriberStorage(str(tmp_path / "asked.db")),
        ),
    )
    app.register_blueprint(made.subscriber.build_blueprint(url_prefix="/callbacks"))
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("suffix", FORMATS)
def test_W10_a_real_client_comes_is_told_and_leaves(
    site: OurHub, client: Client, suffix: str
) -> None:
    """It discovers, subscribes, confirms, receives, renews, receives once, and leaves."""
    name = f"from-{suffix}"
    topic = site.topic(name, suffix)
    found = discover(f"{topic}?from=somebody", timeout=10)
    assert found == {"hub_url": site.url, "topic_url": topic}

    number = client.subscribe(found["topic_url"], found["hub_url"])
    wait_until(lambda: client.confirmed == [(topic, number, "subscribe")])
    wait_until(lambda: _counted(site, topic) == 1)

    first = site.publish(name)
    wait_until(lambda: client.received)
    site.settle()
    ((said_topic, said_number, body),) = client.received
    assert (said_topic, said_number) == (topic, number)
    assert first in body.decode()
    assert body == site.server.get(f"/feeds/{name}.{suffix}").body

    client.renew(number)
    wait_until(lambda: len(client.confirmed) == 2)
    second = site.publish(name)
    wait_until(lambda: len(client.received) == 2)
    assert second in client.received[-1][2].decode()

    client.unsubscribe(number)
    wait_until(lambda: client.confirmed[2:] == [(topic, number, "unsubscribe")])
    wait_until(lambda: not _counted(site, topic))
    site.publish(name)
    site.settle()
    assert len(client.received) == 2
    assert not client.denied


def test_W3_a_real_client_discovers_the_front_page(site: OurHub, client: Client) -> None:
    home = f"{site.site.base_url}/"
    found = discover(home, timeout=10)
    assert found == {"hub_url": site.url, "topic_url": home}
    number = client.subscribe(found["topic_url"], found["hub_url"])
    wait_until(lambda: client.confirmed == [(home, number, "subscribe")])
    wait_until(lambda: _counted(site, home) == 1)
    title = site.publish("politics")
    wait_until(lambda: any(title in body.decode() for _, _, body in client.received))


def test_H25_a_real_client_hears_a_denial(site: OurHub, client: Client) -> None:
    topic = site.topic("sports")
    number = client.subscribe(topic, site.url)
    wait_until(lambda: client.confirmed == [(topic, number, "subscribe")])
    wait_until(lambda: _counted(site, topic) == 1)
    config = site.site.config.read_text(encoding="utf-8")
    config = config.replace("  sports: Sports\n", "") + "removed: [sports]\n"
    site.site.config.write_text(config, encoding="utf-8")
    told_topic, told_number, reason = wait_until(lambda: client.denied)[0]
    assert (told_topic, told_number) == (topic, number)
    assert reason and reason != "denied"


def _counted(site: OurHub, topic: str) -> int:
    """Return how many subscriptions there are to a topic."""
    return len(site.ask_store("SELECT 1 FROM subscriptions WHERE topic = :topic", topic=topic))
