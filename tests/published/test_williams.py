"""Williams, Model Building in Mathematical Programming, 5th ed. 2013, problem 12.9 and solution 14.9.

Printed optima: 2142, 2619, 2450. The model of SAS/OR's mpex09 is solved here a second time with scipy, written
out from its statement and not from ours; the tables are that model's, and only what is unique is compared.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import linprog

from lustrum.planning.plan import Plan

INPUTS = np.array([[0.1, 0.5, 0.4], [0.1, 0.1, 0.2], [0.2, 0.1, 0.2]])
BUILDING = np.array([[0.0, 0.7, 0.9], [0.1, 0.1, 0.2], [0.2, 0.1, 0.2]])
MANPOWER, BUILDING_MANPOWER = np.array([0.6, 0.3, 0.2]), np.array([0.4, 0.2, 0.1])
STOCK, CAPACITY, DEMAND = np.array([150.0, 80, 100]), np.array([300.0, 350, 280]), np.array([60.0, 60, 30])


def sas_optimum(aim: str) -> float:
    """Optimum of mpex09: production and stock 0..6, extra capacity by the year it serves, 1..7."""
    size = 3 * 7 + 3 * 7 + 3 * 8
    static = np.linalg.solve(np.eye(3) - INPUTS, DEMAND)

    def at(kind: str, i: int, t: int) -> int:
        return {"x": i * 7, "s": 21 + i * 7, "e": 42 + i * 8}[kind] + t

    low, high = np.zeros(size), np.full(size, np.inf)
    for i in range(3):
        high[at("x", i, 0)] = 0
        low[at("s", i, 0)] = high[at("s", i, 0)] = STOCK[i]
        low[at("x", i, 6)] = static[i]
        high[[at("e", i, t) for t in (0, 1, 6, 7)]] = 0
    balance, needed, limit, most = [], [], [], []
    for t in range(6):
        for i in range(3):
            row = np.zeros(size)
            row[at("s", i, t)] += 1
            row[at("x", i, t)] += 1
            row[at("s", i, t + 1)] -= 1
            for j in range(3):
                row[at("x", j, t + 1)] -= INPUTS[i, j]
                row[at("e", j, t + 2)] -= BUILDING[i, j]
            balance.append(row)
            needed.append(0.0 if t == 0 or aim == "output" else DEMAND[i])
    for t in range(1, 7):
        work = np.zeros(size)
        for i in range(3):
            row = np.zeros(size)
            row[at("x", i, t)] = 1
            row[[at("e", i, y) for y in range(2, t + 1)]] = -1
            limit.append(row)
            most.append(CAPACITY[i])
            work[at("x", i, t)] += MANPOWER[i]
            work[at("e", i, t + 1)] += BUILDING_MANPOWER[i]
        if aim != "manpower":
            limit.append(work)
            most.append(470.0)
    gain = np.zeros(size)
    for i in range(3):
        if aim == "capacity":
            gain[[at("e", i, t) for t in range(2, 6)]] = 1
        elif aim == "output":
            gain[[at("x", i, 4), at("x", i, 5)]] = 1
        else:
            for t in range(1, 6):
                gain[at("x", i, t + 1)] += MANPOWER[i]
                gain[at("e", i, t + 2)] += BUILDING_MANPOWER[i]
    best = linprog(
        -gain,
        A_ub=np.array(limit, dtype=float),
        b_ub=np.array(most, dtype=float),
        A_eq=np.array(balance, dtype=float),
        b_eq=np.array(needed, dtype=float),
        bounds=list(zip(low.tolist(), high.tolist(), strict=True)),
    )
    assert best.status == 0 and best.fun is not None
    return float(-best.fun) + (CAPACITY.sum() if aim == "capacity" else 0.0)


def test_productive_capacity(solve_example: Callable[..., Plan]) -> None:
    plan = solve_example("williams-economic-planning")
    assert round(plan.objective) == 2142
    assert plan.objective == pytest.approx(sas_optimum("capacity"), rel=1e-9)


def test_output_of_years_four_and_five(solve_example: Callable[..., Plan]) -> None:
    plan = solve_example("williams-economic-planning", "production.yaml")
    assert round(plan.objective) == 2619
    assert plan.objective == pytest.approx(sas_optimum("output"), rel=1e-9)


def test_manpower(solve_example: Callable[..., Plan]) -> None:
    plan = solve_example("williams-economic-planning", "manpower.yaml")
    assert round(-plan.objective) == 2450
    assert -plan.objective == pytest.approx(2450.026622821294, rel=1e-9)  # sasoptpy's own test
    assert -plan.objective == pytest.approx(sas_optimum("manpower"), rel=1e-9)


def test_tables_of_the_first_aim(solve_example: Callable[..., Plan]) -> None:
    """The only optimal plan: output, stocks, new capacity and manpower of years 1 to 5."""
    plan = solve_example("williams-economic-planning")
    years = slice(1, 5)
    output = plan.values["output"].sel(year=years).values
    np.testing.assert_allclose(
        output,
        [
            [260.4, 293.4, 300.0, 17.9, 166.4],
            [135.3, 181.7, 193.1, 105.7, 105.7],
            [140.7, 200.6, 267.2, 92.3, 92.3],
        ],
        atol=0.06,
    )
    stock = plan.values["stock"].sel(year=years).values
    np.testing.assert_allclose(stock[0], [0, 0, 148.4, 0, 0], atol=0.06)
    np.testing.assert_allclose(stock[1:], 0, atol=0.06)
    opening = plan.values["stock"].sel(year=0).values
    np.testing.assert_allclose(opening, [0, 12.3, 6.2], atol=0.06)
    capital = plan.values["capital"].sel(asset="coal_plant", activity="coal", year=years).values
    np.testing.assert_allclose(capital, [300, 300, 300, 489.2, 1511.9], atol=0.06)
    np.testing.assert_allclose(manpower(plan), [270.7, 367.0, 470.0, 150.0, 150.0], atol=0.06)


def test_unique_part_of_the_second_aims_plan(solve_example: Callable[..., Plan]) -> None:
    """Steel and transport in every year, coal from year 3: coal may be mined earlier or later before."""
    output = solve_example("williams-economic-planning", "production.yaml").values["output"]
    np.testing.assert_allclose(output.sel(activity="coal", year=slice(3, 5)), [430.5] * 3, atol=0.06)
    steel, transport = (output.sel(activity=a, year=slice(1, 5)) for a in ("steel", "transport"))
    np.testing.assert_allclose(steel, [86.7, 155.3, 182.9, 359.4, 359.4], atol=0.06)
    np.testing.assert_allclose(transport, [141.3, 198.4, 225.9, 519.4, 519.4], atol=0.06)


def test_tables_of_the_third_aim(solve_example: Callable[..., Plan]) -> None:
    plan = solve_example("williams-economic-planning", "manpower.yaml")
    np.testing.assert_allclose(
        plan.values["output"].sel(year=slice(1, 5)).values,
        [
            [251.8, 316.0, 319.8, 366.3, 859.4],
            [134.8, 175.0, 224.1, 223.1, 220.0],
            [143.6, 181.7, 280.0, 279.1, 276.0],
        ],
        atol=0.06,
    )
    np.testing.assert_allclose(manpower(plan), [280.0, 333.7, 539.8, 636.8, 659.7], atol=0.06)


def test_static_output_of_year_six(solve_example: Callable[..., Plan]) -> None:
    """The floors written in the plan files are the solution of x = A x + demand."""
    static = np.linalg.solve(np.eye(3) - INPUTS, DEMAND)
    floors = solve_example("williams-economic-planning").spec.terminal.output_floors
    np.testing.assert_allclose([f.at_least for f in floors], static, rtol=1e-12)
    np.testing.assert_allclose(static, [166.4, 105.7, 92.3], atol=0.06)


def manpower(plan: Plan) -> np.ndarray:
    """Work of years 1 to 5: for the output of the next year and the capacity of the one after."""
    output = plan.values["output"].sel(year=slice(2, 6)).values
    built = plan.values["investment"].sel(year=slice(2, 6)).sum("activity").values
    return np.asarray(MANPOWER @ output + BUILDING_MANPOWER @ built)
