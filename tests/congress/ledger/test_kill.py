"""kill -9 at any moment of casting, closing and publishing: what was acknowledged is there, and once."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.congress.ledger.tampering import closed_ballots

from lustrum.congress.ledger import Ledger, SigningKey, load_record, verify_chain, verify_record

VOTERS = [f"m{k:03}" for k in range(150)]

#: Imports everything once, then forks a child for every deed and kills it: at its n-th call, or after so many seconds.
DO_AND_DIE = textwrap.dedent("""
    import json, os, signal, sys, time
    from pathlib import Path
    from lustrum.congress.ledger import Ledger, SigningKey, backup, save_record
    from lustrum.errors import Refused
    import cryptography.hazmat.primitives.asymmetric.x25519, cryptography.hazmat.primitives.kdf.hkdf
    import cryptography.hazmat.primitives.ciphers.aead, cryptography.hazmat.primitives.hashes, rfc8785

    def cast(root, key, told):
        done = set((root / "told").read_text().split("\\n"))
        with Ledger.open(root / "lustrum.db", key) as ledger:
            for voter in VOTERS:
                for ballot in ("secret", "open"):
                    if f"{ballot} {voter}" not in done and ledger.receipt(ballot, voter) is None:
                        ledger.cast(ballot, voter, voter[-1])
                        told(f"{ballot} {voter}")

    def close(root, key, told):
        with Ledger.open(root / "lustrum.db", key) as ledger:
            for ballot in ("secret", "open"):
                with ledger.writing() as tx:
                    tx.close_ballot(ballot)
                    tx.append("ballot.closed/1", {"ballot": ballot})
                told(ballot)

    def publish(root, key, told):
        backup(root / "lustrum.db", root / "copy.db")
        told("copy.db")
        save_record(root / "lustrum.db", root / "record.json")
        told("record.json")

    VOTERS = json.loads(sys.argv[1])
    for line in sys.stdin:
        deed, root, step, seconds = json.loads(line)
        root = Path(root)
        child = os.fork()
        if child == 0:
            heard = os.open(root / "told", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            left = step
            def heed(frame, event, what):
                global left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            key = SigningKey.load(root / "key.pem")
            if step:
                sys.setprofile(heed)
            {"cast": cast, "close": close, "publish": publish}[deed](
                root, key, lambda text: os.write(heard, text.encode() + b"\\n"))
            sys.setprofile(None)
            (root / "calls").write_text(str(step - left))
            os._exit(0)
        ended, until = 0, time.perf_counter() + (seconds or 60)
        while not ended and time.perf_counter() < until:
            time.sleep(0.0005)
            ended, status = os.waitpid(child, os.WNOHANG)
        if not ended:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
""")


class Killer:
    """Has a deed done in a process that is killed in the middle of it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", DO_AND_DIE, json.dumps(VOTERS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, deed: str, root: Path, *, step: int = 0, seconds: float = 0.0) -> bool:
        """Say whether the process was killed before it came to its end."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([deed, str(root), step, seconds]) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        assert code in (0, -signal.SIGKILL)
        return code != 0

    def length(self, deed: str, root: Path) -> int:
        """Do a deed to its end; return how many calls it takes."""
        assert not self.do(deed, root, step=10**9)
        return int((root / "calls").read_text())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    killer = Killer()
    yield killer
    killer.close()


def begin(root: Path, key: SigningKey) -> None:
    key.save(root / "key.pem")
    with Ledger.create(root / "lustrum.db", key, {}) as ledger, ledger.writing() as tx:
        for ballot in ("secret", "open"):
            tx.open_ballot(ballot, secret=ballot == "secret", roll=dict.fromkeys(VOTERS, 1), paper_bytes=16)


def told(root: Path) -> list[str]:
    return (root / "told").read_text().split("\n")[:-1] if (root / "told").exists() else []


def copy_of(root: Path, to: Path) -> Path:
    shutil.copytree(root, to, ignore=shutil.ignore_patterns("told", "*-shm"))
    return to


def counted(root: Path, ballot: str) -> Counter[Any]:
    with Ledger.open(root / "lustrum.db") as ledger:
        return Counter(paper for paper, _ in ledger.closed_ballot(ballot).papers)


def moments(killer: Killer, deed: str, root: Path, aside: Path, share: float) -> Iterator[dict[str, Any]]:
    """Yield moments to kill at, in turn at a call and by the clock, in the first `share` of the deed."""
    rng = random.Random(deed)
    calls = killer.length(deed, copy_of(root, aside / f"{deed}-counted"))
    timed = copy_of(root, aside / f"{deed}-timed")
    began = time.perf_counter()
    assert not killer.do(deed, timed)
    seconds = time.perf_counter() - began
    while True:
        yield {"step": rng.randrange(1, int(calls * share))}
        yield {"seconds": rng.uniform(0, seconds * share)}


@pytest.mark.slow
def test_forty_kills_while_votes_are_cast(tmp_path: Path, key: SigningKey, killer: Killer) -> None:
    root = tmp_path / "kept"
    root.mkdir()
    begin(root, key)
    killed, when = 0, moments(killer, "cast", root, tmp_path, 1 / 12)
    while killed < 40:
        killed += killer.do("cast", root, **next(when))
        heard = told(root)
        assert len(set(heard)) == len(heard)
        with Ledger.open(root / "lustrum.db") as ledger:
            for line in heard:
                ballot, voter = line.split()
                assert ledger.receipt(ballot, voter) is not None, "a vote was acknowledged and lost"
        if killed % 8 == 0:
            assert verify_chain(root / "lustrum.db") == []
    assert 20 < len(told(root)) < 2 * len(VOTERS), "killed in the middle"
    assert not killer.do("cast", root) and not killer.do("close", root)
    assert verify_chain(root / "lustrum.db", every_signature=True) == []
    for ballot in ("secret", "open"):
        assert counted(root, ballot) == Counter(voter[-1] for voter in VOTERS)


@pytest.fixture(scope="module")
def cast_root(tmp_path_factory: pytest.TempPathFactory, key: SigningKey) -> Path:
    root = tmp_path_factory.mktemp("cast")
    begin(root, key)
    with Ledger.open(root / "lustrum.db", key) as ledger:
        for voter in VOTERS[:20]:
            for ballot in ("secret", "open"):
                ledger.cast(ballot, voter, voter[-1])
    return root


@pytest.mark.slow
def test_thirty_kills_while_ballots_are_closed(
    tmp_path: Path, key: SigningKey, killer: Killer, cast_root: Path
) -> None:
    right = Counter(voter[-1] for voter in VOTERS[:20])
    killed, seen = 0, Counter[int]()
    when = moments(killer, "close", cast_root, tmp_path, 1.0)
    while killed < 30:
        root = copy_of(cast_root, tmp_path / str(seen.total()))
        killed += killer.do("close", root, **next(when))
        heard = told(root)
        seen[len(heard)] += 1
        assert verify_chain(root / "lustrum.db") == []
        with Ledger.open(root / "lustrum.db", key) as ledger:
            ended = {u.ballot for u in closed_ballots(ledger)}
            assert ended >= set(heard), "a close was acknowledged and lost"
            assert len(list(root.glob("*.key"))) == (0 if "secret" in ended else 1)
            for ballot in ("secret", "open"):
                if ballot not in ended:
                    with ledger.writing() as tx:
                        tx.close_ballot(ballot)
        assert verify_chain(root / "lustrum.db", every_signature=True) == []
        assert counted(root, "secret") == counted(root, "open") == right
    assert len(seen) > 1


@pytest.mark.slow
def test_thirty_kills_while_copies_are_published(
    tmp_path: Path, key: SigningKey, killer: Killer, cast_root: Path
) -> None:
    closed = copy_of(cast_root, tmp_path / "closed")
    assert not killer.do("close", closed)
    (closed / "told").unlink()
    killed, seen = 0, Counter[int]()
    when = moments(killer, "publish", closed, tmp_path, 1.0)
    while killed < 30:
        root = copy_of(closed, tmp_path / str(seen.total()))
        killed += killer.do("publish", root, **next(when))
        heard = told(root)
        seen[len(heard)] += 1
        assert all((root / name).exists() for name in heard), "a copy was acknowledged and lost"
        if (root / "copy.db").exists():
            assert verify_chain(root / "copy.db", every_signature=True) == []
        if (root / "record.json").exists():
            assert verify_record(load_record(root / "record.json")) == []
        assert verify_chain(root / "lustrum.db") == []
    assert len(seen) > 1
