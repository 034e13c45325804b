"""The congress's ledger side by side with the plain script that a user would write instead.

    python bench/congress.py                 all rows, a table
    python bench/congress.py --only NAME     the rows whose work holds NAME
    python bench/congress.py --json          one JSON document

Each row has `work`, `ours_s`, `theirs_s`, `ratio` (theirs / ours: above 1 lustrum is quicker) and `agree`: both sides
came to the same last hash, or the same count. Both run in one process, one after the other, on one thread.

verify   ours: `verify_chain`; theirs: a loop over the same rows that hashes each, parses it, and compares it with the
         one before. It checks no signature, no canonical form, no guard, no ballot.
cast     ours: `Ledger.cast`, one connection; theirs: an INSERT and a COMMIT a vote into a plain table with a primary
         key, flushed to the disk as ours is. It seals and signs nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from lustrum.congress.ledger import Ledger, SigningKey, verify_chain

Row = dict[str, object]
Timed = tuple[float, object]


def timed(work: Callable[[], object]) -> Timed:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


# --- verifying --------------------------------------------------------------------------------------


def write_events(path: Path, events: int, each: int) -> None:
    """Write events like those of an assembly, so many to a transaction, and a ballot of 100 open votes."""
    text = "The assembly asks the council to report on repairs before the next session. "
    with Ledger.create(path, SigningKey.generate(), {}) as ledger:
        with ledger.writing() as tx:
            tx.open_ballot("b", secret=False, roll={f"m{k}": 1 for k in range(100)})
        for k in range(100):
            ledger.cast("b", f"m{k}", "yes")
        with ledger.writing() as tx:
            tx.close_ballot("b")
        done = ledger.head.height
        while done < events:
            with ledger.writing() as tx:
                for k in range(min(each, events - done)):
                    tx.append(
                        "motion.submitted/1",
                        {
                            "motion": f"M{done + k}",
                            "mover": f"m{k % 100}",
                            "text": text,
                            "share": 0.125 * k,
                            "rule": {"num": 1, "den": 2, "base": "cast"},
                            "supporters": ["m1", "m2", "m3"],
                        },
                    )
            done += min(each, events - done)


def plain_verify(path: Path) -> str:
    connection = sqlite3.connect(path)
    before = "sha256:" + "0" * 64
    for body, hash_ in connection.execute("SELECT body, hash FROM congress_event ORDER BY height"):
        assert json.loads(body)["previous"] == before
        before = "sha256:" + hashlib.sha256(body.encode()).hexdigest()
        assert before == hash_
    connection.close()
    return before


def verify_row(events: int, each: int, every_signature: bool) -> Callable[[Path], tuple[Timed, Timed]]:
    def row(folder: Path) -> tuple[Timed, Timed]:
        path = folder / "lustrum.db"
        write_events(path, events, each)
        with Ledger.open(path) as ledger:
            head = ledger.head

        def ours() -> object:
            return head.hash if not verify_chain(path, head.anchor, every_signature=every_signature) else "problems"

        return timed(ours), timed(lambda: plain_verify(path))

    return row


# --- casting ----------------------------------------------------------------------------------------


def cast_row(voters: int, secret: bool) -> Callable[[Path], tuple[Timed, Timed]]:
    papers = {f"m{k:05}": ("yes", "no", "abstain")[k % 3] for k in range(voters)}

    def row(folder: Path) -> tuple[Timed, Timed]:
        def ours() -> object:
            for voter, paper in papers.items():
                ledger.cast("b", voter, paper)
            with ledger.writing() as tx:
                return Counter(p for p, _ in tx.close_ballot("b").papers)

        with Ledger.create(folder / "lustrum.db", SigningKey.generate(), {}) as ledger:
            with ledger.writing() as tx:
                tx.open_ballot("b", secret=secret, roll=dict.fromkeys(papers, 1), paper_bytes=64)
            mine = timed(ours)
        return mine, timed(lambda: plain_cast(folder / "plain.db", papers))

    return row


def plain_cast(path: Path, papers: dict[str, str]) -> object:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE vote (voter TEXT PRIMARY KEY, paper TEXT NOT NULL)")
    for voter, paper in papers.items():
        connection.execute("INSERT INTO vote VALUES (?, ?)", (voter, paper))
    found = Counter(dict(connection.execute("SELECT paper, count(*) FROM vote GROUP BY paper")))
    connection.close()
    return found


ROWS = {
    "verify 1,000 events": verify_row(1000, 100, False),
    "verify 100,000 events": verify_row(100_000, 100, False),
    "verify 100,000 events, all of 10,102 signatures": verify_row(100_000, 10, True),
    "cast 5,000 votes, secret": cast_row(5000, True),
    "cast 5,000 votes, open": cast_row(5000, False),
}


def run(name: str) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        (ours, mine), (theirs, other) = ROWS[name](Path(folder))
    return {
        "work": name,
        "ours_s": round(ours, 3),
        "theirs_s": round(theirs, 3),
        "ratio": round(theirs / ours, 2),
        "agree": mine == other,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="rows whose work holds this")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args()
    names = [name for name in ROWS if asked.only in name]
    if not names:
        print(f"no row holds {asked.only!r}; there are: {'; '.join(ROWS)}", file=sys.stderr)
        return 2
    rows = [run(name) for name in names]
    if asked.json:
        print(json.dumps({"rows": rows}, indent=1))
    else:
        print("| work | lustrum, s | instead, s | ratio | agree |\n|---|--:|--:|--:|---|")
        for r in rows:
            print(f"| {r['work']} | {r['ours_s']} | {r['theirs_s']} | {r['ratio']} | {'yes' if r['agree'] else 'NO'} |")
    return 0 if all(r["agree"] for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
