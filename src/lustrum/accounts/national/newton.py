"""Newton steps on the multipliers of a balancing problem, margins and side constraints together.

The balanced table minimises Σ_k |z0_k| (a_k ln a_k − a_k) / v_k, a = z/z0, subject to G z = c, where rows of G that
may give way by τ carry a penalty (G z − c)²/2τ. Its dual is smooth and convex without constraints:

    min over λ   Σ_k |z0_k|/v_k · exp(v_k σ_k (Gᵀλ)_k) − c·λ + ½ Σ τ λ²,    σ_k the sign of z0_k

Where no table meets all figures, a linear program finds the least that must give way (`contradiction`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, kron, vstack

from lustrum.accounts.national.table import Figures
from lustrum.errors import TableError

#: No step may change the logarithm of a cell by more than this.
REACH = 8.0


@dataclass(frozen=True, eq=False)
class Dual:
    """The problem: cells, how readily each moves, known sums, and how readily each of those gives way.

    `totals` and `give` are those of rows, of columns, then of `side`, whose rows are sums over the cells in order. A
    total that is not known is NaN.
    """

    old: Figures
    ready: Figures
    totals: Figures
    give: Figures
    side: csr_array = field(repr=False)

    def sums(self, z: Figures) -> Figures:
        """Return the sums of a table: rows, columns, side constraints."""
        return np.concatenate([z.sum(axis=1), z.sum(axis=0), self.side @ z.ravel()])

    def residual(self, z: Figures, gradient: Figures | None = None) -> float:
        """Return the largest residual relative to what stands in its sum; `gradient` where figures give way."""
        if gradient is None:
            gradient = np.nan_to_num(self.sums(z) - self.totals)
        size = np.abs(z)
        scale = np.concatenate([size.sum(axis=1), size.sum(axis=0), abs(self.side) @ size.ravel()])
        scale = scale + np.nan_to_num(np.abs(self.totals))
        return float((np.abs(gradient) / np.maximum(scale, 1e-300)).max(initial=0.0))


@dataclass(frozen=True, eq=False)
class Found:
    """Multipliers (logarithms) and the table that they make."""

    matrix: Figures
    rows: Figures
    columns: Figures
    side: Figures
    iterations: int
    residual: float

    def multipliers(self) -> tuple[Figures, Figures]:
        """Return r and s; one free factor between them is set so that the largest of both are alike."""
        shift = 0.5 * (float(self.rows.max(initial=0.0)) - float(self.columns.max(initial=0.0)))
        with np.errstate(over="ignore"):
            return np.exp(self.rows - shift), np.exp(self.columns + shift)


def newton(
    problem: Dual, *, start: tuple[Figures, Figures] | None = None, tolerance: float, max_iterations: int = 200
) -> Found:
    """Solve the dual by damped Newton steps; the caller looks at the residual."""
    p = problem
    m, n = p.old.shape
    sign = np.sign(p.old) * p.ready
    active = ~np.isnan(p.totals)
    # a sum without a cell that can move has no multiplier; whether it is met is seen at the end
    moving = (p.old != 0) & (p.ready > 0)
    movable = np.concatenate([moving.any(axis=1), moving.any(axis=0), abs(p.side) @ moving.ravel() > 0])
    target, give = np.nan_to_num(p.totals), p.give
    multipliers = np.zeros(len(target))
    if start is not None:
        multipliers[: m + n] = np.concatenate(start)
    multipliers[~(active & movable)] = 0.0

    def cells(x: Figures) -> Figures:
        exponent = x[:m, None] + x[None, m : m + n]
        if p.side.shape[0]:
            exponent = exponent + (p.side.T @ x[m + n :]).reshape(m, n)
        return np.asarray(p.old * np.exp(np.clip(sign * exponent, -300, 300)))

    def objective(x: Figures, z: Figures) -> float:
        flat = np.divide(np.abs(z), p.ready, out=np.zeros_like(z), where=p.ready > 0)
        return float(flat.sum() - net @ x + 0.5 * (give * x**2).sum())

    # cells that do not move are no part of the objective: they lower the figures that the others must meet
    net = target - p.sums(np.where(p.ready > 0, 0.0, p.old))
    table = cells(multipliers)
    value, step = objective(multipliers, table), 0
    for step in range(1, max_iterations + 1):  # noqa: B007
        gradient = np.where(active, p.sums(table) - target + give * multipliers, 0.0)
        if p.residual(table, gradient) <= tolerance:
            break
        direction = _direction(p, np.abs(table) * p.ready, gradient, active & movable)
        change = np.abs(direction[:m, None] + direction[None, m : m + n]).max(initial=0.0)
        length = min(1.0, REACH / max(float(change), 1e-300))
        slope = float(gradient @ direction)
        for _ in range(60):
            trial = multipliers + length * direction
            moved = cells(trial)
            new = objective(trial, moved)
            # near the end rounding hides descent: a step that brings sums nearer is as good
            if np.isfinite(new) and new <= value + 1e-4 * length * slope + 1e-13 * abs(value):
                break
            length /= 2
        else:
            break
        multipliers, table, value = trial, moved, new
    gradient = np.where(active, p.sums(table) - target + give * multipliers, 0.0)
    residual = p.residual(table, gradient)
    return Found(table, multipliers[:m], multipliers[m : m + n], multipliers[m + n :], step, residual)


def _direction(p: Dual, w: Figures, gradient: Figures, active: np.ndarray) -> Figures:
    """Solve the Newton system; a little is added to the diagonal because margins share one degree of freedom."""
    m, n = p.old.shape
    size = len(gradient)
    H = np.zeros((size, size))
    H[:m, m : m + n] = w
    if p.side.shape[0]:
        weighted = p.side.multiply(w.ravel()[None, :]).tocsr()
        rows, columns = np.repeat(np.arange(m), n), np.tile(np.arange(n), m)
        H[:m, m + n :] = (weighted @ _groups(rows, m)).toarray().T
        H[m : m + n, m + n :] = (weighted @ _groups(columns, n)).toarray().T
        H[m + n :, m + n :] = (weighted @ p.side.T).toarray()
    H = np.triu(H) + np.triu(H, 1).T
    diagonal = np.arange(m + n)
    H[diagonal, diagonal] = np.concatenate([w.sum(axis=1), w.sum(axis=0)])
    H[np.arange(size), np.arange(size)] += p.give
    keep = np.flatnonzero(active)
    H = H[np.ix_(keep, keep)]
    scale = np.maximum(H.diagonal(), 1e-12 * max(float(H.diagonal().max(initial=0.0)), 1e-300))
    half = 1 / np.sqrt(scale)
    H = H * half[:, None] * half
    out = np.zeros(size)
    for ridge in (1e-12, 1e-9, 1e-6, 1e-3):
        try:
            factor = cho_factor(H + ridge * np.eye(len(keep)), check_finite=False)
        except LinAlgError:
            continue
        out[keep] = -half * cho_solve(factor, half * gradient[keep], check_finite=False)
        return out
    out[keep] = -gradient[keep] / scale
    return out


def _groups(at: np.ndarray, count: int) -> csr_array:
    """Return a matrix of zeros and ones that adds cells up by group."""
    return csr_array((np.ones(len(at)), (np.arange(len(at)), at)), shape=(len(at), count))


#: Larger tables than this only get the figures that are furthest from being met.
MOST_CELLS = 60_000
SHOWN = 5


def contradiction(
    p: Dual, reached: Figures, rows: Sequence[str], columns: Sequence[str], constraints: Sequence[str]
) -> TableError:
    """Return the error for figures that no table meets, with those that would have to change and by how much."""
    m, n = p.old.shape
    labels = [*(f"row {r}" for r in rows), *(f"column {c}" for c in columns), *constraints]
    totals = p.totals
    exact = ~np.isnan(totals) & (p.give == 0)
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
