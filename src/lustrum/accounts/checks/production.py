"""Can the economy produce at all: Hawkins and Simon's condition, and its like for several techniques.

The economy is productive where outputs x >= 0 exist with (S - U) x > 0 for every product that is made here
(Hawkins and Simon, Econometrica 17, 1949, for square tables; a linear program decides it for all others).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack

from lustrum.accounts.checks.report import Finding, Severity, figures, figures_or_zero, listed, shorten
from lustrum.accounts.economy import Economy
from lustrum.accounts.spectral import spectral_radius


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
    from scipy.optimize import linprog  # a tenth of a second to import, and seldom needed

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
