"""Commands over a bucket, and what lies in it."""

from __future__ import annotations

import io
import subprocess
import sys

from PIL import Image
from sites import Site, plain_environment


def picture() -> bytes:
    """Return a small PNG."""
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(data, "PNG")
    return data.getvalue()


def command(site: Site, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ``feedsvc`` on a site; ``more`` are variables of its environment."""
    return subprocess.run(
        [sys.executable, "-m", "feedsvc", *words, "--config", str(site.config)],
        capture_output=True,
        text=True,
        timeout=60,
        env=plain_environment() | more,
        cwd=site.root,
    )
