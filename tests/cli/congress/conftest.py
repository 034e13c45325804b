"""A house of nine in session, on the island's accounts, made once; and commands run in a copy of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.congress.house import statute

from lustrum.cli import cli

Step = Callable[..., Any]


def congress(*args: str | Path) -> Result:
    """Run a command of the congress in the current folder."""
    return CliRunner().invoke(cli, ["congress", *map(str, args)])


def done(*args: str | Path, exit_code: int = 0) -> Any:
    """Run a command with --json; return its document, which is all that is on stdout."""
    result = congress(*args, "--json")
    assert result.exit_code == exit_code, f"{args}\n{result.output}"
    return json.loads(result.stdout)


@pytest.fixture(scope="session")
def house_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house") / "island"
    assert CliRunner().invoke(cli, ["new", str(folder), "--economy", "island"]).exit_code == 0
    (folder / "statute.md").write_text(statute(), encoding="utf-8")
    rows = [f"Member {k},p{k},c{k},Street {k % 3},{'north' if k % 2 else 'south'}" for k in range(1, 10)]
    (folder / "roll.csv").write_text("\n".join(["name,person,credential,delegation,region", *rows]), encoding="utf-8")
    where = ("--workspace", folder)
    done("new", "House", "--statute", folder / "statute.md", *where)
    done("credential", "import", folder / "roll.csv", "--accredit", *where)
    done("session", "convene", "First session", "--date", "2026-03-02", "--id", "s1", *where)
    done("session", "accredit", "s1", *where)
    done("presence", "arrive", "s1", "--all", *where)
    done("session", "open", "s1", *where)
    return folder


@pytest.fixture
def house(house_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The house in session, in the current folder."""
    folder = Path(shutil.copytree(house_once, tmp_path / "island"))
    monkeypatch.chdir(folder)
    return folder


def debated(*words: str, motion: str) -> str:
    """Draft a motion or amendment by a command, and bring it to debate."""
    done(*words, "--id", motion)
    for step in ("submit", "admit", "debate"):
        done("motion", step, motion)
    return motion


def decided(matter: str, votes: dict[str, str], kind: str = "--motion") -> dict[str, Any]:
    """Hold a ballot to its certified end; return its effects."""
    ballot = done("ballot", "prepare", kind, matter, "--open")["ballot"]
    for voter, paper in votes.items():
        done("ballot", "cast", ballot, voter, paper)
    done("ballot", "close", ballot)
    done("ballot", "count", ballot)
    effects: dict[str, Any] = done("ballot", "certify", ballot, "--by", "The teller")["effects"]
    return effects


def all_say(word: str) -> dict[str, str]:
    """The same vote of everyone."""
    return {f"c{k}": word for k in range(1, 10)}
