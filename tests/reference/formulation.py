"""The planning model written a second time, from docs/model.md alone, and solved by scipy.

`reference_solve` gives what the optimum must be; `reference_residuals` and `reference_objectives` say of any
arrays whether they obey the contract and what they reach. Plain loops and dictionaries: slow and easy to read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import xarray as xr
from scipy.optimize import linprog
from scipy.sparse import csr_matrix
from tests.reference.aims import Stage, shortfall_vars, stage_values, stages
from tests.reference.reading import Reading, Terms, Var
from tests.reference.row import INF, Row, variables
from tests.reference.rows import Rows

from lustrum.accounts.economy import Economy
from lustrum.planning.spec import PlanSpec

#: How a plan's arrays are keyed: name -> (letter of the variable, dimensions before the year).
ARRAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "output": ("x", ("activity",)),
    "investment": ("n", ("asset", "activity")),
    "capital": ("k", ("asset", "activity")),
    "imports": ("imports", ("product", "partner")),
    "exports": ("exports", ("product", "partner")),
    "stock": ("s", ("product",)),
    "consumption": ("y", ("household", "need")),
    "debt": ("d", ("region",)),
}

#: (method, presolve, tolerance) in the order tried, until one ends with a verdict.
ATTEMPTS: tuple[tuple[Literal["highs-ds", "highs-ipm"], bool, float], ...] = (
    ("highs-ds", True, 1e-10),
    ("highs-ds", False, 1e-10),
    ("highs-ipm", True, 1e-9),
    ("highs-ds", True, 1e-8),
    ("highs-ds", False, 1e-7),
)


@dataclass
class ReferenceResult:
    """Status (optimal, infeasible, unbounded), value of each stage (maximisation sense), last stage's figures."""

    status: str
    stage_objectives: list[float]
    x: dict[Var, float]
    stage_names: list[str] = field(default_factory=list)


@dataclass
class Program:
    """An LP in dictionaries: bounds by variable and rows."""

    bounds: dict[Var, tuple[float, float]]
    rows: list[Row]

    def maximise(
        self, terms: Terms, size: Mapping[Var, float], feasible: bool = False
    ) -> tuple[str, float, dict[Var, float]]:
        """Return status, value and figures; columns are measured in `size`, rows scaled to 1.

        `feasible` tells that there is a plan (an earlier stage found it), so that no verdict to the contrary counts.
        """
        names = list(self.bounds)
        at = {var: k for k, var in enumerate(names)}
        scale = np.array([size.get(var, 1.0) for var in names])
        data: dict[bool, tuple[list[int], list[int], list[float], list[float]]] = {
            True: ([], [], [], []),
            False: ([], [], [], []),
        }
        for row in self.rows:
            ri, ci, values, rhs = data[row.sense == "="]
            sign = -1.0 if row.sense == ">=" else 1.0
            sized = {at[var]: c * scale[at[var]] for var, c in row.terms.items() if c != 0.0}
            unit = max((abs(c) for c in sized.values()), default=1.0)
            for column, c in sized.items():
                ri.append(len(rhs))
                ci.append(column)
                values.append(sign * c / unit)
            rhs.append(sign * row.rhs / unit)
        cost = np.zeros(len(names))
        for var, c in terms.items():
            cost[at[var]] -= c * scale[at[var]]
        worth = float(np.abs(cost).max(initial=0.0)) or 1.0
        low = [None if b[0] == -INF else b[0] / s for b, s in zip(self.bounds.values(), scale, strict=True)]
        high = [None if b[1] == INF else b[1] / s for b, s in zip(self.bounds.values(), scale, strict=True)]

        def matrix(equal: bool) -> csr_matrix | None:
            ri, ci, values, rhs = data[equal]
            return csr_matrix((values, (ri, ci)), shape=(len(rhs), len(names))) if rhs else None

        def solve(method: Literal["highs-ds", "highs-ipm"], presolve: bool, tolerance: float) -> Any:
            options = {
                "primal_feasibility_tolerance": tolerance,
                "dual_feasibility_tolerance": tolerance,
                "presolve": presolve,
            }
            solver: Any = linprog  # its stubs know no csr_matrix
            return solver(
                cost / worth,
                A_ub=matrix(False),
                b_ub=data[False][3] or None,
                A_eq=matrix(True),
                b_eq=data[True][3] or None,
                bounds=list(zip(low, high, strict=True)),
                method=method,
                options=options,
            )

        for attempt in ATTEMPTS:
            found = solve(*attempt)
            if found.status == 0 or (found.status in (2, 3) and not (feasible and found.status == 2)):
                break
        if found.status != 0:
            return {2: "infeasible", 3: "unbounded"}.get(found.status, "unknown"), 0.0, {}
        x = {var: float(v) for var, v in zip(names, found.x * scale, strict=True)}
        return "optimal", float(sum(c * x[var] for var, c in terms.items())), x


