"""Ballots and elections: how the congress decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Ballot:
    """Draft, open, closed, counted, certified, or void. What opening freezes is in `frozen`, its hash beside it."""

    id: str
    session: str
    subject: str
    motion: str | None = None
    election: str | None = None
    round: int = 1
    seats: int = 1
    status: str = "draft"
    question: str = ""
    options: tuple[str, ...] = ()
    secret: bool = False
    frozen: dict[str, Any] = field(default_factory=dict)
    frozen_hash: str = ""
    imported: dict[str, Any] | None = None
    closing: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    result_hash: str = ""
    certified_by: str = ""


@dataclass(slots=True)
class Candidate:
    """Someone nominated, by whom, and whether they withdrew before nominations closed."""

    person: str
    by: str
    withdrawn: bool = False


@dataclass(slots=True)
class Election:
    """Nominations, closed, voting, counted, (re-ballot), declared."""

    id: str
    session: str
    body: str
    seats: int
    rule: str
    status: str = "nominations"
    candidates: dict[str, Candidate] = field(default_factory=dict)
    ballots: list[str] = field(default_factory=list)
    elected: list[str] = field(default_factory=list)
    contest: tuple[str, ...] = ()
    contest_seats: int = 0
    contest_why: str = ""
    rounds: int = 0
