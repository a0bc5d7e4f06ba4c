"""``--log-json``: a running site logs for programs, whatever it is given to do."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sites import Server, Site, article, free_port, plain_environment, serving, wait_until

NASTY = 'A\x1b[2J "line"\u2028end \u202e \U0001f69c'


def events(text: str, event: str = "") -> list[dict[str, Any]]:
    """Return what a log says, each line of which is a JSON object; those of one event, if named."""
    found = [json.loads(line) for line in text.splitlines()]
    for one in found:
        assert list(one)[:5] == ["at", "level", "event", "logger", "process"], one
        age = datetime.now(UTC) - datetime.fromisoformat(one["at"])
        assert one["at"].endswith("Z") and timedelta(0) <= age < timedelta(minutes=10)
    return [one for one in found if event in ("", one["event"])]


def wait_for(server: Server, event: str, count: int = 1) -> list[dict[str, Any]]:
    """Wait until an event was logged so often; return all of it."""
    # A line that is being written may be seen half.
    wait_until(lambda: server.log.endswith("\n") and len(events(server.log, event)) >= count)
    return events(server.log, event)


def run(site: Site, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "feedsvc", *words, "--config", str(site.config)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**plain_environment(), **environment},
        check=False,
    )


def figures(server: Server) -> dict[str, float]:
    answer = server.get("/metrics")
    assert answer.status == 200
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_day_of_a_site(site: Site) -> None:
    """Every line is JSON, from the first scan to the end; nothing stands on standard output."""
    site.write("politics/a.md", article(NASTY))
    with serving(site, "--log-json", workers=2) as server:
        (first,) = events(server.log, "article new")
        assert first["title"].startswith("A") and first["path"] == "politics/a.md"
        (serving_line,) = wait_for(server, "serving")
        assert serving_line["address"] == f"http://127.0.0.1:{server.port}"

        site.write("sports/\x1b[31mb\n.md", article("Dropped", date="2026-01-02"))
        wait_for(server, "article new", 2)
        dropped = events(server.log, "article new")[1]
        assert dropped["sections"] == ["sports"] and dropped["why"] == "folder sports/"
        assert (dropped["published"], dropped["dated_by"]) == (
            "2026-01-02T00:00:00.000Z",
            "front matter date",
        )
        assert dropped["path"] == "sports/\x1b[31mb\n.md"

        good = site.config.read_text()
        site.config.write_text(good + "feeds:\n  itmes: 3\n")
        (refused,) = wait_for(server, "config refused")
        assert (refused["file"], refused["key"]) == ("config.yaml", "feeds.itmes")
        assert (refused["line"], refused["level"]) == (good.count("\n") + 2, "error")
        wait_until(lambda: "feeds.itmes" in server.get("/readyz").text)
        site.config.write_text(good + "  health: Health\n")
        wait_for(server, "config taken")
        wait_until(lambda: json.loads(server.get("/readyz").body)["details"] == [])

        wait_until(lambda: figures(server)["feedsvc_articles_total new"] == 2)
        wait_until(lambda: "feedsvc_entries health" in figures(server))
        same = figures(server)
        assert all(figures(server) == same for _ in range(20))  # two workers take turns
        assert same["feedsvc_problems config"] == 0 and same["feedsvc_entries sports"] == 1
        assert server.stop() == 0
    assert server.log.isascii()
    assert {one["level"] for one in events(server.log)} == {"info", "error"}


def test_workers_log_in_the_same_form(site: Site) -> None:
    """The choice reaches the processes that serve starts."""
    site.configure("hub: {urls: ['https://hub.example/']}\n")  # odd: nobody tells it anything
    site.write("politics/a.md", article("A"))
    site.scan()
    with (
        serving(site, role="web", workers=1) as plain,
        serving(site, "--log-json", role="web") as ours,
    ):
        site.store.rename(site.store.with_suffix(".gone"))
        wait_until(lambda: "serving what was published before" in plain.log)
        wait_until(lambda: "serving what was published before" in ours.log)
        (odd,) = events(ours.log, "config warning")
        assert (odd["key"], odd["level"]) == ("hub.urls", "warning") and odd["line"] > 10
        lines = [one for one in events(ours.log) if one["level"] == "error"]
        assert lines[0]["logger"] == "feedsvc.web.site"
        assert lines[0]["process"] != ours.process.pid
        (line,) = [one for one in plain.log.splitlines() if "published before" in one]
        assert line[8:15] == " error "


def test_for_people_it_is_a_line_each(site: Site) -> None:
    """And nothing raw: neither a title nor a file's name can forge or colour a line."""
    with serving(site) as server:
        site.write("politics/\x1b[31ma\n12:00:00 forged.md", article(NASTY))
        wait_until(lambda: "article new" in server.log)
        site.write("politics/bad.md", "---\ntitle: [\n---\n")
        wait_until(lambda: "warning article refused" in server.log)
        log = server.log
    (line,) = [one for one in log.split("\n") if "article new" in one]
    assert 'path="politics/\\x1b[31ma\\n12:00:00 forged.md"' in line
    assert " sections=politics why=" in line and " dated_by=" in line
    assert "\x1b" not in log and not any(
        one.startswith("12:00:00 forged") for one in log.split("\n")
    )


@pytest.mark.parametrize("how", ["option", "environment"])
def test_scan(site: Site, how: str) -> None:
    """A scan from a timer logs its decisions; what it prints stays what it was."""
    site.write("politics/a.md", article(NASTY))
    site.write("b.md", "---\ntitle: [\n---\n")
    result = (
        run(site, "scan", "--json", "--log-json")
        if how == "option"
        else run(site, "scan", "--json", FEEDSVC_LOG="json")
    )
    assert result.returncode == 1 and json.loads(result.stdout)["new"] == ["politics/a.md"]
    found = [one["event"] for one in events(result.stderr)]
    assert found == ["article refused", "article new", "published"]
    quiet = run(site, "scan", "--json")
    assert (quiet.returncode, quiet.stderr) == (1, "")


def test_what_ends_at_once_is_json_too(site: Site) -> None:
    """A config with faults, each with line and key; another trouble; a form that is none."""
    good = site.config.read_text()
    site.config.write_text(good + "feeds:\n  itmes: 3\n  max_age: soon\n")
    result = run(site, "serve", "--log-json", "--port", str(free_port()))
    faults = events(result.stderr, "config refused")
    assert (result.returncode, result.stdout, len(faults)) == (2, "", 2)
    last = site.config.read_text().count("\n")
    assert [(one["line"], one["key"]) for one in faults] == [
        (last - 1, "feeds.itmes"),
        (last, "feeds.max_age"),
    ]
    site.config.write_text(good)
    site.content.rmdir()
    result = run(site, "serve", "--port", str(free_port()), FEEDSVC_LOG="json")
    (line,) = events(result.stderr)
    assert result.returncode == 2 and "content.folder" in line["why"]
    result = run(site, "serve", FEEDSVC_LOG="yaml")
    assert (result.returncode, result.stderr) == (
        2,
        'feedsvc: FEEDSVC_LOG is "yaml": write json, or leave it out\n',
    )
