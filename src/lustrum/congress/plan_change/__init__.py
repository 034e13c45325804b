"""Amendments to the numbers of a plan: typed, checked against the accounts, solved before they are voted on."""

from lustrum.congress.plan_change.consequences import clashes, combine, consequences, told
from lustrum.congress.plan_change.operations import (
    amended,
    diff,
    operation_of,
    plan_of,
    plan_version,
    require_fit,
    sentence,
)

__all__ = [
    "amended",
    "clashes",
    "combine",
    "consequences",
    "diff",
    "operation_of",
    "plan_of",
    "plan_version",
    "require_fit",
    "sentence",
    "told",
]
