"""What an amendment to a plan would do, solved before anyone votes on it (rule 7): whether there is a plan at all, what
it costs, who gains and who pays, what then holds the plan back. Where there is no plan: why, and what must give way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from lustrum.accounts.economy import Economy
from lustrum.congress.documents import Operation, UnitChange, redline
from lustrum.congress.plan_change import gains
from lustrum.congress.plan_change.bottlenecks import changed_limits
from lustrum.congress.plan_change.effect import same_problem
from lustrum.congress.plan_change.entries import plan_version
from lustrum.congress.plan_change.estimate import objective_bound
from lustrum.congress.plan_change.fit import amended
from lustrum.congress.plan_change.furthest import as_far_as
from lustrum.congress.plan_change.sentences import sentence
from lustrum.errors import Infeasible, LimitReached, Unbounded
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.solving.conflict import explain
from lustrum.solving.solve import solve_plan

FORMAT = "lustrum-consequences/1"
Progress = Callable[[str], None]


def consequences(
    economy: Economy,
    spec: PlanSpec,
    plan_before: Plan | None,
    operations: Sequence[Operation],
    *,
    document: str = "plan",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Solve a plan as amended, and set it beside the plan as it stands.

    Parameters
    ----------
    economy, spec
        Accounts, and the plan file that the operations were written for.
    plan_before
        The plan of `spec`; None: it is solved here.
    operations
        One amendment, or several that are to be combined.
    document
        The id of the plan's document, as the operations name it.
    progress
        Called with a line of words whenever a new part of the work begins.

    Returns
    -------
    dict
        For JSON. Always: `format`, `economy` (digest), `version` {before, after}, `operations`, `changes` (what the
        plan file says before and after), `effect` (False where nothing that is solved changes), `status`, `feasible`.
        Feasible: `objective`, `needs`, `households`, `sectors`, `trade`, `employment`, `limits`, `certificate`.
        Infeasible: `conflict`, `advice`, `as_far_as` (the figures that this amendment alone would have to take),
        `words`.

    Raises
    ------
    Stale, DocumentError, SpecError
        If an operation does not fit plan file or accounts.
    """
    old = plan_version(spec, document)
    new, changed = amended(old, operations)
    before = plan_before if plan_before is not None else solved(economy, spec, progress)
    out: dict[str, Any] = {
        "format": FORMAT,
        "economy": economy.digest,
        "version": {"before": old.hash, "after": new.hash},
        "operations": [{"words": sentence(operation, old), **operation.to_json()} for operation in operations],
        "changes": [_change(c) for c in redline(old, new)],
        "effect": True,
    }
    if same_problem(economy, spec, changed):
        out["effect"] = False
    bound = objective_bound(economy, changed, before)
    try:
        after = solved(economy, changed, progress)
    except Infeasible:
        return {**out, "status": "infeasible", "feasible": False, **_conflict(economy, spec, changed, progress)}
    except (Unbounded, LimitReached) as e:
        status = "unbounded" if isinstance(e, Unbounded) else "limit"
        return {
            **out,
            "status": status,
            "feasible": False,
            "conflict": [],
            "advice": [],
            "as_far_as": [],
            "words": str(e),
        }
    certificate = after.certificate
    return {
        **out,
        "status": after.status,
        "feasible": True,
        "objective": gains.objective(before, after, bound),
        "needs": gains.needs(before, after),
        "households": gains.households(before, after),
        "sectors": gains.sectors(before, after),
        "trade": gains.trade(before, after),
        "employment": gains.employment(before, after),
        "limits": changed_limits(before, after),
        "certificate": {
            "primal_residual": certificate.primal_residual,
            "dual_residual": certificate.dual_residual,
            "gap": certificate.gap,
            "tolerance": certificate.tolerance,
            "holds": certificate.holds,
        },
    }


def _change(change: UnitChange) -> dict[str, Any]:
    return {"unit": change.unit, "kind": change.kind, "before": change.old, "after": change.new}


def _conflict(economy: Economy, before: PlanSpec, after: PlanSpec, progress: Progress | None) -> dict[str, Any]:
    """The conflict in the planner's words, the least relaxation, and how far the amendment itself could go."""
    try:
        found = explain(economy, after, progress)
    except LimitReached as e:
        # The solver found no plan, but neither a proof nor the reason in time; the delegates vote knowing just that.
        words = f"The solver finds no such plan; that is not proven, and the reason was not found in time. {e}"
        return {"conflict": [], "advice": [], "advice_works": False, "as_far_as": [], "proved": False, "words": words}
    way = found.advice
    return {
        "conflict": [{**entry, "text": m.sentence} for entry, m in zip(found.to_list(), found.members, strict=True)],
        "advice": [entry.advice for entry in way.entries] if way is not None else [],
        "advice_works": way is not None and way.works,
        "as_far_as": as_far_as(economy, before, after),
        "proved": found.proof is not None,
        "words": str(found),
    }


def solved(economy: Economy, spec: PlanSpec, progress: Progress | None = None) -> Plan:
    """Return the plan of a plan file; the last few are kept, by accounts and by everything the plan file says."""
    plan = _solved(economy, spec.to_yaml())
    if progress is not None:
        progress("solved")
    return plan


@lru_cache(maxsize=16)
def _solved(economy: Economy, text: str) -> Plan:
    return solve_plan(economy, PlanSpec.from_text(text))
