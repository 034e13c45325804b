"""Random base years that balance: x0 solves the supply-use balance of the final demand drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class Drawn:
    """The base year of a random economy in value terms, before units."""

    S: np.ndarray
    U: np.ndarray
    x0: np.ndarray
    kappa: np.ndarray
    P: np.ndarray
    delta: np.ndarray
    n0: np.ndarray
    K0: np.ndarray
    used: np.ndarray
    labour: np.ndarray
    building: np.ndarray
    y0: np.ndarray
    b: np.ndarray
    f: np.ndarray
    m0: np.ndarray
    e0: np.ndarray


def _spread(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Columns of shares that sum to one, some cells zero."""
    cells = rng.random((rows, columns)) * (rng.random((rows, columns)) < max(0.4, 3 / rows))
    cells[rng.integers(rows, size=columns), np.arange(columns)] += 0.3
    return np.asarray(cells / cells.sum(axis=0))


def draw(rng: np.random.Generator, sizes: dict[str, int]) -> Drawn | None:
    """One draw; None where the balance has no positive outputs."""
    n, nj = sizes["product"], sizes["activity"]
    na, ns, nh, ng, npart = (sizes[d] for d in ("asset", "skill", "household", "need", "partner"))
    main = np.concatenate([np.arange(n), rng.integers(n, size=nj - n)])
    S = np.zeros((n, nj))
    S[main, np.arange(nj)] = 1.0
    if rng.random() < 0.25:
        for j in range(nj):
            if rng.random() < 0.3:
                S[rng.integers(n), j] += rng.uniform(0.02, 0.15)
    U = _spread(rng, n, nj) * rng.uniform(0.15, 0.5, nj)
    if rng.random() < 0.2:
        U[:, rng.integers(nj)] = 0.0
    kappa = rng.uniform(0.2, 1.4, (na, nj)) * (rng.random((na, nj)) < 0.75) / max(1, na)
    P = _spread(rng, n, na) if na else np.zeros((n, 0))
    delta = rng.uniform(0.02, 0.15, (na, nj))
    used = rng.uniform(0.8, 1.0, nj) if rng.random() < 0.5 else np.ones(nj)
    growth = rng.uniform(0.0, 0.04)
    per_output = (delta + growth) * kappa / used
    b = _spread(rng, n, ng)
    y0 = rng.uniform(0.2, 1.0, (nh, ng))
    if nh * ng > 2 and rng.random() < 0.3:
        y0[rng.integers(nh), rng.integers(ng)] = 0.0
    f = rng.uniform(0.0, 0.15, n) * (rng.random(n) < 0.7)
    if rng.random() < 0.25:
        f[rng.integers(n)] = -0.01
    f_scale = y0.sum() / n
    final = b @ y0.sum(axis=0) + f * f_scale
    share = rng.uniform(0.05, 0.5, n) * (rng.random(n) < 0.6) if npart else np.zeros(n)
    e = rng.uniform(0.05, 0.6, n) * (rng.random(n) < 0.6) * f_scale if npart else np.zeros(n)
    extra = rng.uniform(0.02, 0.1, nj - n) * f_scale * (rng.random(nj - n) < 0.6)
    x0 = np.zeros(nj)
    x0[n:] = extra
    keep = (1 - share)[:, None]
    inside = U + P @ per_output
    # S x = (1 - share) (inside x + final) + e
    left = S[:, :n] - keep * inside[:, :n]
    right = (1 - share) * final + e - (S[:, n:] - keep * inside[:, n:]) @ extra
    try:
        x0[:n] = np.linalg.solve(left, right)
    except np.linalg.LinAlgError:
        return None
    if x0[:n].min() < 0.02 * f_scale:
        return None
    m = share * (inside @ x0 + final)
    parts = rng.dirichlet(np.ones(npart), n) if npart else np.zeros((n, 0))
    parts_e = rng.dirichlet(np.ones(npart), n) if npart else np.zeros((n, 0))
    labour = rng.uniform(0.1, 0.6, (ns, nj)) * (rng.random((ns, nj)) < 0.8)
    building = rng.uniform(0.02, 0.2, (ns, na)) * (rng.random() < 0.5)
    return Drawn(
        S,
        U,
        x0,
        kappa,
        P,
        delta,
        per_output * x0,
        kappa * x0 / used,
        used,
        labour,
        building,
        y0,
        b,
        f * f_scale,
        m[:, None] * parts,
        e[:, None] * parts_e,
    )


def draw_sizes(rng: np.random.Generator, largest: int) -> dict[str, int]:
    band = rng.choice(3, p=[0.62, 0.3, 0.08])
    low, high = [(3, 7), (7, 14), (14, 41)][band]
    n = min(largest, int(rng.integers(low, high)))
    return {
        "product": n,
        "activity": n + (int(rng.integers(1, max(2, n // 2 + 1))) if rng.random() < 0.4 else 0),
        "asset": int(rng.choice([0, 1, 2, 3], p=[0.1, 0.4, 0.3, 0.2])),
        "skill": int(rng.choice([0, 1, 2], p=[0.12, 0.5, 0.38])),
        "household": int(rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15])),
        "need": int(rng.integers(1, 6)),
        "partner": int(rng.choice([0, 1, 2, 3], p=[0.2, 0.45, 0.2, 0.15])),
        "resource": int(rng.choice([0, 1, 2], p=[0.5, 0.3, 0.2])),
        "region": int(rng.choice([0, 1, 2], p=[0.2, 0.4, 0.4])),
    }
