"""Base-year identities: product balance (1), capacity (2), labour (4), exchange (5), resources (11) at x0."""

from __future__ import annotations

import numpy as np

from lustrum.accounts.checks.report import BROKEN, Finding, figures, figures_or_zero, grade, listed, shorten
from lustrum.accounts.economy import Economy

#: Imports above this share of domestic use leave little that a plan can move.
DEPENDENT = 0.9


def check_balance(e: Economy) -> tuple[np.ndarray | None, list[Finding]]:
    """Compare S x0 + m0 with U x0 + b y0 + P n0 + f + e0, product by product.

    Returns
    -------
    residuals : i, or None without base output
        Supply minus use over the larger of the two sides' gross flows.
    findings
    """
    if not e.has("output"):
        return None, [
            Finding(
                "note",
                "output",
                "no base output: the base-year balance cannot be checked",
                "add output.csv if the accounts describe a real year",
            )
        ]
    x0 = e.values("output")
    supply = [figures_or_zero(e, "supply") @ x0]
    use = [figures_or_zero(e, "use") @ x0, figures_or_zero(e, "committed_demand")]
    if e.has("need_composition", "consumption"):
        use.append(figures_or_zero(e, "need_composition") @ e.values("consumption").sum(axis=0))
    if e.has("asset_composition", "investment"):
        use.append(e.values("asset_composition") @ e.values("investment").sum(axis=1))
    if e.size("partner"):
        supply.append(e.value_or("imports", 0.0).sum(axis=1))
        use.append(e.value_or("exports", 0.0).sum(axis=1))
    gross = np.maximum(sum(map(np.abs, supply)), sum(map(np.abs, use)))
    gap = np.asarray(sum(supply) - sum(use))
    residual = np.divide(gap, gross, out=np.zeros_like(gap), where=gross > 0)
    findings = []
    for i in np.argsort(-np.abs(residual), kind="stable"):
        if (severity := grade(float(residual[i]))) is None:
            break
        code = e.codes("product")[i]
        sides = "supply exceeds use" if gap[i] > 0 else "use exceeds supply"
        findings.append(
            Finding(
                severity,
                f"product balance: {code}",
                f"{sides} by {abs(gap[i]):.6g} {e.unit_of('product', code)} in {e.base_year} ({abs(residual[i]):.2%})"
                + (": rounding of the tables" if severity == "warning" else ""),
                "changes in inventories and statistical differences belong in committed_demand.csv",
            )
        )
    return residual, shorten(findings)


def check_capacity_used(e: Economy) -> list[Finding]:
    """Compare what base output needs of assets, labour and resources with what there is."""
    out: list[Finding] = []
    if not e.has("output"):
        return out
    x0 = e.values("output")
    kappa = figures(e, "capital_coefficient")
    if kappa is not None and e.has("capital_stock"):
        needed, there = kappa * x0, e.values("capital_stock")
        for a, j in np.argwhere(needed > there * (1 + BROKEN) + 1e-12 * (1 + np.abs(there).max())):
            out.append(
                Finding(
                    "warning",
                    f"capital_stock: {e.codes('asset')[a]}, {e.codes('activity')[j]}",
                    f"base output needs {needed[a, j]:.6g}, the opening stock is {there[a, j]:.6g}",
                    "the plan must begin below base output: check stock and capital_coefficient",
                )
            )
    labour, supply = figures(e, "labour_coefficient"), figures(e, "labour_supply")
    if labour is not None and supply is not None:
        spent = labour @ x0
        if e.has("building_labour", "investment"):
            spent = spent + e.values("building_labour") @ e.values("investment").sum(axis=1)
        for s in np.flatnonzero(spent > supply * (1 + BROKEN)):
            out.append(
                Finding(
                    "warning",
                    f"labour_supply: {e.codes('skill')[s]}",
                    f"the base year spends {spent[s]:.6g}, there is {supply[s]:.6g}",
                    "raise labour_supply, or mend labour_coefficient",
                )
            )
    rho, budget = figures(e, "resource_coefficient"), figures(e, "resource_budget")
    if rho is not None and budget is not None:
        for q in np.flatnonzero(rho @ x0 > budget * (1 + BROKEN)):
            out.append(
                Finding(
                    "warning",
                    f"resource_budget: {e.codes('resource')[q]}",
                    f"the base year uses {(rho @ x0)[q]:.6g}, the budget is {budget[q]:.6g}",
                    "the plan must cut at once: raise the budget, or give it by year",
                )
            )
    return shorten(out)