def natural_sizes(r: Reading) -> dict[Var, float]:
    """How large each variable is in the base year, to measure columns in."""

    def size(values: np.ndarray, at: tuple[int, ...]) -> float:
        top = float(np.abs(values).max(initial=0.0)) or 1.0
        own = float(abs(values[at]))
        return own if own > 1e-6 * top else 0.1 * top

    supply = r.at("supply", 1) if r.by_year("supply") else r.base("supply")
    use = r.at("use", 1) if r.by_year("use") else r.base("use")
    if r.e.has("output"):
        x0 = r.base("output")
    else:
        # what consumption and committed demand would ask of each activity's largest product
        mix = r.at("need_composition", 1) if r.e.has("need_composition") else np.zeros((len(r.products), 0))
        wanted = np.abs(mix @ r.eaten0.sum(axis=0)) + np.abs(r.committed(1))
        main = supply.argmax(axis=0)
        x0 = np.maximum(wanted[main], 0.1 * wanted.max(initial=0.0)) / supply[main, range(len(main))]
    made = np.asarray(supply @ x0 + use @ x0)
    out: dict[Var, float] = {}
    price = r.import_price(1)
    money = float(sum(price[i] * made[i] for i in r.products)) or 1.0
    for var in variables(r):
        letter, at = var[0], tuple(int(v) for v in var[1:-1])
        if letter == "x":
            out[var] = size(x0, at)
        elif letter == "k":
            out[var] = size(r.stock0, at)
        elif letter == "n":
            out[var] = size(r.invested0 if r.invested0.any() else 0.1 * r.stock0, at)
        elif letter in ("imports", "exports", "s"):
            out[var] = 0.1 * size(made, at[:1])
        elif letter == "y":
            out[var] = size(r.eaten0, at)
        else:
            out[var] = 0.1 * money
    for number, task in enumerate(Rows(r).tasks()):
        for z, _ in shortfall_vars(number, task):
            out[z] = abs(task.target) or 1.0
    return out


def program(r: Reading) -> Program:
    """The constraints of the contract, without any stage."""
    book = Rows(r)
    bounds, rows = variables(r), book.all()
    for number, task in enumerate(book.tasks()):
        terms = dict(task.terms)
        for z, sign in shortfall_vars(number, task):
            bounds[z] = (0.0, INF)
            terms[z] = sign
        rows.append(Row("task", (task.name, task.year), terms, task.sense, task.target))
    return Program(bounds, rows)


