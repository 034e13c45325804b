"""Who holds every file of a secret ballot, from before, during and after it, links no voter to a paper.

The analyst here has the database, its write-ahead log, a copy of both and a backup after each of the first 40 votes,
the last backup and the export. He does not have the key of the urn, which is gone, and was not the machine's keeper
while it voted.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from lustrum.congress.ledger import Ledger, SigningKey, backup, export_record, save_record, verify_chain

VOTERS = 300
MARK = re.compile(rb"paper-[0-9a-f]{12}")


@dataclass
class Seen:
    """What the analyst has, and, to judge him by, the truth."""

    folder: Path
    urn_key: bytes
    cast: list[tuple[str, str]]  # voter and mark of the paper, in the order of casting
    during: list[list[Path]]  # after each vote: database, log, backup

    @property
    def after(self) -> list[Path]:
        return [self.folder / name for name in ("lustrum.db", "lustrum.db-wal", "last.db", "record.json")]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, key: SigningKey) -> Seen:
    folder = tmp_path_factory.mktemp("secret")
    path, rng = folder / "lustrum.db", random.Random(3)
    voters = [f"mandate-{k:03}" for k in range(VOTERS)]
    # papers of many sizes, each with a mark of its own, as if every voter had written something in
    papers = {v: ["x" * rng.randrange(60), f"paper-{rng.randbytes(6).hex()}"] for v in voters}
    turns = rng.sample(voters, VOTERS - 20)
    during = []
    with Ledger.create(path, key, {}) as ledger:
        with ledger.writing() as tx:
            tx.open_ballot("b", secret=True, roll=dict.fromkeys(voters, 1), paper_bytes=128)
        (urn_key,) = folder.glob("*.key")
        content = bytes.fromhex(urn_key.read_text())
        for k, voter in enumerate(turns):
            ledger.cast("b", voter, papers[voter])
            files = [folder / f"{k}.db", folder / f"{k}.db-wal", folder / f"{k}.backup"]
            if k < 40:
                shutil.copy(path, files[0])
                shutil.copy(f"{path}-wal", files[1])
                backup(path, files[2])
                during.append(files)
        with ledger.writing() as tx:
            tx.close_ballot("b")
        shutil.copy(f"{path}-wal", folder / "log")
        backup(path, folder / "last.db")
        save_record(path, folder / "record.json")
    assert verify_chain(path) == []
    shutil.copy(folder / "log", f"{path}-wal")
    return Seen(folder, content, [(v, papers[v][1]) for v in turns], during)


def marks(file: Path) -> list[str]:
    """Return the papers of a file in the order of their bytes."""
    return [m.decode() for m in MARK.findall(file.read_bytes())]


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(file)
    out = connection.execute(query).fetchall()
    connection.close()
    return out


def test_no_paper_can_be_read_before_the_close(seen: Seen) -> None:
    for files in seen.during:
        for file in files:
            assert marks(file) == [] and b"paper-" not in file.read_bytes()


def test_the_key_of_the_urn_is_in_none_of_the_files(seen: Seen) -> None:
    assert not list(seen.folder.glob("*.key"))
    for file in [*seen.after, *(f for files in seen.during for f in files)]:
        content = file.read_bytes()
        assert seen.urn_key not in content and seen.urn_key.hex().encode() not in content


def test_two_backups_around_one_vote_show_a_voter_and_a_box_like_every_other(seen: Seen) -> None:
    """This much they do show, and it is said in the docs: that he voted between them, not what."""
    before, after = seen.during[7][2], seen.during[8][2]
    voted = "SELECT voter FROM congress_roll WHERE receipt <> zeroblob(64)"
    boxes = "SELECT length(name), length(box), length(signature) FROM congress_box"
    assert set(rows(after, voted)) - set(rows(before, voted)) == {(seen.cast[8][0],)}
    assert set(rows(after, boxes)) == {(32, 32 + 128 + 16, 64)} and len(rows(after, boxes)) == 9


def test_nothing_of_the_boxes_is_left_after_the_close(seen: Seen) -> None:
    boxes = [box for (box,) in rows(seen.during[-1][2], "SELECT box FROM congress_box")]
    assert len(boxes) == 40 and all(isinstance(box, bytes) for box in boxes)
    for file in seen.after:
        content = file.read_bytes()
        assert not any(isinstance(box, bytes) and box[:16] in content for box in boxes)


def test_the_log_is_cut_at_the_close(seen: Seen) -> None:
    assert (seen.folder / "log").stat().st_size == 0


def test_the_chain_holds_nothing_between_opening_and_close(seen: Seen) -> None:
    record = json.loads((seen.folder / "record.json").read_text())
    assert [e["kind"] for e in record["events"]] == ["ledger.genesis/1", "urn.opened/1", "urn.closed/1"]
    assert MARK.search(json.dumps(record["events"]).encode()) is None


def test_roll_and_urn_have_no_row_numbers_no_times_and_only_the_ballot_in_common(seen: Seen) -> None:
    connection = sqlite3.connect(seen.folder / "last.db")
    columns = {}
    for table in ("congress_roll", "congress_urn", "congress_box"):
        with pytest.raises(sqlite3.OperationalError, match="no such column"):
            connection.execute(f"SELECT rowid FROM {table}")
        columns[table] = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    connection.close()
    assert columns["congress_roll"] == {"ballot", "voter", "weight", "receipt"}
    assert columns["congress_urn"] == {"ballot", "number", "paper"}


def orders(seen: Seen) -> dict[str, list[str]]:
    """Every order of papers that the files show."""
    db, last = seen.folder / "lustrum.db", seen.folder / "last.db"
    query = "SELECT paper FROM congress_urn"
    out = {f"bytes of {file.name}": marks(file) for file in (db, last, seen.folder / "record.json")}
    for name, end in (("as they lie", ""), ("by number", " ORDER BY number"), ("by size", " ORDER BY length(paper)")):
        out[name] = [str(json.loads(str(p))[1]) for (p,) in rows(last, query + end)]
    return out


def guesses(seen: Seen) -> dict[str, list[str]]:
    """Every order of voters that the files show, and the one of casting, which he may know from watching the door."""
    roll = "SELECT voter FROM congress_roll WHERE receipt <> zeroblob(64)"
    position = (seen.folder / "lustrum.db").read_bytes()
    voters = [v for v, _ in seen.cast]
    return {
        "casting": voters,
        "by name": sorted(voters),
        "as they lie": [str(v) for (v,) in rows(seen.folder / "lustrum.db", roll)],
        "by receipt": [str(v) for (v,) in rows(seen.folder / "lustrum.db", roll + " ORDER BY receipt")],
        "by place in the file": sorted(voters, key=lambda v: position.rindex(b"b" + v.encode())),
    }


def links(paper: dict[str, str], papers: dict[str, list[str]], voters: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return the pairs of orders that tell something of who cast what.

    Laid side by side, independent orders have one pair right on average, and 10 in fewer than one of 10^6 cases; their
    rank correlation has the standard deviation 1/sqrt(n - 1).
    """
    out, n = [], len(paper)
    for ours, order in papers.items():
        assert sorted(order) == sorted(paper.values()), ours
        place = {mark: k for k, mark in enumerate(order)}
        for theirs, names in voters.items():
            assert sorted(names) == sorted(paper), theirs
            right = sum(paper[v] == mark for v, mark in zip(names, order, strict=True))
            backwards = sum(paper[v] == mark for v, mark in zip(names, reversed(order), strict=True))
            rho = np.corrcoef(np.arange(n), [place[paper[v]] for v in names])[0, 1]
            if max(right, backwards) >= 10 or abs(rho) > 5 / np.sqrt(n - 1):
                out.append((ours, theirs))
    return out


