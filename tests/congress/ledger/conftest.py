"""A ledger with one closed secret ballot, one closed open ballot, one void and one of each still open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lustrum.congress.ledger import Ledger, SigningKey


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture(scope="session")
def session_ledger(tmp_path_factory: pytest.TempPathFactory, key: SigningKey) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "lustrum.db"
    equal = {f"m{k:02}": 1 for k in range(20)}
    weighted = {f"m{k:02}": k + 1 for k in range(20)}
    with Ledger.create(path, key, {"name": "an assembly"}) as ledger:
        with ledger.writing() as tx:
            tx.append("motion.submitted/1", {"motion": "M1", "rule": {"num": 1, "den": 2}})
        for name, secret in (("secret", True), ("open", False), ("void", True)):
            with ledger.writing() as tx:
                tx.open_ballot(name, secret=secret, roll=equal if secret else weighted, paper_bytes=64)
            for k in range(15):
                ledger.cast(name, f"m{k:02}", ["yes", "no", "abstain"][k % 3])
            with ledger.writing() as tx:
                if name == "void":
                    tx.void_ballot(name)
                else:
                    tx.close_ballot(name)
                tx.append("ballot.ended/1", {"ballot": name})
        with ledger.writing() as tx:
            tx.open_ballot("secret, open", secret=True, roll=equal, paper_bytes=64)
            tx.open_ballot("open, open", secret=False, roll=weighted)
        for k in range(5):
            ledger.cast("secret, open", f"m{k:02}", "yes")
            ledger.cast("open, open", f"m{k:02}", "yes")
    return path


@pytest.fixture
def ledger_file(session_ledger: Path, tmp_path: Path) -> Path:
    """A copy of the ledger, with the urn's key of the ballot that is open."""
    for file in session_ledger.parent.iterdir():
        shutil.copy(file, tmp_path / file.name)
    return tmp_path / session_ledger.name
