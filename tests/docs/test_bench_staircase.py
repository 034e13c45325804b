"""The bench of the staircase solver runs, and its smallest row agrees with HiGHS. Times are never asserted."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.docs.pages import REPOSITORY


def test_both_sides_agree_on_the_smallest_plan() -> None:
    words = [str(REPOSITORY / "bench" / "staircase.py"), "--only", "island", "--json"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(done.stdout)["rows"]
    assert row["work"] == "island, 5 years"
    assert row["agree"] is True
    assert row["ours_worst"] <= 1e-8
