"""Random changes of three kinds for any economy and plan file, and what a plan solved afresh says of them."""

from __future__ import annotations

import numpy as np

from lustrum.accounts.economy import Economy
from lustrum.errors import AnswerIsNo, Infeasible, Unbounded
from lustrum.planning.spec import PlanSpec
from lustrum.scenario.change import Change
from lustrum.scenario.edits import changed_spec
from lustrum.solving.solve import solve_plan

#: Objectives of two ways of solving agree to this share of themselves.
AGREE = 1e-6


def changes_of_sides(economy: Economy, spec: PlanSpec, rng: np.random.Generator) -> list[Change]:
    """Changes of right-hand sides and bounds: the matrix stays, new limits apart."""
    years = [economy.base_year + 1 + int(rng.integers(spec.horizon.years))]
    out = []
    if economy.has("labour_supply"):
        out.append(Change("datum:labour_supply", years=years, times=float(rng.uniform(0.97, 1.03))))
    if economy.has("need_composition") and economy.size("household"):
        need = str(rng.choice(economy.codes("need")))
        out.append(Change("limit:consumption_floor", {"need": [need]}, years, to=float(rng.uniform(0.5, 0.95))))
    if economy.size("partner") and spec.trade.enabled:
        product = str(rng.choice(economy.codes("product")))
        out.append(Change("limit:import_ceiling", {"product": [product]}, years, to=float(rng.uniform(0.5, 1.5))))
    if economy.has("committed_demand"):
        out.append(Change("datum:committed_demand", times=float(rng.uniform(0.97, 1.02))))
    return out


def changes_of_coefficients(economy: Economy, spec: PlanSpec, rng: np.random.Generator) -> list[Change]:
    """Changes of rates and technology: the pattern of the matrix stays."""
    out = [Change("datum:use", times=float(rng.uniform(0.98, 1.01)))]
    if spec.adjustment.output.up is not None:
        out.append(Change("parameter:adjustment.output.up", to=float(rng.uniform(0.02, 0.2))))
    if economy.has("labour_coefficient"):
        out.append(Change("datum:labour_coefficient", times=float(rng.uniform(0.97, 1.02))))
    return out


def changes_of_structure(economy: Economy, spec: PlanSpec, rng: np.random.Generator) -> list[Change]:
    """New tasks and switches: another matrix."""
    activity = str(rng.choice(economy.codes("activity")))
    more = {"side": "at_most", "terms": [{"of": "output", "activity": [activity]}]}
    level = float(np.abs(economy.value_or("output", 1.0)).max() * rng.uniform(1.0, 3.0)) or 1.0
    return [Change("task:a cap that was drawn", to=level, more=more)]


def afresh(economy: Economy, spec: PlanSpec, changes: list[Change]) -> tuple[str, float]:
    """Status and objective of the plan file with the changes, solved from nothing."""
    try:
        plan = solve_plan(economy, changed_spec(spec, changes, economy))
    except Infeasible:
        return "infeasible", float("nan")
    except Unbounded:
        return "unbounded", float("nan")
    except AnswerIsNo:
        return "limit", float("nan")
    return "optimal", plan.stages[-1].objective
