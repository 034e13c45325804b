"""Checks of an economy's accounts: signs, labels, base-year identities, productivity (docs/model.md section 2).

Findings are sentences for a planner, each with its place and its mend; nothing is printed or changed here.
"""

from __future__ import annotations

from lustrum.accounts.checks.base_year import check_balance, check_capacity_used, check_exchange, check_trade
from lustrum.accounts.checks.labelling import check_regions, check_units, check_years, in_money
from lustrum.accounts.checks.production import check_activities, check_productive
from lustrum.accounts.checks.report import Finding, Report, Severity
from lustrum.accounts.checks.signs import check_columns, check_signs
from lustrum.accounts.economy import Economy

__all__ = ["Finding", "Report", "Severity", "check_economy"]

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


def check_economy(economy: Economy) -> Report:
    """Check accounts before a plan is made from them.

    Parameters
    ----------
    economy
        Accounts that could be read: labels agree and every figure is finite already.

    Returns
    -------
    Report
        `ok` where no finding is an error. Figures of a field that carries years are those of the base year, or of
        its first year where it has none for the base year.

    Notes
    -----
    Rows are the balance of products in the base year, S x0 + m0 = U x0 + b y0 + P n0 + f + e0, each residual
    relative to the larger side. Columns are sums that must be 1 where units are money: of b, P and S.
    """
    findings: list[Finding] = []
    findings += check_signs(economy)
    findings += check_regions(economy)
    findings += check_units(economy)
    findings += check_years(economy)
    columns, found = check_columns(economy, money=in_money(economy))
    findings += found
    rows, found = check_balance(economy)
    findings += found
    findings += check_activities(economy)
    productive, radius, found = check_productive(economy)
    findings += found
    findings += check_capacity_used(economy)
    findings += check_trade(economy)
    findings += check_exchange(economy)
    findings.sort(key=lambda f: _ORDER[f.severity])  # stable: the order of the checks is kept
    return Report(
        economy=economy.source.name,
        sectors=economy.size("activity"),
        rows=dict(zip(economy.codes("product"), rows.tolist(), strict=True)) if rows is not None else {},
        columns=columns,
        productive=productive,
        spectral_radius=radius,
        findings=tuple(findings),
    )