def check_trade(e: Economy) -> list[Finding]:
    """Exports need a source; imports that are nearly all of use cannot move far."""
    if not e.size("partner") or not e.has("output"):
        return []
    imports, exports = e.value_or("imports", 0.0).sum(axis=1), e.value_or("exports", 0.0).sum(axis=1)
    made = figures_or_zero(e, "supply") @ e.values("output")
    source = made + np.where(e.storable_products, e.value_or("opening_stock", 0.0), 0.0)
    re_export = e.value_or("re_export", 0.0).astype(bool)
    out: list[Finding] = []
    for i in np.flatnonzero((exports > source * (1 + 1e-9)) & ~re_export):
        out.append(
            Finding(
                "warning",
                f"exports: {e.codes('product')[i]}",
                f"exports of {exports[i]:.6g} exceed output and stock of {source[i]:.6g}",
                "mark it in re_export.csv, or move the re-exports out of imports and exports",
            )
        )
    use = made + imports - exports
    near = []
    for i in np.flatnonzero(imports > 0):
        code = e.codes("product")[i]
        if imports[i] > use[i] * (1 + 1e-9) and made[i] > 0:
            share = f"are {imports[i] / use[i]:.0%} of domestic use" if use[i] > 0 else "have no domestic use"
            # said in the accounts, it is no surprise; unsaid, it may be a slip
            out.append(
                Finding(
                    "note" if re_export[i] else "warning",
                    f"imports: {code}",
                    f"imports {share}: some are exported again",
                    "an import share band binds hard here; see re_export.csv",
                )
            )
        elif imports[i] > DEPENDENT * use[i]:
            near.append(code)
    if near:
        out.append(
            Finding(
                "note",
                f"imports: {near[0]}",
                f"imports are over {DEPENDENT:.0%} of the use of {listed(near)}",
                "import shares cannot rise here and self-sufficiency can only be slow",
            )
        )
    return shorten(out)


def check_exchange(e: Economy) -> list[Finding]:
    """Compare what the base year's imports cost with exports and transfers, region by region (5)."""
    if not e.size("partner"):
        return []
    price = figures(e, "import_price")
    bought = np.ones(e.size("product")) if price is None else price
    sold = figures(e, "export_price")
    sold = bought if sold is None else sold
    pays = bought * e.value_or("imports", 0.0).sum(axis=1)
    earns = sold * e.value_or("exports", 0.0).sum(axis=1)
    regions = e.codes("region") or ("all",)
    if len(regions) > 1 and any(r not in regions for r in e.sets["product"].regions):
        return []  # said by check_regions
    at = e.product_region
    transfers = figures_or_zero(e, "transfers") if e.codes("region") else np.zeros(1)
    out = []
    for r, region in enumerate(regions):
        cost, income = float(pays[at == r].sum()), float(earns[at == r].sum()) + float(transfers[r])
        size = max(cost, abs(income))
        if size == 0 or abs(cost - income) <= BROKEN * size:
            continue
        gap = f"{abs(cost - income):.6g} ({abs(cost - income) / size:.1%})"
        if cost > income:
            out.append(
                Finding(
                    "warning",
                    f"exchange: {region}",
                    f"imports of {e.base_year} cost {gap} more than exports and transfers bring",
                    "give the inflow that paid for them in transfers.csv, or a debt_ceiling in the plan",
                )
            )
        else:
            out.append(
                Finding(
                    "note",
                    f"exchange: {region}",
                    f"exports and transfers of {e.base_year} bring {gap} more than imports cost",
                    "interest on debt, or savings abroad; see opening_debt.csv",
                )
            )
    return out