def reference_solve(economy: Economy, spec: PlanSpec, held: Sequence[float] | None = None) -> ReferenceResult:
    """Solve stage by stage; `held` gives the values at which earlier stages are locked (else the own optima)."""
    r = Reading(economy, spec)
    lp, sizes = program(r), natural_sizes(r)
    result = ReferenceResult("optimal", [], {})
    tolerance = spec.objective.stage_tolerance
    for k, stage in enumerate(stages(r)):
        lp.bounds.update(stage.bounds)
        lp.rows.extend(stage.rows)
        status, value, x = lp.maximise(stage.terms, sizes, feasible=k > 0)
        if status != "optimal":
            return ReferenceResult(status, result.stage_objectives, {}, [*result.stage_names, stage.name])
        result.stage_objectives.append(value)
        result.stage_names.append(stage.name)
        result.x = x
        lock = held[k] if held is not None and k < len(held) else value
        lp.rows.append(
            Row("lexicographic_bound", (stage.name,), dict(stage.terms), ">=", lock - tolerance * max(1.0, abs(lock)))
        )
    return result


# any plan's arrays, judged -------------------------------------------------------------------------


def figures(r: Reading, values: Mapping[str, xr.DataArray]) -> tuple[dict[Var, float], list[str]]:
    """A plan's arrays as figures by variable, and what is missing or stands where no variable is."""
    known = variables(r)
    x: dict[Var, float] = {}
    wrong: list[str] = []
    for name, (letter, dims) in ARRAYS.items():
        array = values.get(name)
        if array is None:
            continue
        array = array.transpose(*dims, "year")
        codes = [r.region_codes if d == "region" else list(r.e.codes(d)) for d in dims]
        where = [[c.index(str(v)) for v in array[d].values] for d, c in zip(dims, codes, strict=True)]
        years = [int(y) - r.e.base_year for y in array["year"].values]
        for index in np.ndindex(*array.shape):
            value = float(array.values[index])
            var: Var = (letter, *(w[k] for w, k in zip(where, index[:-1], strict=True)), years[index[-1]])
            if var in known and np.isfinite(value):
                x[var] = value
            elif var not in known and np.isfinite(value) and value != 0.0:
                wrong.append(f"no variable {var}")
    wrong += [f"missing {var}" for var in known if var not in x]
    return x, wrong


def violation(row: Row, x: Mapping[Var, float]) -> float:
    """How far a row is missed, relative to the largest figure in it (at least 1)."""
    parts = [c * x.get(var, 0.0) for var, c in row.terms.items()]
    left = sum(parts)
    miss = left - row.rhs if row.sense == "<=" else row.rhs - left if row.sense == ">=" else abs(left - row.rhs)
    return max(miss, 0.0) / max(1.0, abs(row.rhs), max((abs(p) for p in parts), default=0.0))


def reference_residuals(economy: Economy, spec: PlanSpec, values: Mapping[str, xr.DataArray]) -> dict[str, float]:
    """Largest relative violation of each family; `bounds` for negative figures, `arrays` for missing ones.

    Elastic tasks are left out: what they miss is counted by `reference_objectives`. Stage locks are, too.
    """
    r = Reading(economy, spec)
    x, wrong = figures(r, values)
    out: dict[str, float] = {"arrays": INF if wrong else 0.0, "bounds": 0.0}
    sizes = natural_sizes(r)
    for var, (low, _) in variables(r).items():
        if var in x and low == 0.0:
            out["bounds"] = max(out["bounds"], -x[var] / max(1.0, sizes[var]))
    book = Rows(r)
    hard = [
        Row("task", (task.name, task.year), task.terms, task.sense, task.target)
        for task in book.tasks()
        if task.priority is None
    ]
    for row in book.all() + hard:
        out[row.family] = max(out.get(row.family, 0.0), violation(row, x))
    return out


def reference_objectives(economy: Economy, spec: PlanSpec, values: Mapping[str, xr.DataArray]) -> list[float]:
    """Value of each stage's objective at a plan's arrays, in the maximisation sense."""
    r = Reading(economy, spec)
    return stage_values(r, figures(r, values)[0])


__all__ = [
    "Program",
    "ReferenceResult",
    "Stage",
    "figures",
    "natural_sizes",
    "program",
    "reference_objectives",
    "reference_residuals",
    "reference_solve",
    "violation",
]
