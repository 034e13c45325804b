"""The small house of `house.py`, for every test of the congress."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.congress.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Nine members in session."""
    made = House(tmp_path)
    yield made
    made.congress.close()
