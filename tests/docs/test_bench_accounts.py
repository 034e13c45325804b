"""The bench of accounts runs, and both sides come to the same figure. Times are never asserted."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.docs.pages import REPOSITORY

SCRIPT = REPOSITORY / "bench" / "accounts.py"
NAME = "multipliers, 2,000 sectors: pymrio calc_L"


def _bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words], capture_output=True, text=True, timeout=120, check=False
    )


def test_both_sides_agree_on_multipliers() -> None:
    done = _bench("--only", NAME, "--runs", "1", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(done.stdout)["rows"]
    assert row["work"] == NAME and row["agree"] is True
    assert set(row) == {"work", "ours_s", "theirs_s", "ratio", "ours_mb", "theirs_mb", "agree"}


def test_the_table_of_the_readme_has_every_row() -> None:
    text = (SCRIPT.parent / "README.md").read_text(encoding="utf-8").split("\n## accounts.py")[1].split("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.endswith("| yes |")]
    names = " ".join(_bench("--only", "no such row").stderr.split()).split("there are: ")[1].split("; ")
    assert len(rows) == len(names)
    assert {n for n in names if n.startswith("multipliers")} <= set(rows)
