"""What the congress keeps: people, bodies, seats, sessions, motions, ballots, elections, tasks, plans. Data alone.

Each is changed by the steps of its subject (`sessions.py`, `motions.py`, …) and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from lustrum.congress.documents import Operation
from lustrum.errors import Refused

#: States in which a motion is settled by a certified count or by leaving the floor.
ENDED = ("adopted", "rejected", "withdrawn", "moot")
#: States in which it no longer waits for its turn in the order of voting.
SETTLED = (*ENDED, "referred", "adjourned", "no_quorum")
#: States of a session in which it can be prepared.
NOT_CLOSED = ("convened", "accrediting", "open", "suspended")


def must(status: str, allowed: tuple[str, ...], what: str, to: str, mend: str = "") -> None:
    """Refuse a step from a state that does not lead to it.

    Raises
    ------
    Refused
        With the state found and the states expected.
    """
    if status not in allowed:
        raise Refused(f"{what} cannot {to}", found=f"it is {status}", expected=f"{' or '.join(allowed)}", mend=mend)


def must_be(found: object, expected: object, what: str, where: str = "", mend: str = "") -> None:
    """Refuse what differs from what it must be; `what` says so."""
    if found != expected:
        raise Refused(what, where=where, found=found, expected=str(expected), mend=mend)


class Stateful:
    """A thing with an id and a state, which steps change."""

    __slots__ = ()
    id: str
    status: str

    def must(self, allowed: tuple[str, ...], to: str, mend: str = "") -> Self:
        """Return the thing if it is in a state that allows a step; else `Refused`, as `must` says."""
        must(self.status, allowed, f"{type(self).__name__.lower()} {self.id}", to, mend)
        return self


@dataclass(slots=True)
class Session(Stateful):
    """A sitting of a body: convened, accrediting, open, suspended, closed."""

    id: str
    body: str
    title: str
    date: str
    status: str = "convened"
    present: set[str] = field(default_factory=set)
    present_rows: int = 0
    closing_height: int | None = None


@dataclass(slots=True)
class Item(Stateful):
    """An item of the agenda: planned, open, closed, deferred."""

    id: str
    session: str
    number: int
    title: str
    status: str = "planned"
    note: str = ""


@dataclass(slots=True)
class Amendment:
    """What an amendment changes: one typed operation, on the document or on the draft of the amendment it `amends`.

    `proposed` is the operation as it was moved, `operation` as amendments to it have left it.
    """

    proposed: Operation
    operation: Operation
    reach: int = 0
    amends: str | None = None


@dataclass(slots=True)
class Consequences:
    """What an amendment to a plan costs, or all that passed together, with the version it was solved on."""

    hash: str
    base: str
    operations_hash: str
    result: dict[str, Any]


@dataclass(slots=True)
class Motion(Stateful):
    """Draft, submitted, admitted, debate, voting; adopted, rejected, withdrawn, referred, adjourned, no_quorum, moot.

    `order` and `incompatible` are of the amendments to it, as logged before the first vote.
    """

    id: str
    session: str
    title: str
    text: str
    proposer: str
    decision: str
    document: str | None = None
    parent: str | None = None
    recalls: str | None = None
    item: str | None = None
    amendment: Amendment | None = None
    consequences: Consequences | None = None
    status: str = "draft"
    ballots: list[str] = field(default_factory=list)
    order: list[str] | None = None
    incompatible: list[tuple[str, str]] = field(default_factory=list)
    made_moot_by: str | None = None
    base: str | None = None
    supporters: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Ballot(Stateful):
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
class Election(Stateful):
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


@dataclass(slots=True)
class Target:
    """One version of a target for a year; the first is version 1, and none is ever replaced."""

    year: int
    version: int
    value: float
    reason: str
    height: int


@dataclass(slots=True)
class Report:
    """What a body reported for a year; a correction is a new row. Reported, verified or returned."""

    year: int
    row: int
    value: float
    by: str
    text: str
    time: str
    status: str = "reported"
    judged_by: str = ""
    remark: str = ""


@dataclass(slots=True)
class Task(Stateful):
    """Proposed, accepted, in_progress, reported, verified or returned, done or cancelled."""

    id: str
    label: str
    sector: str
    indicator: str
    unit: str
    plan: str
    text: str = ""
    body: str | None = None
    status: str = "proposed"
    accepted_by: str = ""
    targets: dict[int, list[Target]] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    ended_because: str = ""

    def first(self, year: int) -> float:
        """The target of a year as it was first set."""
        return self.targets[year][0].value

    def current(self, year: int) -> float:
        """The target of a year as it stands."""
        return self.targets[year][-1].value

    def latest(self, year: int) -> Report | None:
        """The newest report for a year."""
        return next((r for r in reversed(self.reports) if r.year == year), None)


@dataclass(slots=True)
class AdoptedPlan:
    """A plan as adopted: which motion, which version of the document, which solved plan by its seals."""

    motion: str
    paper: str
    version: str
    plan_id: str
    certificate_hash: str
    plan_file_hash: str
    economy_digest: str
    objective: float
    height: int


@dataclass(slots=True)
class Person:
    """Someone who may hold a credential or a seat; `attributes` are what quotas look at."""

    id: str
    name: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Body:
    """A body or a single office. `seats` is None where credentials say who sits; `term` is in months, 0 without end.

    `in_statute` tells the bodies that the statute founds from those founded to answer for tasks; one that a later
    statute no longer has is `dissolved`.
    """

    id: str
    name: str
    parent: str | None
    seats: int | None = None
    term: int = 0
    office: bool = False
    elected_by: str | None = None
    election: str | None = None
    members_of: str | None = None
    in_statute: bool = False
    quotas: list[dict[str, Any]] = field(default_factory=list)
    first_plenary: list[str] = field(default_factory=list)
    vacancies: str = "by_election"
    recall: str | None = None
    dissolved: bool = False


@dataclass(slots=True)
class Credential(Stateful):
    """The right of a person to sit and vote in a body: issued, accredited, revoked."""

    id: str
    person: str
    body: str
    weight: int = 1
    mandate: str | None = None
    delegation: str = ""
    status: str = "issued"


@dataclass(slots=True)
class Proxy:
    """`holder` votes for `giver` (both credentials) in one session."""

    session: str
    giver: str
    holder: str


@dataclass(slots=True)
class Mandate(Stateful):
    """A seat held: elected, active, ended (expired, resigned, recalled); nominated are the candidates of an election.

    `follows` names the mandate whose seat was filled from the same count, `followed_by` the one that filled it.
    """

    id: str
    person: str
    body: str
    election: str
    ballot: str
    status: str = "elected"
    since: str = ""
    until: str = ""
    ended: str = ""
    ended_on: str = ""
    follows: str | None = None
    followed_by: str | None = None
