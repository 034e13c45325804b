"""The bench of scenarios runs, and both sides of its quickest row agree. Times are never asserted."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.docs.pages import REPOSITORY

SCRIPT = REPOSITORY / "bench" / "scenario.py"


def _bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words], capture_output=True, text=True, timeout=120, check=False
    )


def test_both_sides_agree_on_one_question() -> None:
    done = _bench("--only", "what if", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(done.stdout)["rows"]
    assert row["work"].startswith("what if: labour") and row["agree"] is True
    assert set(row) == {"work", "ours_s", "theirs_s", "ratio", "agree"}


def test_the_table_of_the_readme_has_every_row() -> None:
    text = (SCRIPT.parent / "README.md").read_text(encoding="utf-8").split("\n## scenario.py")[1].split("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.endswith("| yes |")]
    refused = _bench("--only", "no such row")
    assert refused.returncode == 2 and len(rows) == 4
    assert all(row in refused.stderr for row in rows)
