"""The table of constraint families: one row for each kind of row that a plan can have (docs/model.md section 4).

Words, order of advice, what 1 % of a limit means, place in the plan file: everything that is said of a family anywhere
is read from here. A new family gets its `define_*` function, its row here, its twin in `solving/verify` and its rows in
`tests/reference`; tests compare the four.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lustrum.planning import quantities as q
from lustrum.planning.plan import Plan

Kind = Literal["identity", "endowment", "choice"]
Size = Callable[[Plan, int], np.ndarray]


@dataclass(frozen=True)
class ConstraintFamily:
    """One family of rows.

    Attributes
    ----------
    name, number, dims
        Name in code and files, number in docs/model.md, labels of a row without the year.
    kind
        `identity`: follows from arithmetic and technology, holds whatever a plan asks. `endowment`: what the economy
        has. `choice`: what the plan file asks for.
    sentence
        The limit in the planner's words; `{what}` stands for the names of its labels.
    limit, group
        Words for one limit and for the group whose total is given; empty where it limits nothing that a planner could
        relax.
    measure, size
        What 1 % of the limit is counted against: in words, and as figures of year t on the labels of the family.
    asked
        Whether the plan file asks for it by name; other choices are rates that hold for all labels.
    linking
        Whether its rows tie many parts of the economy together.
    place, key
        Where the plan file sets it: a scalar, or a list and the key of its figures. Empty: nowhere.
    limits
        Field of `Limits` with its figures; empty: none.
    variable
        The variable that a row bounds alone; empty: its rows have several.
    """

    name: str
    number: str
    dims: tuple[str, ...]
    kind: Kind
    sentence: str
    limit: str = ""
    group: str = ""
    measure: str = ""
    size: Size | None = None
    asked: bool = False
    linking: bool = False
    place: str = ""
    key: str = ""
    limits: str = ""
    variable: str = ""


def _variable(name: str) -> Size:
    return lambda plan, t: q.variable(plan, name, t)


def _labour_supply(plan: Plan, t: int) -> np.ndarray:
    return plan.data.labour_supply(t)


def _resource_use(plan: Plan, t: int) -> np.ndarray:
    return np.asarray(plan.data.resource_coefficient(t) @ q.variable(plan, "output", t))


def _closing_assets(plan: Plan, t: int) -> np.ndarray:
    return q.variable(plan, "capital", t + 1)


def _targets(plan: Plan, t: int) -> np.ndarray:
    return np.array([task.target for task in plan.data.tasks])


PRODUCT, ACTIVITY, ASSETS = ("product",), ("activity",), ("asset", "activity")
FLOW, NEEDS = ("product", "partner"), ("household", "need")

_TRADE, _EXPORT_BAND, _SHARE_BAND = "limits on trade by product", "bands on exports", "bands on import shares"
_OUTPUT_BAND, _INVESTMENT_BAND = "bands on output", "bands on investment"
_EXCHANGE, _CLOSE = "foreign exchange and debt", "what must be left at the close"

_ROWS = (
    ConstraintFamily("product_balance", "1", PRODUCT, "identity", "uses of {what} within its supply"),
    ConstraintFamily(
        "export_source",
        "1",
        PRODUCT,
        "identity",
        "exports of {what} come from own output",
        "exports come from own output",
        "exports come from own output",
        "output of the product",
        q.production,
    ),
    ConstraintFamily(
        "under_construction",
        "1",
        ASSETS,
        "identity",
        "building of {what} already under way",
        variable="investment",
    ),
    ConstraintFamily(
        "after_plan",
        "1",
        ASSETS,
        "choice",
        "building of {what} goes on after the plan",
        place="terminal.growth",
        variable="investment",
    ),
    ConstraintFamily(
        "capacity",
        "2",
        ASSETS,
        "endowment",
        "capacity of {what}",
        "capacity",
        "capacity",
        "assets at the start of the year",
        _variable("capital"),
    ),
    ConstraintFamily("accumulation", "3", ASSETS, "identity", "stocks of {what} follow from investment"),
    ConstraintFamily(
        "labour",
        "4",
        ("skill",),
        "endowment",
        "labour supply: {what}",
        "labour",
        "labour",
        "labour supply",
        _labour_supply,
        linking=True,
        place="labour.supply_growth",
    ),
    ConstraintFamily(
        "exchange",
        "5",
        ("region",),
        "endowment",
        "foreign exchange: {what}",
        "foreign exchange",
        _EXCHANGE,
        "cost of imports",
        q.import_bill,
        linking=True,
    ),
    ConstraintFamily(
        "debt_ceiling",
        "5",
        ("region",),
        "choice",
        "debt ceiling: {what}",
        "ceiling on foreign debt",
        _EXCHANGE,
        "foreign debt",
        _variable("debt"),
        asked=True,
        place="trade.debt_ceiling",
        limits="debt_ceiling",
        variable="debt",
    ),
    *(
        ConstraintFamily(
            f"{flow}_{side}",
            "6",
            FLOW,
            "choice",
            f"{side} {preposition} {flow}s of {{what}}",
            f"{side} {preposition} {flow}s",
            _TRADE,
            f"{flow}s",
            _variable(f"{flow}s"),
            asked=True,
            place="trade.limits",
            key=key,
            limits=f"{flow}_{side}",
            variable=f"{flow}s",
        )
        for flow in ("import", "export")
        for side, preposition, key in (("ceiling", "on", "at_most"), ("floor", "under", "at_least"))
    ),
    *(
        ConstraintFamily(
            f"export_band_{side}",
            "6",
            FLOW,
            "choice",
            f"exports of {{what}} must not {verb} {beyond} their band",
            f"exports may not {verb} faster",
            _EXPORT_BAND,
            "exports",
            _variable("exports"),
            place="trade.export_band",
            limits=f"export_band_{side}",
            variable="exports",
        )
        for side, verb, beyond in (("low", "fall", "below"), ("high", "rise", "above"))
    ),
    *(
        ConstraintFamily(
            f"import_share_{side}",
            "7",
            PRODUCT,
            "choice",
            f"import share of {{what}} must not {verb} {beyond} its band",
            f"import share may not {verb} faster",
            _SHARE_BAND,
            "imports from all partners",
            q.imports,
            place="trade.import_share_band",
            limits=f"import_share_{side}",
        )
        for side, verb, beyond in (("low", "fall", "below"), ("high", "rise", "above"))
    ),
    ConstraintFamily(
        "self_sufficiency",
        "7",
        PRODUCT,
        "choice",
        "self-sufficiency in {what}",
        "self-sufficiency asked",
        "self-sufficiency",
        "output of the product",
        q.production,
        asked=True,
        place="trade.self_sufficiency",
        key="at_least",
        limits="self_sufficiency",
    ),
    ConstraintFamily(
        "reserve",
        "8",
        PRODUCT,
        "choice",
        "reserve of {what}",
        "reserve asked",
        "reserves",
        "stock of the product",
        _variable("stock"),
        asked=True,
        place="reserves",
        key="at_least",
        limits="reserve",
        variable="stock",
    ),
    ConstraintFamily(
        "absorption",
        "9",
        ASSETS,
        "choice",
        "investment that {what} can absorb",
        "stock may not grow faster",
        "absorption of investment",
        "investment",
        _variable("investment"),
        place="investment.stock_growth_cap",
    ),
    ConstraintFamily(
        "investment_ceiling",
        "9",
        ASSETS,
        "choice",
        "ceiling on investment of {what}",
        "ceiling on investment",
        "ceilings on investment",
        "investment",
        _variable("investment"),
        asked=True,
        place="investment.ceilings",
        key="at_most",
        limits="investment_ceiling",
        variable="investment",
    ),
    ConstraintFamily(
        "consumption_floor",
        "10",
        NEEDS,
        "choice",
        "floor under {what}",
        "floor under living standard",
        "floors under living standard",
        "consumption",
        _variable("consumption"),
        asked=True,
        place="living_standard.floors",
        key="at_least",
        limits="consumption_floor",
        variable="consumption",
    ),
    ConstraintFamily(
        "no_fall",
        "10",
        NEEDS,
        "choice",
        "no fall in {what}",
        "living standard may not fall",
        "living standard may not fall",
        "consumption",
        _variable("consumption"),
        place="living_standard.no_fall",
    ),
    ConstraintFamily(
        "resource",
        "11",
        ("resource",),
        "endowment",
        "budget of {what}",
        "resource",
        "resources",
        "use of the resource",
        _resource_use,
        linking=True,
        place="resources",
        key="at_most",
        limits="resource_budget",
    ),
    ConstraintFamily(
        "task",
        "12",
        ("task",),
        "choice",
        "task {what!r}",
        "task",
        "tasks",
        "the target",
        _targets,
        asked=True,
        linking=True,
        place="tasks",
    ),
    *(
        ConstraintFamily(
            f"{name}_{side}",
            "13",
            dims,
            "choice",
            f"{name} of {{what}} {verb}s no faster than its band",
            f"{name} may not {verb} faster",
            group,
            name,
            _variable(name),
            place=f"adjustment.{name}.{side}",
        )
        for name, dims, group in (
            ("output", ACTIVITY, _OUTPUT_BAND),
            ("investment", ASSETS, _INVESTMENT_BAND),
        )
        for side, verb in (("down", "fall"), ("up", "rise"))
    ),
    ConstraintFamily(
        "terminal_growth",
        "14",
        ASSETS,
        "choice",
        "{what} able to grow after the plan",
        "capacity asked at the close",
        _CLOSE,
        "assets at the close",
        _closing_assets,
        place="terminal.growth",
    ),
    ConstraintFamily(
        "terminal_stocks",
        "14",
        ASSETS,
        "choice",
        "closing stock of {what}",
        "stocks asked at the close",
        _CLOSE,
        "assets at the close",
        _closing_assets,
        asked=True,
        place="terminal.stocks",
        key="at_least",
        limits="closing_capital",
        variable="capital",
    ),
    ConstraintFamily(
        "output_floor",
        "14",
        ACTIVITY,
        "choice",
        "output of {what} after the plan",
        "output asked after the plan",
        _CLOSE,
        "output",
        _variable("output"),
        asked=True,
        place="terminal.output_floors",
        key="at_least",
        limits="output_floor",
        variable="output",
    ),
    ConstraintFamily(
        "post_plan_consumption",
        "14",
        NEEDS,
        "choice",
        "no fall in {what} after the plan",
        "living standard kept after the plan",
        _CLOSE,
        "consumption",
        _variable("consumption"),
        place="terminal.rule",
    ),
    ConstraintFamily(
        "closing_stock",
        "14",
        PRODUCT,
        "choice",
        "closing stock of {what}",
        "product stock asked at the close",
        _CLOSE,
        "stock of the product",
        _variable("stock"),
        place="terminal.product_stocks",
        limits="closing_product_stock",
        variable="stock",
    ),
    ConstraintFamily("utility", "section 5", NEEDS, "identity", "utility: {what}"),
    ConstraintFamily("basket", "section 5", NEEDS, "identity", "basket: {what}"),
    ConstraintFamily("lowest", "section 5", NEEDS, "identity", "lowest: {what}"),
    ConstraintFamily("proportion", "section 5", ACTIVITY, "identity", "proportion: {what}"),
    ConstraintFamily(
        "lexicographic_bound", "section 5", ("stage",), "identity", "lexicographic bound: {what}", linking=True
    ),
)

FAMILIES: dict[str, ConstraintFamily] = {family.name: family for family in _ROWS}

#: Families that hold whatever a plan asks; what the economy has; what a plan file asks for by name.
IDENTITIES = frozenset(f.name for f in _ROWS if f.kind == "identity")
ENDOWMENTS = frozenset(f.name for f in _ROWS if f.kind == "endowment")
ASKED = frozenset(f.name for f in _ROWS if f.asked)


def limit_size(plan: Plan, family: str, year: int | None) -> np.ndarray:
    """Return the figures that 1 % of a family's limits is counted against, on its labels; zero where it limits nothing.

    Parameters
    ----------
    family
        Name of the family.
    year
        Calendar year; None for a family without years.
    """
    cal, size = plan.data.calendar, FAMILIES[family].size
    t = cal.plan if year is None else year - cal.base
    return np.zeros(()) if size is None else np.abs(size(plan, t))
