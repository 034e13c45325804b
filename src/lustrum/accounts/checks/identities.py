"""Base-year identities, and whether the economy can produce at all.

Identities are those of docs/model.md at base-year output x0: product balance (1), capacity (2), labour (4), exchange
(5) and resources (11). The economy is productive where outputs x >= 0 exist with (S - U) x > 0 for every product that
is made here (Hawkins and Simon, Econometrica 17, 1949, for square tables; a linear program decides it for all others).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, hstack

from lustrum.accounts.checks.report import (
    BROKEN,
    Finding,
    Severity,
    figures,
    figures_or_zero,
    final_uses,
    grade,
    listed,
    shorten,
)
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
    final = final_uses(e)
    order = ("committed_demand", "needs", "investment", "exports")
    use = [figures_or_zero(e, "use") @ x0, *(final[k] for k in order if k in final)]
    if e.size("partner"):
        supply.append(e.value_or("imports", 0.0).sum(axis=1))
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


def check_activities(e: Economy) -> list[Finding]:
    """Activities that would make something of nothing, and products that nobody makes."""
    return _of_nothing(e) + _by_nobody(e)


def _of_nothing(e: Economy) -> list[Finding]:
    out: list[Finding] = []
    codes = e.codes("activity")
    inputs, labour, resource = (_used(e, n) for n in ("use", "labour_coefficient", "resource_coefficient"))
    kappa = figures(e, "capital_coefficient")
    capital: np.ndarray = np.zeros(len(codes), dtype=bool)
    if kappa is not None:
        capital = np.asarray((kappa > 0).any(axis=0))
    elif e.has("capital_stock", "output"):
        capital = (e.values("capital_stock") > 0).any(axis=0) & (e.values("output") > 0)
        for j in np.flatnonzero(e.values("output") <= 0):
            out.append(
                Finding(
                    "error",
                    f"capital_coefficient: {codes[j]}",
                    "no base output to derive its capital need from: it would make output without assets",
                    "add capital_coefficient.csv with a column for it",
                )
            )
    if kappa is not None and capital.any():
        bare = [codes[j] for j in np.flatnonzero(~capital)]
        if bare:
            out.append(
                Finding(
                    "note",
                    f"capital_coefficient: {bare[0]}",
                    f"output without assets: {listed(bare)}",
                    "fill the column if it holds any",
                )
            )
    idle = ~inputs & ~labour
    held = capital | resource
    kinds: tuple[tuple[Severity, np.ndarray, str], ...] = (
        ("note", held, "no inputs and no labour"),
        ("warning", ~held, "no inputs, labour, assets or resource: output of nothing"),
    )
    for severity, mask, words in kinds:
        if names := [codes[j] for j in np.flatnonzero(idle & mask)]:
            out.append(
                Finding(
                    severity,
                    f"use: {names[0]}",
                    f"activities that take {words}: {listed(names)}",
                    "fill their columns in use and labour_coefficient",
                )
            )
    return shorten(out)


def _by_nobody(e: Economy) -> list[Finding]:
    out: list[Finding] = []
    supply, use = figures_or_zero(e, "supply"), figures_or_zero(e, "use")
    traded = np.asarray(e.value_or("imports", 0.0).any(axis=1)) if e.size("partner") else np.zeros(len(supply), bool)
    stored = e.storable_products & (e.value_or("opening_stock", 0.0) > 0)
    wanted = use.any(axis=1) | _wanted(e)
    for i in np.flatnonzero(~(supply > 0).any(axis=1) & ~traded):
        code = e.codes("product")[i]
        if wanted[i] and not stored[i]:
            out.append(
                Finding(
                    "error",
                    f"supply: {code}",
                    "the product is used, but nobody makes or imports it",
                    "name who makes it, or what is imported",
                )
            )
        else:
            out.append(Finding("note", f"supply: {code}", "nobody makes or imports the product", "remove it if unused"))
    return shorten(out)


def check_productive(e: Economy) -> tuple[bool, float | None, list[Finding]]:
    """Tell whether the economy can make a net product of everything, without and with its imports."""
    supply, use = figures_or_zero(e, "supply"), figures_or_zero(e, "use")
    radius = _radius(supply, use)
    made = np.asarray((supply > 0).any(axis=1))
    short = _shortfall(e, supply - use, made)
    if not short:
        return True, radius, []
    words = f" (spectral radius of U S⁻¹: {radius:.6g}, 1 or more)" if radius is not None and radius >= 1 else ""
    where = f"use: {short[0]}"
    if e.size("partner"):
        imported = np.asarray(e.value_or("imports", 0.0).any(axis=1))
        if imported.any() and not _shortfall(e, supply - use, made & ~imported):
            found = Finding(
                "warning",
                where,
                f"cannot make enough of {listed(short)} without imports{words}",
                "it lives on imports; check use.csv",
            )
            return False, radius, [found]
    found = Finding(
        "error",
        where,
        f"making {listed(short)} takes, directly and indirectly, as much as is made{words}",
        "check the units of use.csv and output.csv: coefficients are per unit of output",
    )
    return False, radius, [found]


def _shortfall(e: Economy, net: np.ndarray, rows: np.ndarray) -> list[str]:
    """Products of `rows` that no outputs x >= 0 leave a net product of: min Σ d, net x + d >= 1, d >= 0."""
    from scipy.optimize import linprog  # a tenth of a second to import, and seldom needed

    at = np.flatnonzero(rows)
    if not at.size:
        return []
    outputs = e.value_or("output", 0.0)
    positive = outputs[outputs > 0]
    size = np.where(outputs > 0, outputs, positive.mean() if positive.size else 1.0)
    scaled = net[at] * size
    largest = np.abs(scaled).max(axis=1)
    scaled = scaled / np.where(largest > 0, largest, 1.0)[:, None]
    if (scaled.sum(axis=1) > 1e-9).all():
        return []  # base output itself leaves a net product
    if _net_product_exists(scaled):
        return []
    n = len(at)
    matrix = hstack([csr_array(-scaled), -eye_array(n)], format="csr")
    cost = np.concatenate([np.zeros(scaled.shape[1]), np.ones(n)])
    result = linprog(cost, A_ub=matrix, b_ub=-np.full(n, 1e-3), bounds=(0, None), method="highs")
    if result.x is None:
        return []
    short = np.asarray(result.x)[scaled.shape[1] :] > 1e-7
    # a product that every activity uses more of than it makes is the cause; others then only lack it
    causes = short & (scaled.max(axis=1) <= 0)
    return [e.codes("product")[at[k]] for k in np.flatnonzero(causes if causes.any() else short)]


def _net_product_exists(net: np.ndarray) -> bool:
    """Try the one x with net x = 1 of a square table: x >= 0 proves it, at a fraction of what the program costs."""
    if net.shape[0] != net.shape[1]:
        return False
    try:
        x = np.linalg.solve(net, np.ones(len(net)))
    except np.linalg.LinAlgError:
        return False
    return bool(np.isfinite(x).all() and x.min() >= 0 and (net @ x).min() > 0.5)


def _radius(supply: np.ndarray, use: np.ndarray) -> float | None:
    """Spectral radius of U S⁻¹ where that is a non-negative matrix, else None."""
    n, m = supply.shape
    if n != m:
        return None
    diagonal = np.diag(supply)
    if (diagonal > 0).all() and np.count_nonzero(supply) == n:
        ratio = use / diagonal
    else:
        try:
            ratio = np.linalg.solve(supply.T, use.T).T
        except np.linalg.LinAlgError:
            return None
    if not np.isfinite(ratio).all() or ratio.min() < -1e-9:
        return None
    return spectral_radius(ratio)


def _used(e: Economy, name: str) -> np.ndarray:
    values = figures(e, name)
    return np.zeros(e.size("activity"), dtype=bool) if values is None else np.asarray(values.any(axis=0))


def _wanted(e: Economy) -> np.ndarray:
    """Products that people, assets or committed demand ask for."""
    wanted = np.asarray(figures_or_zero(e, "committed_demand") > 0)
    for name in ("need_composition", "asset_composition"):
        values = figures(e, name)
        if values is not None:
            wanted = wanted | np.asarray(values.any(axis=1))
    return np.asarray(wanted)


#: Matrices up to this size get all their eigenvalues, larger ones the largest only.
DENSE = 400


def spectral_radius(coefficients: NDArray[np.float64]) -> float:
    """Return the largest absolute eigenvalue of a square matrix."""
    n = len(coefficients)
    if n > DENSE:
        from scipy.sparse.linalg import ArpackError, eigs

        try:
            found = eigs(coefficients, k=1, which="LM", v0=np.ones(n), return_eigenvectors=False, tol=1e-10)
            return float(np.abs(found[0]))
        except ArpackError:
            pass  # no convergence: a root that is not simple; all eigenvalues then
    return float(np.abs(np.linalg.eigvals(coefficients)).max(initial=0.0))
