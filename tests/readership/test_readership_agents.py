"""What User-Agents say: every sample of the reference, forged numbers, and any text at all."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.readership import AGENT_MOST, Agent, parse_agent
from feedsvc.readership.agents import KNOWN_READERS, NAME_MOST, SUBSCRIBERS_MOST

CASES = yaml.safe_load((Path(__file__).parent / "agents.yaml").read_text(encoding="utf-8"))
SAMPLES = Path(__file__).parents[1] / "web" / "agents.yaml"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0][:40])
def test_what_a_user_agent_says(case: list[Any]) -> None:
    text, reader, subscribers, feed_id = case
    assert parse_agent(text) == Agent(reader, subscribers, feed_id)


def test_every_sample_of_the_reference_is_a_case() -> None:
    samples = set(yaml.safe_load(SAMPLES.read_text(encoding="utf-8")))
    known = {case[0]: case[1] for case in CASES}
    assert samples <= known.keys()
    assert {known[one] for one in samples if one} <= KNOWN_READERS


@given(
    st.text(max_size=600)
    | st.text(alphabet="0123456789, subscriber()feed-id:mozilla/", max_size=600)
)
def test_any_text_is_a_bounded_agent(text: str) -> None:
    agent = parse_agent(text)
    assert 0 < len(agent.reader) <= NAME_MOST and agent.reader.isprintable()
    assert agent.reader[0].isalnum() and agent.reader.isascii()
    assert agent.subscribers is None or 0 <= agent.subscribers <= SUBSCRIBERS_MOST
    assert len(agent.feed_id) <= NAME_MOST
    assert agent == parse_agent(text[:AGENT_MOST])


@pytest.mark.parametrize("piece", ["9", "1 ", "1,", "9 subscriber", "feed-id:", "mozilla/5 (", " "])
def test_a_long_text_costs_no_more_than_its_beginning(piece: str) -> None:
    began = time.process_time()
    for number in range(100):
        parse_agent(f"{number}" + piece * (100_000 // len(piece)))
    assert time.process_time() - began < 5  # looked at as a whole, one alone takes longer
