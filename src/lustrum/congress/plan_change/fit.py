"""Does an amendment fit: a plan file that can be read, labels and years that the accounts have."""

from __future__ import annotations

from collections.abc import Sequence

from lustrum.accounts.economy import Economy
from lustrum.congress.documents import Delete, Operation, Version, apply_all
from lustrum.congress.plan_change.entries import plan_of
from lustrum.errors import SpecError
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec

#: What an amendment cannot change: on these the figures of the plan stand.
FIXED = ("lustrum", "economy")


def amended(version: Version, operations: Sequence[Operation]) -> tuple[Version, PlanSpec]:
    """Return the plan as amended: exactly what the operations say.

    Raises
    ------
    Stale, DocumentError, SpecError
        If an operation was written for another version, two exclude each other, or the result is no plan file.
    """
    for operation in operations:
        if operation.unit in FIXED:
            raise SpecError(
                "the accounts under a plan are not changed by an amendment",
                where=operation.unit,
                mend="make another plan on other accounts",
            )
        if isinstance(operation, Delete) and "[" not in operation.unit:
            raise SpecError(
                "a parameter is set and not struck out",
                where=operation.unit,
                found=operation.words(),
                expected="an entry of a list",
                mend="set it to what it is to be",
            )
    new = apply_all(version, operations)
    return new, plan_of(new)


def require_fit(version: Version, operations: Sequence[Operation], economy: Economy) -> PlanSpec:
    """Return the plan file as amended, checked against the accounts.

    Raises
    ------
    SpecError
        For a label or year that the accounts do not have, and for what `amended` refuses.
    """
    spec = amended(version, operations)[1]
    build_problem(PlanData(economy, spec))
    return spec
