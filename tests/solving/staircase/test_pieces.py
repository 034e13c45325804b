"""PieceStack eliminated: against exact fractions, with weights that are many orders of magnitude apart."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lustrum.solving.staircase.pieces import PieceStack, apply, apply_t, eliminate

Rows = list[list[Fraction]]


def stack(rng: np.random.Generator, size: int, rows: int, count: int) -> PieceStack:
    """Random pieces with two functionals each."""
    b = np.round(rng.normal(size=(rows, size, count)) * (rng.random((rows, size, count)) < 0.7), 2)
    f = np.round(rng.normal(size=(rows, 2, count)) * (rng.random((rows, 2, count)) < 0.7), 2)
    variables, own, ends, links = (np.zeros((k, count), dtype=np.int64) for k in (size, rows, 2, 0))
    return PieceStack(variables, own, ends, links, b, f, np.zeros((0, size, count)))


def exact(b: np.ndarray, f: np.ndarray, w: np.ndarray, e: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(BᵀWB + E)⁻¹BᵀWF, and FᵀWF less its share, without rounding."""
    bs, fs = ([[Fraction(x) for x in row] for row in m] for m in (b, f))
    ws, es = [Fraction(x) for x in w], [Fraction(x) for x in e]
    size, ends = b.shape[1], f.shape[1]

    def product(left: Rows, i: int, right: Rows, j: int) -> Fraction:
        return sum((ws[k] * left[k][i] * right[k][j] for k in range(len(ws))), Fraction(0))

    right = [[product(bs, i, fs, j) for j in range(ends)] for i in range(size)]
    table = [[product(bs, i, bs, j) + (es[i] if i == j else 0) for j in range(size)] + right[i] for i in range(size)]
    for i in range(size):  # positive definite: no pivot is zero
        table[i] = [x / table[i][i] for x in table[i]]
        for k in range(size):
            if k != i:
                table[k] = [x - table[k][i] * y for x, y in zip(table[k], table[i], strict=True)]
    v = [row[size:] for row in table]
    share = [
        [product(fs, i, fs, j) - sum(right[t][i] * v[t][j] for t in range(size)) for j in range(ends)]
        for i in range(ends)
    ]
    return np.array(v, dtype=float), np.array(share, dtype=float)


@pytest.mark.parametrize(("size", "rows"), [(1, 2), (2, 4), (4, 6), (6, 8), (12, 9)])
@pytest.mark.parametrize("span", [2, 8, 15])
def test_nothing_is_lost_beside_heavy_rows(size: int, rows: int, span: int) -> None:
    """Weights from 10^-span to 10^span: reflections, heavy rows first, would leave 1e-6 of these figures at 15."""
    rng = np.random.default_rng(100 * span + size)
    count = 12
    pieces = stack(rng, size, rows, count)
    w, e = 10.0 ** rng.uniform(-span, span, (1, rows, count)), 10.0 ** rng.uniform(-span, 0, (1, size, count))
    done = eliminate(pieces, e, w)
    for k in range(count):
        v, share = exact(pieces.b[:, :, k], pieces.f[:, :, k], w[0, :, k], e[0, :, k])
        np.testing.assert_allclose(done.response[0, :, :, k], v, rtol=0, atol=1e-9 * max(np.abs(v).max(), 1e-300))
        size_of = np.sqrt(np.diag(share))
        np.testing.assert_allclose(
            done.schur[0, :, :, k], share, rtol=0, atol=1e-9 * max(np.outer(size_of, size_of).max(), 1e-300)
        )


def test_products_of_each_piece() -> None:
    rng = np.random.default_rng(3)
    a, x, y = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 4, 5)), rng.normal(size=(2, 3, 5))
    for p in range(2):
        for k in range(5):
            np.testing.assert_allclose(apply(a, x)[p, :, k], a[p, :, :, k] @ x[p, :, k], rtol=1e-13)
            np.testing.assert_allclose(apply_t(a, y)[p, :, k], a[p, :, :, k].T @ y[p, :, k], rtol=1e-13)
