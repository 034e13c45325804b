"""Documents before a congress: the names that users import, as the pages of `docs/` do.

Versions made of units with ids and hashes, typed operations on them, the order in which amendments are voted on, and
what differs between two versions.
"""

from lustrum.congress.documents.amending import Proposal, amend_draft, draft_of, moot, voting_order
from lustrum.congress.documents.operations import (
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
    incompatible,
    insert,
    inverse,
    numbers,
    operation_from_json,
    rebase,
    replace_unit,
    set_number,
)
from lustrum.congress.documents.redline import UnitChange, as_markdown, as_text, redline
from lustrum.congress.documents.version import Document, DocumentError, DocumentVersion, Json, Stale, Unit, Version

__all__ = [
    "Delete",
    "Document",
    "DocumentError",
    "DocumentVersion",
    "Insert",
    "Json",
    "Operation",
    "Proposal",
    "Rebased",
    "Replace",
    "SetNumber",
    "Stale",
    "Unit",
    "UnitChange",
    "Version",
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
