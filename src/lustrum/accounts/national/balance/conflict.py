"""Which known figures contradict each other: the least that must give way so that a table exists, by linear program."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, kron, vstack

from lustrum.accounts.national.balance.dual import Dual
from lustrum.accounts.national.balance.result import Figures
from lustrum.errors import TableError

#: Larger tables than this only get the figures that are furthest from being met.
MOST_CELLS = 60_000
SHOWN = 5


def contradiction(
    p: Dual, reached: Figures, rows: Sequence[str], columns: Sequence[str], constraints: Sequence[str]
) -> TableError:
    """Return the error for figures that no table meets, with those that would have to change and by how much."""
    m, n = p.old.shape
    labels = [*(f"row {r}" for r in rows), *(f"column {c}" for c in columns), *constraints]
    totals = np.concatenate([p.u, p.v, p.value])
    exact = ~np.isnan(totals) & (np.concatenate([p.row_give, p.column_give, p.side_give]) == 0)
    G = vstack([kron(eye_array(m), np.ones((1, n))), kron(np.ones((1, m)), eye_array(n)), p.side], format="csr")
    G = csr_array(G)[np.flatnonzero(exact)]
    names = [labels[k] for k in np.flatnonzero(exact).tolist()]
    gap = _least(p, G, totals[exact]) if p.old.size <= MOST_CELLS else None
    how = "would have to change by"
    if gap is None or not np.any(gap):
        gap, how = totals[exact] - G @ reached.ravel(), "is missed by"
    worst = [k for k in np.argsort(-np.abs(gap), kind="stable")[:SHOWN].tolist() if abs(gap[k]) > 0]
    found = "; ".join(f"{names[k]} (asked {totals[exact][k]:.6g}) {how} {abs(gap[k]):.6g}" for k in worst)
    return TableError(
        "the known figures contradict each other: no table with these zeros and signs meets all of them",
        where=names[worst[0]] if worst else "constraints",
        found=found or "balancing did not converge",
        mend="correct a figure, give it room with `give`, free a fixed cell, or put an estimate in a zero cell",
    )


def _least(p: Dual, G: csr_array, totals: Figures) -> Figures | None:
    """Least Σ |given way| / |figure| over all tables with the signs of the old one."""
    flat, ready = p.old.ravel(), p.ready.ravel()
    free = np.flatnonzero((flat != 0) & (ready > 0))
    rest = totals - G @ np.where(ready > 0, 0.0, flat)
    A = csr_array(G)[:, free] * np.sign(flat[free])[None, :]
    size = np.maximum(np.abs(totals), max(float(np.abs(totals).max(initial=0.0)), 1.0) * 1e-6)
    k = len(totals)
    system = hstack([csr_array(A), eye_array(k), -eye_array(k)], format="csr")
    cost = np.concatenate([np.zeros(len(free)), 1 / size, 1 / size])
    found = linprog(cost, A_eq=system, b_eq=rest, bounds=(0, None), method="highs")
    if found.x is None:
        return None
    up, down = found.x[len(free) : len(free) + k], found.x[len(free) + k :]
    gap = np.asarray(up - down)
    return np.where(np.abs(gap) > 1e-9 * size, gap, 0.0)
