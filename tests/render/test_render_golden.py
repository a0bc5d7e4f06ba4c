"""Same value in, same bytes out: the golden files, and other processes, locales and zones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from render_samples import START, make_feed, make_full_feed

from feedsvc.render import FORMATS, render_opml

HERE = Path(__file__).parent
DIGEST = """
import hashlib, locale, sys
sys.path.insert(0, sys.argv[1])
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
from render_samples import make_full_feed
from feedsvc.render import FORMATS
for one in FORMATS.values():
    print(hashlib.sha256(one.render(make_full_feed())).hexdigest())
"""


@pytest.mark.parametrize("suffix", FORMATS)
def test_r10_f12_the_bytes_are_those_of_the_golden_file(suffix: str) -> None:
    """Delete a golden file and run the test with UPDATE_GOLDEN=1 to write it anew."""
    hold_against(f"city.{suffix}", FORMATS[suffix].render(make_full_feed()))


def test_r10_f12_opml_is_the_golden_file() -> None:
    hold_against("feeds.opml", render_opml("The Paper", [make_full_feed(), make_feed()], START))


def hold_against(name: str, document: bytes) -> None:
    golden = HERE / "golden" / name
    if os.environ.get("UPDATE_GOLDEN") and not golden.exists():
        golden.write_bytes(document)
    assert document == golden.read_bytes()


def test_r10_f9_f12_f15_the_same_bytes_in_any_process_locale_and_zone() -> None:
    outputs = set()
    for zone, language, seed in [
        ("UTC", "C", "0"),
        ("Asia/Kathmandu", "de_DE.UTF-8", "7"),
        ("America/St_Johns", "C.UTF-8", "99"),
    ]:
        environment = os.environ | {"TZ": zone, "LC_ALL": language, "PYTHONHASHSEED": seed}
        outputs.add(
            subprocess.run(
                [sys.executable, "-c", DIGEST, str(HERE)],
                env=environment,
                cwd=HERE.parents[1],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
    assert len(outputs) == 1
    assert len(outputs.pop().split()) == len(FORMATS)


def test_r11_f13_a_change_shows_in_every_format() -> None:
    feed, other = make_full_feed(), make_feed(*make_full_feed().entries, description="Otherwise")
    for one in FORMATS.values():
        assert one.render(feed) != one.render(other)
