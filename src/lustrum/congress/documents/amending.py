"""The order of voting on amendments, which of them one that passes makes moot (rule 6), and amendments to amendments.

Pure: the order is logged by whoever calls this, before the first vote. What an amendment proposes is itself a small
document, `draft:<motion>`, with one unit, `text`; what is done to it gives the amendment as amended (one level).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lustrum.congress.documents.operations import Delete, Insert, Operation, SetNumber, apply_all, incompatible
from lustrum.congress.documents.version import DocumentError, Json, Unit, Version


@dataclass(frozen=True)
class Proposal:
    """An amendment as it waits for its vote.

    Attributes
    ----------
    id
        Of the motion.
    operation
        What it does to the document, or to the draft of the amendment that it amends.
    reach
        How far it goes, as declared: the largest number is voted first.
    amends
        The amendment whose draft it changes; None for an amendment to the document itself.
    """

    id: str
    operation: Operation
    reach: int = 0
    amends: str | None = None


@dataclass(frozen=True)
class Step:
    """One vote: `stage` is amendment_to_amendment, amendment or whole."""

    stage: str
    motion: str
    about: str
    reach: int = 0

    def to_json(self) -> dict[str, Json]:
        """Return the step as JSON."""
        return {"stage": self.stage, "motion": self.motion, "about": self.about, "reach": self.reach}


@dataclass(frozen=True)
class VotingOrder:
    """The votes in order, the whole last, and which amendments exclude each other from the start."""

    steps: tuple[Step, ...]
    exclusions: tuple[tuple[str, str, str], ...]

    def to_json(self) -> dict[str, Json]:
        """Return the order as JSON, to be logged before the first vote."""
        return {
            "steps": [s.to_json() for s in self.steps],
            "exclusions": [{"one": a, "other": b, "why": why} for a, b, why in self.exclusions],
        }


def voting_order(proposals: Sequence[Proposal], version: Version, whole: str = "whole") -> VotingOrder:
    """Put amendments in order: those to amendments first; then by unit, furthest-reaching first; then the whole.

    Units come in the order of the document, an insertion where it would stand. Equal reach: as handed in.

    Raises
    ------
    DocumentError
        If an amendment amends one that is not there, or one that amends an amendment itself (one level only).
    """
    known = {p.id: p for p in proposals}
    if len(known) != len(proposals):
        raise DocumentError("two amendments have the same id", where=version.document, mend="give each its own")
    for p in proposals:
        if p.amends is not None:
            _one_level(p, known)
    places = {p.id: _place(p, version) for p in proposals if p.amends is None}

    def key(p: Proposal) -> tuple[int, str, int]:
        own = known[p.amends] if p.amends else p
        return *places[own.id], -p.reach

    def steps(some: list[Proposal], stage: str) -> list[Step]:
        ordered = (
            sorted(some, key=key)
            if stage == "amendment"
            else sorted(
                some, key=lambda p: (*places[str(p.amends)], [q.id for q in proposals].index(str(p.amends)), -p.reach)
            )
        )
        return [Step(stage, p.id, p.amends or p.operation.unit, p.reach) for p in ordered]

    first = steps([p for p in proposals if p.amends is not None], "amendment_to_amendment")
    second = steps([p for p in proposals if p.amends is None], "amendment")
    pairs = [
        (a.id, b.id, why)
        for k, a in enumerate(proposals)
        for b in proposals[k + 1 :]
        if a.amends == b.amends and (why := incompatible(a.operation, b.operation))
    ]
    return VotingOrder((*first, *second, Step("whole", whole, version.document)), tuple(pairs))


def _one_level(p: Proposal, known: Mapping[str, Proposal]) -> None:
    target = known.get(str(p.amends))
    if target is None:
        raise DocumentError(
            "amends an amendment that is not there",
            where=p.id,
            found=p.amends,
            expected=", ".join(known),
            mend="name the amendment by its id",
        )
    if target.amends is not None:
        raise DocumentError(
            "an amendment to an amendment cannot itself be amended",
            where=p.id,
            found=p.amends,
            expected="an amendment to the document (one level)",
            mend="amend the first one instead",
        )


def _place(p: Proposal, version: Version) -> tuple[int, str]:
    if isinstance(p.operation, Insert):
        return (version.place(p.operation.after) if p.operation.after else -1, p.operation.unit)
    return (version.place(p.operation.unit), "")


def moot(passed: Proposal, waiting: Sequence[Proposal]) -> dict[str, str]:
    """Return the amendments that one that passed makes moot, each with the reason.

    With an amendment fall those to it: there is nothing left to amend.
    """
    out: dict[str, str] = {}
    for p in waiting:
        if p.id != passed.id and p.amends == passed.amends and (why := incompatible(passed.operation, p.operation)):
            out[p.id] = f"{passed.id} passed: {why}"
    for p in waiting:
        if p.amends in out:
            out[p.id] = f"{p.amends}, which it amends, is moot"
    return out


PREFIX = "draft:"


UNIT = "text"


def draft_of(motion: str, operation: Operation) -> Version:
    """Return the draft of an amendment: what it would insert, put in place or set, as a version of one unit.

    Raises
    ------
    DocumentError
        If it amends an amendment itself, or proposes no text (a deletion).
    """
    if operation.document.startswith(PREFIX):
        raise DocumentError(
            "an amendment to an amendment cannot itself be amended",
            where=motion,
            expected="an amendment to the document (one level)",
            mend="amend the first one",
        )
    if isinstance(operation, Delete):
        raise DocumentError(
            "a deletion has no text to amend",
            where=motion,
            found=operation.words(),
            mend="move another amendment to the same unit",
        )
    value = operation.number if isinstance(operation, SetNumber) else operation.value
    return Version(f"{PREFIX}{motion}", (Unit(UNIT, value),))


def amend_draft(motion: str, operation: Operation, changes: Sequence[Operation]) -> Operation:
    """Return an amendment with changes to its draft done.

    Raises
    ------
    DocumentError, Stale
        If a change does not fit the draft, or would leave no text or more than one.
    """
    draft = apply_all(draft_of(motion, operation), changes)
    if [u.id for u in draft.units] != [UNIT]:
        raise DocumentError(
            "an amendment proposes one text",
            where=motion,
            found=[u.id for u in draft.units],
            expected=f"one unit, {UNIT}",
            mend="replace the text, or move an amendment of its own",
        )
    value = draft.units[0].value
    if not isinstance(operation, SetNumber):
        return replace(operation, value=value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise DocumentError(
            "the amendment sets a number", where=motion, found=value, expected="a number", mend="set another number"
        )
    return replace(operation, number=value)
