"""The order of voting on amendments, which of them one that passes makes moot (rule 6), and amendments to amendments.

Pure: the order is logged by whoever calls this, before the first vote. What an amendment proposes is itself a small
document, `draft:<motion>`, with one unit, `text`; what is done to it gives the amendment as amended (one level).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lustrum.congress.documents.operations import Delete, Insert, Operation, SetNumber, apply_all, incompatible
from lustrum.congress.documents.version import DocumentError, Unit, Version


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


def voting_order(proposals: Sequence[Proposal], version: Version) -> list[str]:
    """Put amendments in order: those to amendments first; then by unit, furthest-reaching first. Return their ids.

    Units come in the order of the document, an insertion where it would stand. Equal reach: as handed in.

    Raises
    ------
    DocumentError
        If an amendment amends one that is not there, or one that amends an amendment itself (one level only).
    """
    known = {p.id: p for p in proposals}
    if len(known) != len(proposals):
        raise DocumentError("two amendments have the same id", where=version.document, mend="give each its own")
    handed_in = list(known)

    def key(p: Proposal) -> tuple[bool, tuple[int, str], int, int]:
        if p.amends is None:
            return True, _place(p, version), 0, -p.reach
        _one_level(p, known)
        return False, _place(known[p.amends], version), handed_in.index(p.amends), -p.reach

    return [p.id for p in sorted(proposals, key=key)]


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
