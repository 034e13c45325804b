"""Dense matrices: halves mirrored, and solves with a lower factor, for one right-hand side or several as columns."""

from __future__ import annotations

import numpy as np
from scipy.linalg import blas

#: Width of the blocks in which a half is mirrored: two of them stay in the nearest memory.
WIDTH = 64
_ABOVE = np.triu(np.ones((WIDTH, WIDTH), dtype=bool), 1)


def mirror(a: np.ndarray) -> None:
    """Copy the lower half into the upper, block by block."""
    for k in range(0, a.shape[0], WIDTH):
        e = min(k + WIDTH, a.shape[0])
        corner = a[k:e, k:e]
        np.copyto(corner, corner.T.copy(), where=_ABOVE[: e - k, : e - k])
        a[k:e, e:] = a[e:, k:e].T


def solved(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve with a matrix by its lower factor."""
    return lower(factor, lower(factor, right), trans=1)


def lower(factor: np.ndarray, right: np.ndarray, trans: int = 0) -> np.ndarray:
    """Solve with the lower factor alone, or with its transpose."""
    if not right.size:
        return right
    if right.ndim == 1:  # LAPACK solves for one side as for many, which is slow
        return np.asarray(blas.dtrsv(factor, right, lower=1, trans=trans))
    return np.asarray(blas.dtrsm(1.0, factor, right, lower=1, trans_a=trans))
