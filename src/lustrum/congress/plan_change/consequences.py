"""What amendments to a plan would do, solved before anyone votes; several at once, and which exclude each other.

Two amendments exclude each other if they change the same entry, or if they set the same limit (one label, one year) to
different figures through different entries. Whoever adopts both would get one of the two, by their order in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.congress.documents import Operation, UnitChange, Version, incompatible, redline
from lustrum.congress.plan_change.operations import amended, plan_of, plan_version, sentence
from lustrum.planning.data import PlanData
from lustrum.planning.families import FAMILIES
from lustrum.planning.limits import Limits
from lustrum.planning.plan import Plan
from lustrum.planning.spec import PlanSpec
from lustrum.scenario import consequences as scenario
from lustrum.scenario import telling

FORMAT = "lustrum-consequences/1"
Progress = Callable[[str], None]

#: Family of the figures of each limit; debt ceilings are the same for all regions.
_FAMILY = {family.limits: family for family in FAMILIES.values() if family.limits}


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
        For JSON: `format`, `economy` (digest), `version` {before, after}, `operations`, `changes` (what the plan file
        says before and after), and all that `scenario.consequences` gives.

    Raises
    ------
    Stale, DocumentError, SpecError
        If an operation does not fit plan file or accounts.
    """
    old = plan_version(spec, document)
    new, changed = amended(old, operations)
    return {
        "format": FORMAT,
        "economy": economy.digest,
        "version": {"before": old.hash, "after": new.hash},
        "operations": [{"words": sentence(operation, old), **operation.to_json()} for operation in operations],
        "changes": [_change(c) for c in redline(old, new)],
        **scenario.consequences(economy, spec, changed, plan_before, progress),
    }


def _change(change: UnitChange) -> dict[str, Any]:
    return {"unit": change.unit, "kind": change.kind, "before": change.old, "after": change.new}


def told(found: Mapping[str, Any]) -> list[str]:
    """Return what `consequences` or `combine` found as lines of words."""
    if found["status"] == "clash":
        return [f"{c['one']} and {c['other']} exclude each other: {c['why']}" for c in found["clashes"]]
    return [*(f"Amendment: {operation['words']}" for operation in found.get("operations", [])), *telling.told(found)]


def clashes(economy: Economy, version: Version, amendments: Mapping[str, Sequence[Operation]]) -> list[dict[str, str]]:
    """Return pairs of amendments that exclude each other: `one`, `other`, `why`.

    Parameters
    ----------
    amendments
        Name of each amendment -> its operations, all written for `version`.
    """
    names = list(amendments)
    out = []
    alone = {name: _limits(economy, amended(version, amendments[name])[1]) for name in names}
    base = _limits(economy, plan_of(version))
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            why = next((w for a in amendments[one] for b in amendments[other] if (w := incompatible(a, b))), None)
            why = why or _same_cell(economy, base, alone[one], alone[other])
            if why is None:
                both = amended(version, [*amendments[one], *amendments[other]])[1]
                why = _lost(economy, base, alone[one], alone[other], _limits(economy, both))
            if why:
                out.append({"one": one, "other": other, "why": why})
    return out


def combine(
    economy: Economy,
    spec: PlanSpec,
    plan_before: Plan | None,
    amendments: Mapping[str, Sequence[Operation]],
    *,
    document: str = "plan",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Solve several amendments together; where some exclude each other, say which and solve nothing.

    Returns
    -------
    dict
        `clashes` and, if there are none, all that `consequences` gives. With clashes `status` is `clash`.
    """
    version = plan_version(spec, document)
    found = clashes(economy, version, amendments)
    if found:
        return {
            "format": FORMAT,
            "economy": economy.digest,
            "version": {"before": version.hash, "after": None},
            "status": "clash",
            "feasible": False,
            "clashes": found,
        }
    operations = [operation for some in amendments.values() for operation in some]
    found_together = consequences(economy, spec, plan_before, operations, document=document, progress=progress)
    return {**found_together, "clashes": []}


def _limits(economy: Economy, spec: PlanSpec) -> Limits:
    return PlanData(economy, spec).limits


def _same_cell(economy: Economy, base: Limits, one: Limits, other: Limits) -> str | None:
    """The first limit that both change, to different figures."""
    for name in _names():
        was, a, b = (getattr(side, name) for side in (base, one, other))
        if a.shape != b.shape or a.shape != was.shape:
            continue
        at = np.argwhere(_differ(was, a) & _differ(was, b) & _differ(a, b))
        if len(at):
            cell = tuple(at[0])
            return f"both set {_words(economy, name, cell)}: one to {a[cell]:g}, the other to {b[cell]:g}"
    return None


def _lost(economy: Economy, base: Limits, one: Limits, other: Limits, both: Limits) -> str | None:
    """The first limit at which both together do not give what each gives alone."""
    for name in _names():
        was, a, b, ab = (getattr(side, name) for side in (base, one, other, both))
        if len({x.shape for x in (was, a, b, ab)}) > 1:
            continue
        wanted = np.where(_differ(was, a), a, b)
        at = np.argwhere(_differ(wanted, ab))
        if len(at):
            cell = tuple(at[0])
            return (
                f"together they set {_words(economy, name, cell)} to {ab[cell]:g}, where one of them asks for "
                f"{wanted[cell]:g}"
            )
    return None


def _names() -> list[str]:
    return [f.name for f in fields(Limits)]


def _differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    both_nan = np.isnan(a) & np.isnan(b)
    return np.asarray(~both_nan & (a != b))


def _words(economy: Economy, name: str, cell: tuple[int, ...]) -> str:
    dims = _FAMILY[name].dims
    labels = [economy.codes(dim)[k] for dim, k in zip(dims, cell, strict=False) if dim != "region"]
    later = cell[len(dims) :]
    year = f" in {economy.base_year + 1 + later[-1]}" if later else ""
    return f"the {name.replace('_', ' ')} of {', '.join(labels) or 'the whole'}{year}"
