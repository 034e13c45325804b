"""What a plan's marginal values prove, by weak duality over the reference's own rows.

For marginal values λ (signs as the contract has them, wrong ones counted as zero) and any box that holds all
plans, Σ λ b + Σ_v max over the box of (c − λA)_v v is at least the optimum. The worth curve is not written
as rows here: its concave pieces are maximised over directly. The tie-break is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import xarray as xr
from tests.reference.aims import shortfall_vars, stage_values, stages, worth_lines
from tests.reference.formulation import (
    ReferenceResult,
    figures,
    natural_sizes,
    program,
    reference_residuals,
    reference_solve,
)
from tests.reference.reading import Reading, Terms, Var, add
from tests.reference.row import INF, Row
from tests.reference.rows import Rows

from lustrum.accounts.economy import Economy
from lustrum.planning.spec import PlanSpec


class SolvedStage(Protocol):
    """What is read of a plan's stage."""

    @property
    def name(self) -> str: ...
    @property
    def objective(self) -> float: ...
    @property
    def marginal_values(self) -> Mapping[str, xr.DataArray]: ...


def marginal(row: Row, values: Mapping[str, xr.DataArray], position: int | None = None) -> float:
    """The marginal value of a row, zero where there is none or where its sign proves nothing."""
    array = values.get(row.family)
    if array is None:
        return 0.0
    if position is not None:
        figure = float(array.values[position])
    else:
        label: tuple[str | int, ...] = row.label
        if row.family == "task":
            label = (f"{label[0]} @ {label[1]}",)
        index = []
        for dim, code in zip(array.dims, label, strict=False):
            known = [int(v) if dim == "year" else str(v) for v in array[dim].values]
            if code not in known:
                return 0.0
            index.append(known.index(code))
        figure = float(array.values[tuple(index)])
    if not np.isfinite(figure):
        return 0.0
    return max(figure, 0.0) if row.sense == "<=" else min(figure, 0.0) if row.sense == ">=" else figure


def whole_figures(r: Reading, values: Mapping[str, xr.DataArray]) -> dict[Var, float]:
    """A plan's arrays with the shortfalls, the lowest standard and the sets that they imply."""
    x, _ = figures(r, values)
    for number, task in enumerate(Rows(r).tasks()):
        gap = task.target - sum(c * x.get(var, 0.0) for var, c in task.terms.items())
        for z, sign in shortfall_vars(number, task):
            x[z] = max(sign * gap, 0.0)
    for stage in stages(r):
        if stage.name in ("people_first", "assortment"):
            for var in stage.bounds:
                held = [row for row in stage.rows if var in row.terms]
                x[var] = min(sum(c * x[v] for v, c in row.terms.items() if v != var) / -row.terms[var] for row in held)
    return x


