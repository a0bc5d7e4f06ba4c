"""Flask-WebSub from PyPI as a client: discover, subscribe, verify, receive, unsubscribe."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_websub.subscriber import (
    SQLite3SubscriberStorage,
    SQLite3TempSubscriberStorage,
    Subscriber,
    discover,
)
from hub_at_work import QUIET, HubAtWork
from sites import wait_until
from werkzeug.serving import make_server


@pytest.fixture
def client(tmp_path: Path) -> Iterator[tuple[Flask, Subscriber]]:
    """An app with its subscriber, which serves its callbacks."""
    app = Flask("subscriber")
    subscriber = Subscriber(
        SQLite3SubscriberStorage(str(tmp_path / "subscriptions.sqlite3")),
        SQLite3TempSubscriberStorage(str(tmp_path / "requests.sqlite3")),
    )
    app.register_blueprint(subscriber.build_blueprint(url_prefix="/callbacks"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["SERVER_NAME"] = f"127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, subscriber
    server.shutdown()
    thread.join()


def test_W10_a_client_that_others_wrote(
    our_hub: HubAtWork, client: tuple[Flask, Subscriber]
) -> None:
    app, subscriber = client
    told: list[tuple[str, str]] = []
    news: list[bytes] = []

    @subscriber.add_success_handler  # type: ignore[untyped-decorator]
    def note(topic: str, _: str, mode: str) -> None:
        told.append((mode, topic))

    @subscriber.add_listener  # type: ignore[untyped-decorator]
    def take(_: str, __: str, body: bytes) -> None:
        news.append(body)

    found: dict[str, Any] = discover(our_hub.topic)
    assert found == {"hub_url": our_hub.url, "topic_url": our_hub.topic}
    with app.app_context():
        # It gives away no secret to a hub without https.
        number = subscriber.subscribe(**found, lease_seconds=100_000)
    wait_until(lambda: ("subscribe", our_hub.topic) in told)
    title = our_hub.publish()
    wait_until(lambda: any(title.encode() in body for body in news))
    with app.app_context():
        subscriber.renew(number)
    wait_until(lambda: len(told) == 2 or None)
    with app.app_context():
        subscriber.unsubscribe(number)
    wait_until(lambda: ("unsubscribe", our_hub.topic) in told)
    count, title = len(news), our_hub.publish()
    wait_until(lambda: title in our_hub.get_topic().text)
    threading.Event().wait(QUIET)
    assert len(news) == count
