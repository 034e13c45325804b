"""Amendments to amendments, one level: what an amendment proposes is itself a small document, `draft:<motion>`, with
one unit, `text`; what is done to it gives the amendment as amended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lustrum.congress.documents.operation import Delete, Operation, SetNumber, apply_all
from lustrum.congress.documents.version import DocumentError, Unit, Version

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
