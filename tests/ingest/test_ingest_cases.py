"""One input file and one expected file a case (R50, F1, F3, F4, F6, F8, F9 in the cases' names)."""

from __future__ import annotations

import pytest
from ingest_cases import describe, list_cases, read_given


@pytest.mark.parametrize("name", list_cases())
def test_case(name: str) -> None:
    path, data, reading, expected = read_given(name)
    found = describe(path, data, reading)
    # The markup is compared where the case states it; the text always is.
    if "content" not in expected:
        found.pop("content", None)
    assert found == expected
