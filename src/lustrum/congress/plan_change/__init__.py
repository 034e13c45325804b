"""Amendments to the numbers of a plan: typed, checked against the accounts, solved before they are voted on."""

from lustrum.congress.plan_change.combine import clashes, combine
from lustrum.congress.plan_change.consequences import consequences, solved
from lustrum.congress.plan_change.entries import plan_of, plan_version
from lustrum.congress.plan_change.estimate import objective_bound
from lustrum.congress.plan_change.fit import amended, require_fit
from lustrum.congress.plan_change.lines import operation_of
from lustrum.congress.plan_change.sentences import diff, sentence
from lustrum.congress.plan_change.telling import told

__all__ = [
    "amended",
    "clashes",
    "combine",
    "consequences",
    "diff",
    "objective_bound",
    "operation_of",
    "plan_of",
    "plan_version",
    "require_fit",
    "sentence",
    "solved",
    "told",
]
