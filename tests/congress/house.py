"""A small house to play in: a statute with proxies, a committee and its organs, and members who vote as told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from lustrum.congress.assembly import Congress
from lustrum.congress.ledger import SigningKey
from lustrum.congress.statute import Statute, parse_statute

_DECISION = """  {name}:
    quorum: {{num: {q}, den: 2, at: {at}}}
    majority: {{{majority}}}
    ballot: {ballot}
    moved_by: {{bodies: [{movers}], supporters: {supporters}}}
"""
_KINDS = ("report", "motion", "amendment", "plan_amendment", "adoption", "statute_amendment", "procedure", "recall")


def statute(
    *,
    majority: str = "num: 1, den: 2, strict: true, base: yes+no",
    quorum: int = 1,
    at: str = "opening",
    ballot: str = "open",
    supporters: int = 0,
    proxies: int = 1,
    quotas: str = "",
    ties: str = "[history, reballot, lot]",
) -> str:
    """The statute of the house; every decision has the same rule."""
    decisions = "".join(
        _DECISION.format(
            name=kind,
            q=quorum,
            at=at,
            majority=majority,
            ballot=ballot,
            supporters=supporters,
            movers="house, committee",
        )
        for kind in _KINDS
    )
    proxy = f"allowed: true, most_per_holder: {proxies}, count_for_quorum: true" if proxies else "allowed: false"
    return f"""# Statute of the house

## Article 1. The house

```yaml
bodies:
  house: {{name: House}}
  committee:
    name: Committee
    within: house
    seats: 5
    elected_by: house
    election: committee
    members_of: house
    term_months: 24
    recall: recall
    first_plenary: [bureau, audit, chair]
{quotas}
  bureau:
    {{name: Bureau, within: committee, seats: 3, elected_by: committee, election: organ, members_of: committee}}
  audit:
    {{name: Audit, within: committee, seats: 2, elected_by: committee, election: organ, members_of: committee}}
  chair:
    {{name: Chair, within: committee, office: true, seats: 1, elected_by: committee, election: office,
      members_of: committee, term_months: 24}}
elections:
  committee: {{method: scottish-stv/1, ballot: secret, quorum: {{num: 1, den: 2, at: opening}}, ties: {ties}}}
  organ: {{method: block-approval/1, ballot: open, quorum: {{num: 1, den: 2, at: opening}}, ties: [reballot, lot]}}
  office:
    method: plurality/1
    ballot: secret
    quorum: {{num: 1, den: 2, at: opening}}
    ties: [reballot, lot]
    majority: {{num: 1, den: 2, strict: true, base: valid}}
    reballot: {{rounds: 2, keep: 2}}
incompatible:
  - [audit, bureau]
  - [audit, chair]
```

## Article 2. Decisions

```yaml
decisions:
{decisions}```

## Article 3. Proxies

```yaml
proxies: {{{proxy}}}
```
"""


@lru_cache
def _parsed(text: str) -> Statute:
    return parse_statute(text)


class Clock:
    """A clock that a test sets."""

    def __init__(self, start: str = "2026-03-02") -> None:
        self.now = datetime.fromisoformat(start).replace(hour=9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=7)
        return self.now

    def set(self, day: str) -> None:
        """Let it be morning on another day."""
        self.now = datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)


class House:
    """A congress with `n` members, all accredited and here, in a session that is open."""

    def __init__(self, folder: Path, n: int = 9, text: str | None = None, here: int | None = None) -> None:
        self.path, self.key, self.clock = folder / "house.congress", SigningKey.generate(), Clock()
        self.congress = Congress.create(
            self.path, self.key, name="House", statute=_parsed(text or statute()), clock=self.clock
        )
        c = self.congress
        rows = [
            {"name": f"Member {k}", "person": f"p{k}", "credential": f"c{k}", "region": "north" if k % 2 else "south"}
            for k in range(1, n + 1)
        ]
        self.members = c.credentials.issue_delegates(rows)
        self.session = c.sessions.convene("First session", "2026-03-02", session="s1")
        c.sessions.accredit("s1")
        c.credentials.accredit(*self.members)
        c.credentials.arrive("s1", *self.members[: n if here is None else here])
        c.sessions.open("s1")

    def debated(self, title: str = "A motion", **more: Any) -> str:
        """A motion that can be voted."""
        motion = self.congress.motions.draft("s1", title, proposer=more.pop("proposer", "c1"), **more)
        self.congress.motions.submit(motion)
        self.congress.motions.admit(motion)
        self.congress.motions.debate(motion)
        return motion

    def amended(self, parent: str, operation: Any, **more: Any) -> str:
        """An amendment that can be voted."""
        motion = self.congress.motions.amend(parent, operation, proposer=more.pop("proposer", "c1"), **more)
        self.congress.motions.submit(motion)
        self.congress.motions.admit(motion)
        self.congress.motions.debate(motion)
        return motion

    def vote(self, motion: str, yes: int, no: int = 0, abstain: int = 0, certify: bool = True) -> str:
        """Hold a ballot on a motion; the first members vote yes, the next no. Return the ballot."""
        papers = ["yes"] * yes + ["no"] * no + ["abstain"] * abstain
        return self.ballot(dict(zip(self.members, papers, strict=False)), motion=motion, certify=certify)

    def ballot(self, papers: Mapping[str, Any], certify: bool = True, **matter: str) -> str:
        """Hold a ballot: prepare, open, cast, close, count, certify."""
        b = self.congress.ballots
        ballot = b.prepare(**matter)
        b.open(ballot)
        for voter, paper in papers.items():
            b.cast(ballot, voter, paper)
        b.close(ballot)
        b.count(ballot)
        if certify:
            b.certify(ballot, "returning officer")
        return ballot

    def status(self, motion: str) -> str:
        """State of a motion."""
        return self.congress.state.motions[motion].status

    def elect_committee(self, people: Sequence[str] = ("p1", "p2", "p3", "p4", "p5")) -> list[str]:
        """Elect five to the committee, let them take their seats; return the mandates."""
        c = self.congress
        election = c.elections.call("s1", "committee")
        c.elections.nominate(election, *people, by="c1")
        c.elections.close_nominations(election)
        order = list(people)
        self.ballot({m: order[k % 5 :] + order[: k % 5] for k, m in enumerate(self.members)}, election=election)
        made = c.elections.declare(election)
        c.mandates.begin(*made.values())
        return [made[p] for p in people]
