"""The model of docs/model.md as an ordered list of definitions: accounts and plan file in, `Problem` out."""

from __future__ import annotations

from lustrum.lp.problem import Problem
from lustrum.planning.data import PlanData
from lustrum.planning.model import production, uses
from lustrum.planning.model.context import Model, define_variables
from lustrum.planning.model.objectives import define_objectives

__all__ = ["build_problem"]


def build_problem(data: PlanData) -> Problem:
    """Write the plan as a linear program. The numbers are those of docs/model.md section 4."""
    m = Model(data)
    define_variables(m)
    production.define_product_balance(m)  # 1
    production.define_export_source(m)  # 1
    production.define_capacity(m)  # 2
    production.define_accumulation(m)  # 3
    production.define_under_construction(m)  # 1, gestation
    production.define_after_plan(m)  # 1, gestation
    uses.define_labour(m)  # 4
    uses.define_exchange(m)  # 5
    uses.define_debt_ceiling(m)  # 5
    uses.define_trade_limits(m)  # 6
    uses.define_export_bands(m)  # 6
    production.define_output_ceilings(m)  # 6b
    uses.define_import_shares(m)  # 7
    uses.define_self_sufficiency(m)  # 7
    production.define_reserves(m)  # 8
    production.define_absorption(m)  # 9
    production.define_investment_ceilings(m)  # 9
    uses.define_consumption_floors(m)  # 10
    uses.define_no_fall(m)  # 10
    uses.define_post_plan_consumption(m)  # 14
    uses.define_resources(m)  # 11
    uses.define_tasks(m)  # 12
    production.define_output_bands(m)  # 13
    production.define_investment_bands(m)  # 13
    production.define_terminal(m)  # 14
    production.define_closing_stocks(m)  # 14
    define_objectives(m)  # section 5
    return m.build()
