"""Documents before a congress: versions made of units with ids and hashes, typed operations on them, the order in which
amendments are voted on, and what differs between two versions."""

from lustrum.congress.documents.drafts import amend_draft, draft_of
from lustrum.congress.documents.numbers import numbers
from lustrum.congress.documents.operation import (
    Delete,
    Insert,
    Operation,
    Rebased,
    Replace,
    SetNumber,
    apply,
    apply_all,
    check,
    delete,
    insert,
    inverse,
    operation_from_json,
    rebase,
    replace_unit,
    set_number,
)
from lustrum.congress.documents.order import Proposal, Step, VotingOrder, incompatible, moot, voting_order
from lustrum.congress.documents.redline import UnitChange, as_markdown, as_text, redline
from lustrum.congress.documents.version import Document, DocumentError, Entry, Json, Stale, Unit, Version

__all__ = [
    "Delete",
    "Document",
    "DocumentError",
    "Entry",
    "Insert",
    "Json",
    "Operation",
    "Proposal",
    "Rebased",
    "Replace",
    "SetNumber",
    "Stale",
    "Step",
    "Unit",
    "UnitChange",
    "Version",
    "VotingOrder",
    "amend_draft",
    "apply",
    "apply_all",
    "as_markdown",
    "as_text",
    "check",
    "delete",
    "draft_of",
    "incompatible",
    "insert",
    "inverse",
    "moot",
    "numbers",
    "operation_from_json",
    "rebase",
    "redline",
    "replace_unit",
    "set_number",
    "voting_order",
]
