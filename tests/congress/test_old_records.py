"""A ledger and a record that version 02003b2 wrote (`old/make.py`) are read, verified and published the same."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from tests.cli.congress.conftest import congress, done

DAY = ("--day", "2030-01-01")


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The old files, in the current folder."""
    with zipfile.ZipFile(Path(__file__).parent / "old" / "house.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "lustrum.key").chmod(0o600)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_old_ledger_and_an_old_record_verify(old: Path) -> None:
    for words in ((), ("ledger.json",)):
        assert done("verify", *words) == {"ok": True, "head": done("show")["head"], "problems": []}


def test_an_old_ledger_is_exported_and_published_byte_for_byte(old: Path) -> None:
    done("export", "again.json")
    assert (old / "again.json").read_bytes() == (old / "ledger.json").read_bytes()
    for form, name in (("json", "record.json"), ("markdown", "record.md")):
        done("publish", "--format", form, "-o", f"again-{name}", *DAY)
        assert (old / f"again-{name}").read_bytes() == (old / name).read_bytes()


def test_an_old_record_is_imported_and_publishes_the_same(old: Path) -> None:
    done("import", "ledger.json", "--workspace", "copy")
    assert done("publish", *DAY, "--workspace", "copy") == json.loads((old / "record.json").read_text(encoding="utf-8"))


def test_it_holds_nearly_every_kind_of_event_and_is_written_on(old: Path) -> None:
    kinds = {e["kind"] for e in done("log")["events"]}
    assert len(kinds) == 49
    state = done("publish", *DAY)
    assert {b["status"] for b in state["ballots"].values()} == {"certified", "void"}
    assert state["motions"]["b2"]["consequences"]["result"]["feasible"] is False
    assert done("task", "register", *DAY)["register"] == state["execution"]
    assert "Fulfilled twice." in congress("document", "show", "report").stdout
    done("session", "convene", "Second session", "--id", "s2")
    done("motion", "carry", "elsewhere", "s2")
    assert done("verify")["ok"]
