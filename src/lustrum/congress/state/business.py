"""Sessions, agenda, papers, motions: what the congress deals with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lustrum.congress.documents import Operation, Version

#: States in which a motion is settled by a certified count or by leaving the floor.
ENDED = ("adopted", "rejected", "withdrawn", "moot")
#: States in which it no longer waits for its turn in the order of voting.
SETTLED = (*ENDED, "referred", "adjourned", "no_quorum")


@dataclass(slots=True)
class Session:
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
class Item:
    """An item of the agenda: planned, open, closed, deferred."""

    id: str
    session: str
    number: int
    title: str
    status: str = "planned"
    note: str = ""


@dataclass(slots=True)
class PaperVersion:
    """One version of a document: its units, the motion that adopted it, and since when it stands ("" not yet)."""

    hash: str
    version: Version
    height: int
    status: str = "draft"
    motion: str | None = None
    since: str = ""


@dataclass(slots=True)
class Paper:
    """A document before the congress: plan, statute, report or another."""

    id: str
    kind: str
    title: str
    economy: str = ""
    versions: list[PaperVersion] = field(default_factory=list)

    @property
    def current(self) -> PaperVersion:
        """The newest version."""
        return self.versions[-1]


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
class Motion:
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
