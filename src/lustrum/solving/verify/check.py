"""verify_plan: recompute a plan from accounts and plan file alone, and check the proof it carries.

Nothing of the solver's path is used, and least of all its matrix: left-hand sides and prices come from the terms of
`families` and `objective`, which are written from docs/model.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr

from lustrum.accounts.economy import Economy
from lustrum.lp.solution import Certificate
from lustrum.planning.data import PlanData
from lustrum.planning.plan import Stage
from lustrum.planning.spec import PlanSpec
from lustrum.solving.verify.arrays import BOUND, place, read_bounds, read_prices, read_values
from lustrum.solving.verify.families import (
    adjustment_families,
    asset_families,
    people_families,
    product_families,
    trade_families,
)
from lustrum.solving.verify.frame import Frame
from lustrum.solving.verify.objective import aims, standard_families, task_families
from lustrum.solving.verify.proof import ROW_GUARD, TINY, EarlierStage, prove, typical_sizes, typical_values
from lustrum.solving.verify.terms import Array, Family, Values

#: How many of the worst figures are kept, of each family and in all.
SHOWN = 20


class Violation(NamedTuple):
    """A row, bound, or price that is off, relative to its own terms; `year` is None where it has none."""

    constraint: str
    label: str
    year: int | None
    violation: float


@dataclass(frozen=True)
class Verification:
    """What `verify_plan` found.

    Attributes
    ----------
    ok
        No problems, and all three figures of the certificate within its tolerance.
    certificate
        The worst figures over all stages, recomputed; infinite where an array could not be read.
    worst
        The largest violations of rows and bounds, prices (named "… (profit), stage") and signs of marginal
        values ("… (sign), stage"), largest first.
    problems
        What is wrong with the arrays themselves, in words.
    """

    ok: bool
    certificate: Certificate
    worst: list[Violation]
    problems: list[str]


def all_families(f: Frame) -> list[Family]:
    """Every constraint family of docs/model.md that this plan can have rows of."""
    return [
        *product_families(f),
        *asset_families(f),
        *trade_families(f),
        *people_families(f),
        *adjustment_families(f),
        *task_families(f),
        *standard_families(f),
    ]


def verify_plan(
    economy: Economy,
    spec: PlanSpec,
    values: Mapping[str, xr.DataArray],
    stages: Sequence[Stage],
    tolerance: float = 1e-6,
) -> Verification:
    """Check that a plan satisfies every constraint, and that its marginal values prove it optimal.

    Parameters
    ----------
    values
        The plan's arrays by variable, as `Plan.values`.
    stages
        The stages of the objective in order, as `Plan.stages`. Their own certificates are not used.
    tolerance
        What the primal residual, the dual residual and the gap must not exceed; all are relative.

    Notes
    -----
    Primal: violation / max(largest |a_ij v_j|, |right-hand side|, guard), guard = 1e-6 × the largest term
    that the row would have at typical sizes of its variables (`proof`). Dual: a reduced cost of the wrong
    sign against the largest of its price terms, or a price at which its kind together would be worth a
    thousandth of the objective. Gap: |objective − bound| against the larger of both and of
    the sum of the objective's terms (of 1 for shortfalls and the tie-break, which are counted in shares).

    Raises
    ------
    SpecError
        If the plan file does not fit the accounts. What is wrong with the arrays is never raised but told
        in `problems`.
    """
    f = Frame(PlanData(economy, spec))
    expected = aims(f)
    v, problems = read_values(f, values)
    names = [stage.name for stage in stages]
    if names != [aim.name for aim in expected]:
        problems.append(f"stages are {names}, not {[aim.name for aim in expected]}")
    problems += [f"stage {s.name}: objective is {s.objective}" for s in stages if not math.isfinite(s.objective)]
    if problems:
        return Verification(False, Certificate(math.inf, math.inf, math.inf, tolerance), [], problems)

    families = all_families(f)
    typical = typical_values(f, typical_sizes(f, v))
    worst = [*violated_rows(f, families, v, typical), *violated_bounds(f, v, typical)]
    floors = stage_floors(stages, spec.objective.stage_tolerance)
    sizes = [max(abs(floor), aim.value(v)[1], aim.scale, TINY) for aim, floor in zip(expected, floors, strict=True)]
    for aim, floor, size in zip(expected[:-1], floors, sizes, strict=False):
        short = max(0.0, floor - aim.value(v)[0]) / size
        worst.append(Violation(BOUND, aim.name, None, short))
    primal = max((w.violation for w in worst), default=0.0)

    dual = gap = 0.0
    for k, (aim, stage) in enumerate(zip(expected, stages, strict=True)):
        prices, wrong = read_prices(f, families, stage.marginal_values, stage.name)
        bound_prices, wrong_bounds = read_bounds(stage.marginal_values, names[:k], stage.name)
        problems += wrong + wrong_bounds
        if wrong or wrong_bounds:
            dual = gap = math.inf
            continue
        earlier = [
            EarlierStage(a, b, s, float(p))
            for a, b, s, p in zip(expected[:k], floors, sizes, bound_prices, strict=False)
        ]
        proof = prove(f, families, v, typical, aim, prices, earlier, sizes[k])
        dual = max(dual, _number(proof.worst))
        scale = max(sizes[k], abs(stage.objective), abs(proof.bound))
        gap = max(gap, _number(abs(stage.objective - proof.bound) / scale))
        if k == len(stages) - 1:
            value, _ = aim.value(v)
            off = max(abs(value - proof.bound), abs(value - stage.objective)) / scale
            gap = max(gap, _number(off))
        worst += [
            Violation(f"{r.name}, {stage.name}", *place(f, r.layout, at), figure)
            for r in proof.residuals
            for figure, at in _top(r.array)
        ]
    certificate = Certificate(_number(primal), _number(dual), _number(gap), tolerance)
    found = sorted((w for w in worst if w.violation > 0), key=lambda w: -w.violation)[:SHOWN]
    return Verification(not problems and certificate.holds, certificate, found, problems)


def stage_floors(stages: Sequence[Stage], tolerance: float) -> list[float]:
    """What each stage must keep for the later ones: V − tolerance · max(1, |V|)."""
    return [stage.objective - tolerance * max(1.0, abs(stage.objective)) for stage in stages]


def violated_rows(f: Frame, families: Iterable[Family], v: Values, typical: Values) -> list[Violation]:
    """Return the largest relative violations of every family's rows."""
    out: list[Violation] = []
    for fam in families:
        if not fam.exists.any():
            continue
        left = fam.apply(v)
        guard = ROW_GUARD * fam.apply(typical).largest
        over = np.maximum(np.where(fam.exists, left.total - fam.upper, 0.0), 0.0)
        under = np.maximum(np.where(fam.exists, fam.lower - left.total, 0.0), 0.0)
        size = np.maximum(np.maximum(left.largest, np.abs(fam.rhs)), np.maximum(guard, TINY))
        for figure, at in _top(np.maximum(over, under) / size):
            out.append(Violation(fam.name, *place(f, fam, at), figure))
    return out


def violated_bounds(f: Frame, v: Values, typical: Values) -> list[Violation]:
    """Return the largest relative violations of v ≥ 0."""
    out: list[Violation] = []
    for name, var in f.variables.items():
        if var.free:
            continue
        values = v[name].values
        size = np.maximum(np.abs(values), np.maximum(ROW_GUARD * typical[name].values, TINY))
        for figure, at in _top(np.maximum(-values, 0.0) / size):
            out.append(Violation(f"{name} >= 0", *place(f, var, at), figure))
    return out


def _top(array: Array) -> list[tuple[float, tuple[int, ...]]]:
    """Return the largest positive entries and where they stand."""
    flat = np.nan_to_num(array.ravel(), nan=np.inf, posinf=np.inf)
    if not flat.size:
        return []
    order = [k for k in np.argsort(flat)[::-1][:SHOWN] if flat[k] > 0]
    return [(float(flat[k]), tuple(int(i) for i in np.unravel_index(k, array.shape))) for k in order]


def _number(figure: float) -> float:
    return math.inf if math.isnan(figure) else figure
