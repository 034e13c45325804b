"""The hall of the example: delegates with a roll, in session, who vote as told; and the ballots they hold."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lustrum.congress.assembly import Congress
from lustrum.congress.ledger import SigningKey
from lustrum.congress.outcomes import lots_due

#: One in so many has a credential and did not come.
ABSENT = 25


class Hall:
    """A congress in a folder, with its delegates in session."""

    def __init__(self, folder: Path, economy: str, delegates: int) -> None:
        self.folder = folder
        self.random = random.Random(2019)
        self.lustrum("new", str(folder), "--economy", economy)
        self.lustrum("congress", "new", "Example congress")
        self._write_roll(folder / "roll.csv", delegates)
        self.delegates = self.lustrum("congress", "credential", "import", str(folder / "roll.csv"))["credentials"]
        self.session = self.lustrum("congress", "session", "convene", "Ordinary congress", "--date", "2019-11-25")[
            "session"
        ]
        self.congress = Congress.open(folder / "lustrum.db", SigningKey.load(folder / "lustrum.key"))
        self.congress.sessions.accredit(self.session)
        self.congress.credentials.accredit(*self.delegates)
        self.present = self.delegates[: delegates - delegates // ABSENT]
        self.congress.credentials.arrive(self.session, *self.present)
        self.congress.sessions.open(self.session)

    def lustrum(self, *words: str) -> dict[str, Any]:
        """Run a command in this folder as a secretary would; return its JSON document."""
        here = self.folder if self.folder.is_dir() else self.folder.parent
        return run([sys.executable, "-m", "lustrum.cli"], words, here)

    def _write_roll(self, place: Path, delegates: int) -> None:
        with place.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["name", "person", "credential", "delegation", "region"])
            for k in range(1, delegates + 1):
                rows.writerow([f"Delegate {k}", f"p{k}", f"d{k}", f"District {k % 25 + 1}", ("north", "south")[k % 2]])

    def bring(self, *motions: str) -> None:
        """Bring drafts to debate."""
        for step in (self.congress.motions.submit, self.congress.motions.admit, self.congress.motions.debate):
            step(*motions)

    def decide(self, motion: str, wanted: bool, voters: Sequence[str] | None = None) -> str:
        """Vote on a motion: most as they are told, some otherwise, some abstain. Return what became of it."""
        voters = list(voters or self.present)
        self.random.shuffle(voters)
        others, silent = len(voters) * 15 // 100, len(voters) * 5 // 100
        mind = ["yes", "no"] if wanted else ["no", "yes"]
        marks = [mind[0]] * (len(voters) - others - silent) + [mind[1]] * others + ["abstain"] * silent
        papers = dict(zip(voters, marks, strict=True))
        self.hold(papers, motion=motion)
        return self.congress.state.motions[motion].status

    def hold(self, papers: Mapping[str, Any], **matter: str) -> dict[str, Any]:
        """Hold a ballot to its certified end; return what it decides. A tie that only a lot can break gets one."""
        b = self.congress.ballots
        ballot = b.prepare(**matter)
        b.open(ballot)
        for voter, paper in papers.items():
            b.cast(ballot, voter, paper)
        b.close(ballot)
        b.count(ballot)
        if lots_due(self.congress.state.ballots[ballot]):
            b.draw_lot(ballot, f"17 4 33 21 / {ballot}", "the numbers drawn on the evening of the first day")
        return b.certify(ballot, "the returning officer")

    def elect(self, session: str, body: str, people: Sequence[str], voters: Sequence[str]) -> list[str]:
        """Elect people to a body, with re-ballots where they come; return who is elected and has taken a seat."""
        c = self.congress
        election = c.elections.call(session, body)
        c.elections.nominate(election, *people, by="the floor")
        c.elections.close_nominations(election)
        effects: dict[str, Any] = {"outcome": "reballot"}
        while effects["outcome"] == "reballot":
            found = c.state.elections[election]
            ranked = c.statutes.rules()["elections"][found.rule]["method"].startswith("scottish-stv")
            marks = 10 if ranked else found.contest_seats
            effects = self.hold({v: self._paper(list(found.contest), marks) for v in voters}, election=election)
        made = c.elections.declare(election)
        c.mandates.begin(*made.values())
        return sorted(made)

    def _paper(self, options: list[str], marks: int) -> list[str]:
        """Marks of one voter: all know the first names best."""
        weight = {o: 1.0 / (1 + k) ** 0.4 * self.random.random() for k, o in enumerate(options)}
        return sorted(options, key=lambda o: -weight[o])[:marks]


def run(program: Sequence[str], words: Sequence[str], folder: Path) -> dict[str, Any]:
    """Run a command of lustrum with --json; return its document."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(
        [*program, *words, "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"lustrum {' '.join(words)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    document: dict[str, Any] = json.loads(done.stdout)
    return document