def test_no_order_of_voters_goes_with_any_order_of_papers(seen: Seen) -> None:
    assert links(dict(seen.cast), orders(seen), guesses(seen)) == []


def test_the_same_analyst_links_a_plain_table_of_votes(seen: Seen, tmp_path: Path) -> None:
    """Rows in the order of casting, in two tables that share no column: what an urn must not be."""
    connection = sqlite3.connect(tmp_path / "plain.db")
    connection.execute("CREATE TABLE roll (voter TEXT)")
    connection.execute("CREATE TABLE urn (paper TEXT)")
    connection.executemany("INSERT INTO roll VALUES (?)", [(v,) for v, _ in seen.cast])
    connection.executemany("INSERT INTO urn VALUES (?)", [(mark,) for _, mark in seen.cast])
    connection.commit()
    connection.close()
    voters = {"as they lie": [str(v) for (v,) in rows(tmp_path / "plain.db", "SELECT voter FROM roll")]}
    papers = {
        "bytes": marks(tmp_path / "plain.db"),
        "as they lie": [str(p) for (p,) in rows(tmp_path / "plain.db", "SELECT paper FROM urn")],
    }
    assert set(links(dict(seen.cast), papers, voters)) == {("bytes", "as they lie"), ("as they lie", "as they lie")}


def test_backup_and_export_are_the_same_to_the_byte_whoever_cast_what(tmp_path: Path, key: SigningKey) -> None:
    """So they hold nothing of it: one ballot is held twice from the same opening, papers and order dealt anew."""

    def clock() -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    opened = tmp_path / "opened"
    opened.mkdir()
    voters = [f"m{k:03}" for k in range(150)]
    with Ledger.create(opened / "lustrum.db", key, {}, clock) as ledger, ledger.writing() as tx:
        tx.open_ballot("b", secret=True, roll=dict.fromkeys(voters, 1), paper_bytes=64)
    copies, records = [], []
    for seed in (1, 2):
        root = shutil.copytree(opened, tmp_path / str(seed))
        rng = random.Random(seed)
        papers = [["a", "b", "c"][: k % 4] for k in range(120)]
        rng.shuffle(papers)
        with Ledger.open(root / "lustrum.db", key, clock) as ledger:
            for voter, paper in zip(rng.sample(voters[:120], 120), papers, strict=True):
                ledger.cast("b", voter, paper)
            with ledger.writing() as tx:
                tx.close_ballot("b")
        backup(root / "lustrum.db", root / "copy.db")
        copies.append((root / "copy.db").read_bytes())
        records.append(export_record(root / "lustrum.db"))
    assert copies[0] == copies[1] and records[0] == records[1]
