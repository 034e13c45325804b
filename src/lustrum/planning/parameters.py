"""The parameter table: default, unit, range and one line for every scalar a plan file can set.

The plan file's schema, its documentation (docs/plan-file.md) and `PlanSpec` are made from this table,
so a default or a range is changed here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field


@dataclass(frozen=True)
class Parameter:
    """One scalar of a plan file: where it stands, what it is when absent, and what it may be."""

    path: str
    default: Any
    unit: str
    low: float | None
    high: float | None
    meaning: str


_ROWS: tuple[tuple[str, Any, str, float | None, float | None, str], ...] = (
    ("horizon.years", 5, "years", 1, 60, "length of the plan; year 1 follows the base year of the accounts"),
    (
        "technology.input_lag",
        0,
        "years",
        0,
        1,
        "0: inputs are used in the year of the output; 1: a year before it, and the base year becomes a decision year",
    ),
    (
        "technology.labour_productivity_growth",
        0.0,
        "per year",
        -0.5,
        0.5,
        "labour per unit of output and of building falls by this rate; not applied to coefficients given by year",
    ),
    ("population.growth", 0.0, "per year", -0.5, 0.5, "growth of population where the accounts give none by year"),
    ("labour.enforce", True, "", None, None, "hold labour to its supply"),
    ("labour.supply_growth", 0.0, "per year", -0.5, 0.5, "growth of labour supply where none is given by year"),
    ("capacity.enforce", True, "", None, None, "hold output to what the assets can make"),
    (
        "committed_demand.growth",
        0.0,
        "per year",
        -0.5,
        0.5,
        "growth of government and other committed demand where none is given by year",
    ),
    ("living_standard.no_fall", False, "", None, None, "no need of any household may fall per head"),
    ("trade.enabled", True, "", None, None, "false: no imports and no exports"),
    ("trade.exchange", True, "", None, None, "hold imports to what exports, transfers and debt can pay"),
    ("trade.interest_rate", 0.0, "per year", -0.5, 1.0, "interest on foreign debt (and on foreign assets)"),
    ("trade.new_trade", False, "", None, None, "allow trade in a product with a partner where the base year had none"),
    (
        "trade.import_share_band",
        None,
        "per year",
        0.0,
        10.0,
        "how fast import shares in domestic use may move away from the base share; none: no band",
    ),
    ("trade.export_growth", 0.0, "per year", -0.5, 0.5, "growth of foreign demand: the centre of the export band"),
    (
        "trade.export_band",
        None,
        "per year",
        0.0,
        10.0,
        "how fast exports may move away from base exports grown with foreign demand; none: no band",
    ),
    (
        "investment.stock_growth_cap",
        None,
        "per year",
        0.0,
        100.0,
        "what an activity can absorb: its stock of an asset grows at most this fast; none: no cap",
    ),
    ("adjustment.output.down", None, "per year", 0.0, 1.0, "output of an activity falls at most this fast"),
    ("adjustment.output.up", None, "per year", 0.0, 100.0, "output of an activity rises at most this fast"),
    (
        "adjustment.output.step",
        None,
        "activity units",
        0.0,
        None,
        "where base output is zero: rise allowed each year on top of the rate; none: no band there",
    ),
    ("adjustment.investment.down", None, "per year", 0.0, 1.0, "investment in an asset, by activity, falls at most so"),
    ("adjustment.investment.up", None, "per year", 0.0, 100.0, "investment in an asset, by activity, rises at most so"),
    (
        "adjustment.investment.step",
        None,
        "asset units",
        0.0,
        None,
        "where base investment is zero: rise allowed each year on top of the rate; none: no band there",
    ),
    ("terminal.growth", 0.0, "per year", -0.5, 1.0, "growth g that the close of the plan must allow"),
    ("terminal.years", 1, "years", 1, 20, "post-plan years of an output floor"),
    ("terminal.product_stocks", True, "", None, None, "close with product stocks of at least s0 (1+g)^T"),
    ("objective.people_first", False, "", None, None, "first raise the lowest living standard of all"),
    ("objective.discount", 1.0, "factor per year", 0.01, 2.0, "weight of a year against the year before it"),
    ("objective.elasticity", 2.0, "", 0.0, 20.0, "η: how fast the value of one more unit falls as a need is met"),
    ("objective.utility_floor", 0.5, "base level per head", 0.01, 1.0, "below this level utility is linear"),
    ("objective.utility_ceiling", 2.0, "base level per head", 1.0, 100.0, "above this level utility is linear"),
    ("objective.segments", 40, "segments", 2, 1000, "segments of the utility curve; the error is stated with the plan"),
    ("objective.stage_tolerance", 1e-7, "relative", 0.0, 0.1, "how much of an earlier stage a later one may give up"),
    ("objective.tie_break", False, "", None, None, "last, choose the equal optimum closest to base proportions"),
    ("solver.tolerance", 1e-6, "relative", 1e-10, 1e-2, "largest residual and gap of a plan called optimal"),
    ("solver.time_limit", 600.0, "seconds", 0.01, 1e6, "stop after this; a plan is then not called optimal"),
    (
        "solver.vertex",
        None,
        "",
        None,
        None,
        "go on from the staircase solver to a vertex, where what can be zero is zero; none: up to 500,000 coefficients",
    ),
    ("solver.threads", 0, "threads", 0, 256, "0: as many as the machine has"),
)

PARAMETERS: dict[str, Parameter] = {r[0]: Parameter(*r) for r in _ROWS}


def parameter(path: str) -> Any:
    """Return the pydantic field of a parameter: default, range, description and unit from the table."""
    p = PARAMETERS[path]
    extra: dict[str, Any] | None = {"unit": p.unit} if p.unit else None
    return Field(default=p.default, ge=p.low, le=p.high, description=p.meaning, json_schema_extra=extra)
