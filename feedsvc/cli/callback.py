"""Trying a callback as the hub would, and saying in plain words how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedsvc.config import Config
from feedsvc.hub import RefusedRequest, name_of, read_request
from feedsvc.model import Representation
from feedsvc.publication import make_feed
from feedsvc.render import FORMATS, write_links
from feedsvc.store import SUBSCRIBE, Check

# The steps in their order. Only a request that is refused is told of.
REQUEST, VERIFICATION, PUSH = "request", "verification", "push"

# What pushes are signed with where no secret was named: nobody checks it, but it stands there.
TRIAL_SECRET = "a secret for trying"  # noqa: S105

# What a failure most likely means, or what to do: by the step (any, if empty) and by words of it;
# the first that fits is told.
_HINTS = (
    (
        "",
        "answered 3",
        "the hub follows no redirect: let subscribers name the URL that it leads to",
    ),
    (
        VERIFICATION,
        "answered 404",
        "nothing is at this URL, or it wants nothing of this topic: name one by --topic for which "
        "it waits",
    ),
    (VERIFICATION, "answered 4", "it refuses: it may not have asked for this topic (--topic)"),
    (
        VERIFICATION,
        "did not answer",
        "the body must be the value of hub.challenge, and nothing around it",
    ),
    (PUSH, "answered 410", "that ends a subscription"),
    (
        PUSH,
        "answered 4",
        "it refuses: it may want another secret (--secret), or a feed of another topic (--topic)",
    ),
    ("", "answered 5", "something broke there: its own log says more"),
    ("", "took too long", "it has 5 seconds to be connected to, and 10 in all"),
    ("", "its host is not known", "this machine's name server does not know it"),
    (
        "",
        "its certificate is not good",
        "it must be valid for this host, with the certificates between it and its authority",
    ),
    (
        "",
        "cannot be connected to",
        "is it running, and does a firewall let us out to it?",
    ),
    ("", "public", "only hub.allow_private: true lets the hub push there, for intranets and tests"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the hub does to a callback; ``why`` it went wrong is empty if it did not.

    ``told`` says what went right, or what to do.
    """

    name: str
    why: str
    told: str


async def try_callback(
    url: str, topic: str, secret: str, config: Config, now: datetime
) -> list[Step]:
    """Do what the hub does at a callback: look at it, ask it with a challenge, push a small feed.

    Return each of these steps, up to the first that went wrong.
    """
    form = {"hub.mode": SUBSCRIBE, "hub.topic": topic, "hub.callback": url, "hub.secret": secret}
    try:
        intent = read_request(form, config)
        shown = _make_small_feed(intent.path, config, now)
    except RefusedRequest as error:
        return [Step(REQUEST, str(error), explain(REQUEST, str(error)))]
    from feedsvc.hub.wire import Wire  # a large library

    steps = []
    check = Check(intent.path, url, SUBSCRIBE, topic, intent.host, now, lease=intent.lease)
    method = config.hub.signature
    async with Wire(config.site.base_url, config.hub.allow_private, method) as wire:
        failed = (await wire.ask(check)).failed
        told = "it answered with the challenge"
        steps.append(Step(VERIFICATION, failed, explain(VERIFICATION, failed) or told))
        if not failed:
            failed = (await wire.push(url, shown, secret.encode(), now)).failed
            signed = f"signed by {method}" if secret else "not signed"
            told = f"it took a feed without entries, {signed}"
            steps.append(Step(PUSH, failed, explain(PUSH, failed) or told))
    return steps


def explain(step: str, failed: str) -> str:
    """Say what to do about a step that failed; empty where nothing is to be said."""
    for of, words, hint in _HINTS:
        if of in ("", step) and words in failed:
            return hint
    return ""


def _make_small_feed(path: str, config: Config, now: datetime) -> Representation:
    """Return a topic as the hub would push it, without entries: no reader shows anything of it.

    Raises RefusedRequest if the topic is no feed.
    """
    name, suffix = name_of(path), path.rpartition(".")[2]
    if not name:
        raise RefusedRequest("the topic must be a feed: a page cannot be pushed without a store")
    form = FORMATS[suffix]
    feed = make_feed(name, (), config, config.site.tag, now.replace(microsecond=0))
    bodies = {"identity": form.render(feed)}
    link = write_links(feed, suffix)
    return Representation(form.content_type, bodies, now, 0, link=link)
