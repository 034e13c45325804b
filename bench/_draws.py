"""Hazard draws of us-2019: one five-year plan, and for each draw other bounds and right-hand sides; the matrix stays.

A draw is one to four events. Each has a kind, a start, a depth, a length and a recovery, and says which labels it hits:

    blockade   ceilings on imports of some products      demand     foreign demand for some products (exports) falls
    disaster   some activities lose capital              relief     more of some products is committed
    epidemic   labour is lost

The plan is that of us-2019 with wider limits, which a shock would break at once: no need falls below nine tenths of the
base year (instead of never falling), import shares and output may move faster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from _linprog import embedded

from lustrum.accounts.economy import Economy
from lustrum.lp.limit_sets import LimitSets
from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.planning.spec import PlanSpec

ECONOMY, YEARS = "us-2019", 5
KINDS = ("blockade", "demand", "disaster", "epidemic", "relief")
#: Ceiling on imports where nothing is blocked, of the base year's: never reached.
OPEN = 4.0
#: Imports grow about as output does; a blockade takes its depth off that.
GROWTH = 1.02
EXPORTS_LEAST, EXPORTS_MOST = 1.02 * 0.99, 1.02 * 1.01
#: Largest depth of each kind: shares of imports, exports, capital, labour, and of base output for relief.
DEEPEST = {"blockade": 0.08, "demand": 0.10, "disaster": 0.03, "epidemic": 0.02, "relief": 0.01}


@dataclass(frozen=True, eq=False)
class Event:
    """What happens: depth by plan year, to the positions `where` (products or activities)."""

    kind: str
    path: np.ndarray
    where: np.ndarray


def draws(count: int, seed: int) -> tuple[Problem, LimitSets, list[list[Event]]]:
    """The plan without hazards, the sides of `count` draws, and what happens in each."""
    economy, spec = plan()
    problem = build_problem(PlanData(economy, spec))
    rng = np.random.default_rng(seed)
    happens = [_events(economy, rng) for _ in range(count)]
    low, high = (np.repeat(side[None, :], count, axis=0) for side in (problem.row_lower, problem.row_upper))
    for k, events in enumerate(happens):
        for event in events:
            _apply(problem, economy, event, low[k], high[k])
    lower, upper = (np.broadcast_to(bound, (count, bound.size)) for bound in (problem.lower, problem.upper))
    return problem, LimitSets(low, high, lower, upper), happens


def plan(
    imports: list[dict[str, object]] | None = None, exports: list[dict[str, object]] | None = None
) -> tuple[Economy, PlanSpec]:
    """us-2019 and its plan file with wider limits; more limits on imports and exports, which speak over the first."""
    economy, spec = embedded(ECONOMY, YEARS)
    given = spec.model_dump(by_alias=True)
    given["living_standard"] |= {"no_fall": False, "floors": [{"need": "all", "at_least": 0.9}]}
    given["adjustment"]["output"] |= {"down": 0.10}
    given["adjustment"]["investment"] |= {"down": 0.40, "up": 0.40}
    bands = {
        "at_least": {"start": 1.0, "growth": EXPORTS_LEAST - 1},
        "at_most": {"start": 1.0, "growth": EXPORTS_MOST - 1},
    }
    given["trade"] |= {
        "import_share_band": 0.15,
        "export_band": None,
        "limits": [
            {"flow": "imports", "at_most": OPEN},
            *(imports or []),
            {"flow": "exports", **bands},
            *(exports or []),
        ],
    }
    return economy, PlanSpec.model_validate(given)


def rebuilt(events: list[Event]) -> Problem:
    """The plan written anew from changed accounts and plan file, without the capital lost after the first year."""
    economy, _ = plan()
    codes, t = economy.codes("product"), np.arange(1, YEARS + 1)
    years = [economy.base_year + int(k) for k in t]
    blocked, demand = np.zeros((len(codes), YEARS)), np.zeros((len(codes), YEARS))
    labour, lost = np.ones(YEARS), np.zeros(economy.size("activity"))
    committed = economy.values("committed_demand")[:, None] * 1.005 ** np.arange(YEARS + 1)
    for event in events:
        if event.kind == "blockade":
            blocked[event.where] = np.maximum(blocked[event.where], event.path)
        elif event.kind == "demand":
            demand[event.where] = np.maximum(demand[event.where], event.path)
        elif event.kind == "epidemic":
            labour *= 1 - event.path
        elif event.kind == "relief":
            committed[event.where, 1:] += _relief(economy, event)
        elif event.path[0] > 0:
            lost[event.where] += event.path[0]
    imports = [
        {
            "flow": "imports",
            "product": codes[i],
            "at_most": dict(zip(years, _ceiling(blocked[i]).tolist(), strict=True)),
        }
        for i in np.flatnonzero(blocked.any(axis=1))
    ]
    exports = [
        {"flow": "exports", "product": codes[i]}
        | {
            side: dict(zip(years, ((1 - demand[i]) * rate**t).tolist(), strict=True))
            for side, rate in (("at_least", EXPORTS_LEAST), ("at_most", EXPORTS_MOST))
        }
        for i in np.flatnonzero(demand.any(axis=1))
    ]
    _, spec = plan(imports, exports)
    supply = economy.data["labour_supply"].copy()
    supply.loc[{"year": years}] = supply.loc[{"year": years}] * labour
    changed = economy.with_data(
        labour_supply=supply,
        capital_stock=economy.values("capital_stock") * (1 - lost),
        committed_demand=xr.DataArray(
            committed, dims=("product", "year"), coords={"product": list(codes), "year": [economy.base_year, *years]}
        ),
    )
    return build_problem(PlanData(changed, spec))


def same_as_rebuilt(changed: Problem, events: list[Event]) -> bool:
    """Whether a draw is what the changed accounts give: the same matrix, bounds and sides."""
    other = rebuilt(events)
    rows = np.ones(changed.shape[0], dtype=bool)
    later = changed.rows["accumulation"].index[..., 1:]
    rows[later[later >= 0]] = False
    return (
        (changed.matrix != other.matrix).nnz == 0
        and np.allclose(changed.row_lower[rows], other.row_lower[rows], rtol=1e-12, atol=1e-9)
        and np.allclose(changed.row_upper[rows], other.row_upper[rows], rtol=1e-12, atol=1e-9)
        and np.array_equal(changed.lower, other.lower)
        and np.array_equal(changed.upper, other.upper)
    )


def _events(economy: Economy, rng: np.random.Generator) -> list[Event]:
    kinds = rng.choice(KINDS, size=int(rng.integers(1, 5)), replace=False)
    return [Event(str(kind), _path(rng, DEEPEST[str(kind)]), _where(economy, str(kind), rng)) for kind in kinds]


def _path(rng: np.random.Generator, deepest: float) -> np.ndarray:
    """Depth by year: full for some years from the start, then back to nothing in equal steps."""
    start, length, recovery = rng.integers(0, YEARS), rng.integers(1, 4), rng.integers(0, 4)
    since = np.arange(YEARS) - start
    left = np.clip(1 - (since - length + 1) / (recovery + 1), 0.0, 1.0)
    return np.where(since >= 0, left, 0.0) * rng.uniform(0.1, 1.0) * deepest


def _where(economy: Economy, kind: str, rng: np.random.Generator) -> np.ndarray:
    if kind == "disaster":
        able = economy.values("capital_stock")[:3].sum(axis=0) > 0  # those of government serve commitments that stay
    elif kind in ("blockade", "demand"):
        able = economy.values("imports" if kind == "blockade" else "exports").sum(axis=1) > 0
    else:
        able = economy.values("output") > 0
    at = np.flatnonzero(able)
    most = {"blockade": at.size // 2, "demand": at.size, "disaster": 8, "epidemic": 1, "relief": 4}[kind]
    return np.sort(rng.choice(at, size=int(rng.integers(1, most + 1)), replace=False))


def _ceiling(depth: np.ndarray) -> np.ndarray:
    return np.where(depth > 0, (1 - depth) * GROWTH ** np.arange(1, YEARS + 1), OPEN)


def _relief(economy: Economy, event: Event) -> np.ndarray:
    return economy.values("output")[event.where, None] * event.path


def _apply(problem: Problem, economy: Economy, event: Event, low: np.ndarray, high: np.ndarray) -> None:
    """Write an event into the sides of a draw."""
    rows, t = problem.rows, np.arange(1, YEARS + 1)
    if event.kind == "epidemic":
        high[rows["labour"].index[0]] *= 1 - event.path
    elif event.kind == "relief":
        high[rows["product_balance"].index[event.where]] -= _relief(economy, event)
    elif event.kind == "blockade":
        at = rows["import_ceiling"].index[event.where, 0]
        high[at] = economy.values("imports")[event.where] * _ceiling(event.path)
    elif event.kind == "demand":
        base = economy.values("exports")[event.where]
        low[rows["export_floor"].index[event.where, 0]] = base * (1 - event.path) * EXPORTS_LEAST**t
        high[rows["export_ceiling"].index[event.where, 0]] = base * (1 - event.path) * EXPORTS_MOST**t
    else:
        # what is lost in a year is the depth that it adds, in shares of the base stock
        lost = np.maximum(np.diff(event.path, prepend=0.0), 0.0)
        at = rows["accumulation"].index[:, event.where, :YEARS]
        some = economy.values("capital_stock")[:, event.where, None] * lost
        here = at >= 0
        low[at[here]] -= some[here]
        high[at[here]] -= some[here]
