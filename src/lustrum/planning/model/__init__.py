"""The model of docs/model.md as an ordered list of definitions: accounts and plan file in, `Problem` out."""

from __future__ import annotations

from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model.adjustment import define_investment_bands, define_output_bands
from lustrum.planning.model.assets import (
    define_absorption,
    define_accumulation,
    define_after_plan,
    define_capacity,
    define_investment_ceilings,
    define_under_construction,
)
from lustrum.planning.model.context import Model
from lustrum.planning.model.objectives import define_objectives
from lustrum.planning.model.people import (
    define_consumption_floors,
    define_labour,
    define_no_fall,
    define_post_plan_consumption,
    define_resources,
)
from lustrum.planning.model.products import define_export_source, define_product_balance, define_reserves
from lustrum.planning.model.tasks import define_tasks
from lustrum.planning.model.terminal import define_closing_stocks, define_terminal
from lustrum.planning.model.trade import (
    define_debt_ceiling,
    define_exchange,
    define_export_bands,
    define_import_shares,
    define_self_sufficiency,
    define_trade_limits,
)
from lustrum.planning.model.variables import define_variables

__all__ = ["build_problem"]


def build_problem(data: PlanData) -> Problem:
    """Write the plan as a linear program. The numbers are those of docs/model.md section 4."""
    m = Model(data)
    define_variables(m)
    define_product_balance(m)  # 1
    define_export_source(m)  # 1
    define_capacity(m)  # 2
    define_accumulation(m)  # 3
    define_under_construction(m)  # 1, gestation
    define_after_plan(m)  # 1, gestation
    define_labour(m)  # 4
    define_exchange(m)  # 5
    define_debt_ceiling(m)  # 5
    define_trade_limits(m)  # 6
    define_export_bands(m)  # 6
    define_import_shares(m)  # 7
    define_self_sufficiency(m)  # 7
    define_reserves(m)  # 8
    define_absorption(m)  # 9
    define_investment_ceilings(m)  # 9
    define_consumption_floors(m)  # 10
    define_no_fall(m)  # 10
    define_post_plan_consumption(m)  # 14
    define_resources(m)  # 11
    define_tasks(m)  # 12
    define_output_bands(m)  # 13
    define_investment_bands(m)  # 13
    define_terminal(m)  # 14
    define_closing_stocks(m)  # 14
    define_objectives(m)  # section 5
    return m.build()
