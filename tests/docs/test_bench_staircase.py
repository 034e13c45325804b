"""The bench of the staircase solver runs, and its smallest row agrees with HiGHS. Times are never asserted."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest
from tests.docs.pages import REPOSITORY


def test_both_sides_agree_on_the_smallest_plan() -> None:
    words = [str(REPOSITORY / "bench" / "staircase.py"), "--only", "island", "--json"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(done.stdout)["rows"]
    assert row["work"] == "island, 5 years"
    assert row["agree"] is True
    assert row["ours_worst"] <= 1e-8


def test_hazard_draws_are_what_changed_accounts_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "bench"))
    hazards = importlib.import_module("_draws")
    problem, several, events = hazards.draws(5, seed=3)
    assert {event.kind for drawn in events for event in drawn} == set(hazards.KINDS)
    assert all(hazards.same_as_rebuilt(several.problem(problem, k), events[k]) for k in range(5))
    assert not hazards.same_as_rebuilt(several.problem(problem, 0), events[1])
