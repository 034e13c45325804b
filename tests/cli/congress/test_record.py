"""The record leaves the house: published, exported, imported, copied, verified; and what was spoilt is found."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

from tests.cli.congress.conftest import all_say, congress, debated, decided, done


def test_the_record_is_published_exported_and_verified_elsewhere(house: Path) -> None:
    decided(debated("motion", "draft", "s1", "Shorter terms", "--by", "c1", motion="m"), all_say("yes"))
    anchor = done("session", "close", "s1")["anchor"]
    done("publish", "-o", "record.md")
    assert anchor in (house / "record.md").read_text(encoding="utf-8")
    assert congress("publish").stdout == (house / "record.md").read_text(encoding="utf-8")
    done("publish", "--format", "json", "-o", "record.json")
    record = json.loads((house / "record.json").read_text(encoding="utf-8"))
    assert record == done("publish") and record["motions"]["m"]["status"] == "adopted"
    done("export", "ledger.json")
    found = done("verify", "ledger.json", "--anchor", anchor)
    assert found == {"ok": True, "head": done("show")["head"], "problems": []}
    done("import", "ledger.json", "--workspace", "elsewhere")
    assert done("verify", "--workspace", "elsewhere", "--anchor", anchor, "--public-key", done("show")["public_key"])[
        "ok"
    ]
    assert congress("publish", "--workspace", "elsewhere").stdout == congress("publish").stdout
    done("backup", "copy.db")
    assert done("verify", "copy.db")["ok"]
    assert "Verified" in congress("verify").stdout


def test_what_was_spoilt_is_found_with_exit_code_1(house: Path) -> None:
    decided(debated("motion", "draft", "s1", "Shorter terms", "--by", "c1", motion="m"), all_say("yes"))
    done("export", "ledger.json")
    text = (house / "ledger.json").read_text(encoding="utf-8").replace("Shorter terms", "Longer terms")
    (house / "spoilt.json").write_text(text, encoding="utf-8")
    found = done("verify", "spoilt.json", exit_code=1)
    assert not found["ok"] and any(p["event"] for p in found["problems"])
    assert "Not verified" in congress("verify", "spoilt.json").stdout
    assert congress("import", "spoilt.json", "--workspace", "elsewhere").exit_code == 1
    with sqlite3.connect("lustrum.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE congress_event SET body = replace(body, 'Shorter', 'Longer')")
    assert not done("verify", exit_code=1)["ok"]


def test_without_the_key_it_can_be_read_and_not_written(house: Path) -> None:
    shutil.move("lustrum.key", "safe.key")
    assert done("show")["name"] == "House" and done("verify")["ok"]
    refused = congress("agenda", "place", "s1", "Report")
    assert refused.exit_code == 2 and "the signing key is not there" in refused.stderr
    done("agenda", "place", "s1", "Report", "--key", "safe.key")
