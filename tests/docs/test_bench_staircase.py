"""The bench of the staircase solver runs, and its smallest row agrees with HiGHS. Times are never asserted."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest
from tests.docs.pages import REPOSITORY
from tests.solving.staircase.cases import embedded
from tests.solving.staircase.strict import numpy_namespace

from lustrum.solving.staircase import maximise


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


def test_the_processor_beside_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of --device gpu, with numpy in the place of the card's arrays: they agree, and both are certified."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "bench"))
    device, shared = importlib.import_module("_device"), importlib.import_module("_rows")
    monkeypatch.setattr(device, "card", lambda: "none")
    monkeypatch.setattr(maximise, "namespace", lambda name: numpy_namespace() if name == "gpu" else None)
    row = device.beside("island", embedded("island"), shared.Way(1, 0.0))
    assert row["agree"] is True
    assert row["cpu_status"] == row["gpu_status"] == "optimal"
    assert max(row["cpu_worst"], row["gpu_worst"]) <= 1e-8
    assert "| island | " in device.device_table([row])