def proven_bound(
    r: Reading, values: Mapping[str, xr.DataArray], solved: Sequence[SolvedStage], k: int, wide: bool
) -> float:
    """The bound that stage k's marginal values prove over the box from zero to the plan's own figures.

    Any box that holds all plans holds this one, so no valid bound is lower. `wide` takes a box at least as
    large as the base year, ten times over: marginal values that are right prove the same bound on it.
    """
    own, lp = stages(r), program(r)
    marginals = solved[k].marginal_values
    x = whole_figures(r, values)
    sizes = natural_sizes(r)
    box: dict[Var, float] = {}
    for stage in own:
        if stage.name not in ("living_standard", "tie_break"):
            lp.bounds.update(stage.bounds)
            lp.rows.extend(stage.rows)
    for var in lp.bounds:
        box[var] = max(x.get(var, 0.0), 10 * sizes.get(var, 1.0)) if wide else x.get(var, 0.0)
    total = 0.0
    price: Terms = {}
    for row in lp.rows:
        value = marginal(row, marginals)
        total += value * row.rhs
        for var, c in row.terms.items():
            add(price, var, value * c)
    weight = {k: 1.0}
    tolerance = r.spec.objective.stage_tolerance
    for earlier in range(k):
        held = solved[earlier].objective
        lock = held - tolerance * max(1.0, abs(held))
        value = marginal(Row("lexicographic_bound", (), {}, ">=", lock), marginals, earlier)
        total += value * lock
        weight[earlier] = -value
    worth: dict[Var, float] = {}
    for stage_number, factor in weight.items():
        for var, c in own[stage_number].terms.items():
            if var[0] == "u":
                worth["y", var[1], var[2], var[3]] = factor * c
            else:
                add(price, var, -factor * c)
    lines = worth_lines(r) if worth else []
    for var, (low, _) in lp.bounds.items():
        cost = price.get(var, 0.0)
        if var in worth:
            h, g, t = (int(v) for v in var[1:])
            head = float(r.eaten0[h, g]) * r.heads(h, t)
            turns = [
                head * (lower[1] - upper[1]) / (upper[0] - lower[0])
                for upper, lower in pairwise(lines)
                if upper[0] > lower[0]
            ]
            total += max(
                worth[var] * min(slope * y / head + intercept for slope, intercept in lines) - cost * y
                for y in [0.0, box[var], *(y for y in turns if 0 < y < box[var])]
            )
        elif low == -INF:
            total += -cost * x.get(var, 0.0)
            if wide:
                total += abs(cost) * sizes.get(var, 1.0)
        else:
            total += max(0.0, -cost * box[var])
    return total


def objective_scale(r: Reading, x: Mapping[Var, float], k: int) -> float:
    """What a gap of stage k is measured against: the objective's terms, at least 1.

    Worth is counted in base spending (u' = 1 at the base level), so base spending is its measure: the terms of
    the curve itself run from u(0), which a steep curve puts far away from anything a plan reaches.
    """
    stage = stages(r)[k]
    if stage.name == "living_standard":
        return max(1.0, sum(abs(c) for c in stage.terms.values()))
    return max(1.0, sum(abs(c * x.get(var, 0.0)) for var, c in stage.terms.items()))


@dataclass
class Judgement:
    """What is wrong with a plan, in relative terms; each figure is zero in a sound plan."""

    residual: float
    family: str
    reached: float
    optimum: float
    proof: float

    @property
    def worst(self) -> float:
        """The largest of them."""
        return max(self.residual, self.reached, self.optimum, self.proof)


def judge(
    economy: Economy,
    spec: PlanSpec,
    values: Mapping[str, xr.DataArray],
    solved: Sequence[SolvedStage],
    wide: bool = False,
) -> Judgement:
    """Say by the contract alone how far a plan is from feasible, from what it claims, from optimal and from proven."""
    r = Reading(economy, spec)
    residuals = reference_residuals(economy, spec, values)
    family = max(residuals, key=lambda name: residuals[name])
    names = [stage.name for stage in stages(r)]
    if residuals["arrays"] == INF or len(names) != len(solved):
        return Judgement(INF, "arrays", 0.0, 0.0, 0.0)
    x = whole_figures(r, values)
    claimed = [stage.objective for stage in solved]
    scales = [max(objective_scale(r, x, k), abs(claimed[k])) for k in range(len(solved))]
    reaches = stage_values(r, x)
    reached = abs(reaches[-1] - claimed[-1]) / scales[-1]
    for k in range(len(solved) - 1):
        lock = claimed[k] - spec.objective.stage_tolerance * max(1.0, abs(claimed[k]))
        reached = max(reached, (lock - reaches[k]) / scales[k])
    best: ReferenceResult = reference_solve(economy, spec, claimed)
    optimum = (
        INF
        if best.status != "optimal"
        else max(abs(a - b) / s for a, b, s in zip(best.stage_objectives, claimed, scales, strict=True))
    )
    proof = 0.0
    for k, name in enumerate(names):
        if name != "tie_break":
            proof = max(proof, (proven_bound(r, values, solved, k, wide) - claimed[k]) / scales[k])
    return Judgement(residuals[family], family, reached, optimum, proof)
