"""The congress of `examples/congress`, played by its script as anyone would; its record checked by a second install."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PLAY = Path(__file__).resolve().parents[2] / "examples" / "congress" / "play.py"


@pytest.mark.slow
def test_a_whole_congress_is_played_published_and_verified_elsewhere(tmp_path: Path) -> None:
    words = ["--economy", "us-2019-16", "--delegates", "60", "--folder", "congress", "--second-install", "shared"]
    done = subprocess.run([sys.executable, PLAY, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    played = json.loads(done.stdout)
    assert played["motions"] == {"adopted": 8, "rejected": 2, "withdrawn": 1, "referred": 1}
    assert played["report"] == played["plan"] == "adopted"
    assert played["amendments"] == 30 and played["amendments_to_amendments"] == 1
    became = played["amendments_became"]
    assert sum(became.values()) == 31 and became["moot"] >= 4 and became["adopted"] >= 10
    assert played["infeasible"] >= 2 and played["excluding_pairs"] >= 8
    assert played["solved_before_vote"] == 31 - became["moot"]
    assert played["committee"] == 25 and played["office_rounds"] == 2
    assert played["organs"] == {
        "audit_commission": 5,
        "bureau": 7,
        "presidium": 3,
        "secretariat": 5,
        "plan_commission": 5,
    }
    assert played["tasks"]["entrusted"] == 16 and played["tasks"]["verified"] >= 3
    assert played["verified"] and played["verified_there"]
    record = (tmp_path / "congress" / "record.md").read_text(encoding="utf-8")
    assert played["certificate"] in record and played["anchor"] in record
    published = json.loads((tmp_path / "congress" / "record.json").read_text(encoding="utf-8"))
    assert published["plans"][0]["plan_id"] == played["plan_id"]
