"""Scales of a linear program, as powers of two so that no figure is rounded, and sides as HiGHS takes them."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

#: Beyond this ratio of the largest to the smallest, the geometric mean stands for the size of a row or an
#: objective: the largest alone would push what matters below the solver's tolerances (steep worth curves).
WIDE = 1e6


def power_of_two(values: np.ndarray) -> np.ndarray:
    """Round sizes to the nearest power of two."""
    return np.asarray(np.exp2(np.round(np.log2(np.clip(values, 1e-30, 1e30)))))


def typical(values: np.ndarray) -> float:
    """Return the largest absolute value, or the geometric mean where they lie wide apart (1 if all are zero)."""
    size = np.abs(values[values != 0])
    if not size.size:
        return 1.0
    if size.max() <= WIDE * size.min():
        return float(size.max())
    return float(np.exp(np.log(size).mean()))


def row_maxima(matrix: sparse.csr_matrix) -> np.ndarray:
    """Return the largest absolute coefficient of each row, 0 where a row is empty."""
    if 0 in matrix.shape:
        return np.zeros(matrix.shape[0])
    return np.asarray(abs(matrix).max(axis=1).todense()).ravel()


def row_sizes(matrix: sparse.csr_matrix) -> np.ndarray:
    """Return the typical size of each row's coefficients, 1 where a row is empty."""
    size = row_maxima(matrix)
    size[size == 0] = 1.0
    for row in np.flatnonzero(size > WIDE):
        size[row] = typical(matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]])
    return size


def highs_sides(values: np.ndarray) -> np.ndarray:
    """Return bounds or right-hand sides with HiGHS's infinity."""
    return np.nan_to_num(values, nan=0.0, posinf=highspy.kHighsInf, neginf=-highspy.kHighsInf)
