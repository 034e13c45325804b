"""Dense positive definite matrices: factor, inverse, solves, by scipy's library, which has the threads."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import blas, lapack


def cholesky(s: np.ndarray) -> np.ndarray | None:
    """Lower factor in place of a matrix given by its lower half, column by column; None where it is not definite."""
    if not s.size:
        return s
    factor, info = lapack.dpotrf(s, lower=1, overwrite_a=1, clean=0)
    return None if info or not np.isfinite(np.diagonal(factor)).all() else factor


def inverse(factor: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Inverse, both halves, of the matrix with this lower factor."""
    found = np.array(factor, order="F") if out is None else out
    if out is not None:
        found[...] = factor
    found, _ = lapack.dpotri(found, lower=1, overwrite_c=1)
    mirror(found)
    return found


def mirror(a: np.ndarray, width: int = 256) -> None:
    """Copy the lower half into the upper, block by block."""
    for k in range(0, a.shape[0], width):
        e = min(k + width, a.shape[0])
        corner = np.tril(a[k:e, k:e])
        a[k:e, k:e] = corner + np.tril(corner, -1).T
        a[k:e, e:] = a[e:, k:e].T


def squeezed(tie: sparse.csr_matrix, a: np.ndarray) -> np.ndarray:
    """T A Tᵀ of a sparse T and a symmetric A that lies column by column, by rows."""
    return np.asarray(tie @ np.ascontiguousarray(np.asarray(tie @ a.T).T))


def solved(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    """One right-hand side."""
    if not right.size:
        return right
    return lower(factor, lower(factor, right), trans=1)  # LAPACK solves for one side as for many, which is slow


def lower(factor: np.ndarray, right: np.ndarray, trans: int = 0) -> np.ndarray:
    """One right-hand side of the lower factor alone, or of its transpose."""
    return np.asarray(blas.dtrsv(factor, right, lower=1, trans=trans)) if right.size else right
