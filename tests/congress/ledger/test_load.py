"""A whole assembly votes at once: 5,000 mandates over 50 connections, some twice, some late."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from lustrum.congress.ledger import Ledger, SigningKey, verify_chain
from lustrum.errors import Refused

CONNECTIONS = 50


@pytest.mark.slow
@pytest.mark.parametrize(("secret", "voters"), [(True, 5000), (False, 500)], ids=["secret", "open"])
def test_a_whole_assembly_votes_within_a_minute(tmp_path: Path, key: SigningKey, secret: bool, voters: int) -> None:
    path = tmp_path / "lustrum.db"
    names = [f"m{k:05}" for k in range(voters)]
    rng = random.Random(7)
    paper = {name: rng.choice(["yes", "no", "abstain"]) for name in names}
    late = set(names[-voters // 50 :])
    turns = [name for name in names if name not in late]
    turns += rng.sample(turns, voters // 10)  # a tenth tries again, over any connection, perhaps at the same time
    rng.shuffle(turns)
    taken: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    together = threading.Barrier(CONNECTIONS)
    with Ledger.create(path, key, {}) as ledger:
        with ledger.writing() as tx:
            tx.open_ballot("b", secret=secret, roll=dict.fromkeys(names, 1), paper_bytes=64)

        def connection(k: int) -> None:
            with Ledger.open(path, key) as mine:
                together.wait()
                for name in turns[k::CONNECTIONS]:
                    try:
                        mine.cast("b", name, paper[name])
                        taken[name] += 1
                    except Refused:
                        refused[name] += 1

        threads = [threading.Thread(target=connection, args=(k,)) for k in range(CONNECTIONS)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        with ledger.writing() as tx:
            urn = tx.close_ballot("b")
        for name in late:
            with pytest.raises(Refused, match="has ended"):
                ledger.cast("b", name, paper[name])
    assert took < 60
    on_time = [name for name in names if name not in late]
    assert taken == Counter(on_time) and sum(refused.values()) == voters // 10
    assert urn.voters == tuple(on_time)
    assert Counter(p for p, _ in urn.papers) == Counter(paper[name] for name in on_time)
    assert verify_chain(path) == []


def test_a_vote_is_on_the_disk_before_it_is_acknowledged(tmp_path: Path, key: SigningKey) -> None:
    """In the write-ahead log this is `synchronous = FULL`: every commit is flushed."""
    with Ledger.create(tmp_path / "lustrum.db", key, {}) as ledger:
        connection: sqlite3.Connection = ledger._connection
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)
