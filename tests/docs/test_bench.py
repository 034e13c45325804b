"""The bench runs, and both sides of its smallest rows come to the same optimum. Times are never asserted."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.docs.pages import REPOSITORY

SCRIPT = REPOSITORY / "bench" / "planning.py"


def _bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("name", ["linprog: island, 5 years", "plain HiGHS: island, 5 years"])
def test_both_sides_agree_on_the_smallest_plan(name: str) -> None:
    done = _bench("--only", name, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(done.stdout)["rows"]
    assert row["work"] == name
    assert row["agree"] is True
    assert set(row) == {"work", "ours_s", "theirs_s", "ratio", "agree"}


def test_an_unknown_row_is_refused_with_the_known_ones() -> None:
    done = _bench("--only", "no such row")
    assert done.returncode == 2
    assert "plain HiGHS: island, 5 years" in done.stderr


def test_the_table_of_the_readme_has_every_row() -> None:
    text = (SCRIPT.parent / "README.md").read_text(encoding="utf-8").split("\n## planning.py")[1].split("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.endswith("| yes |")]
    refused = _bench("--only", "no such row").stderr
    assert len(rows) == 12
    assert all(row in " ".join(refused.split()) for row in rows)
