"""The spectral radius of a matrix of input coefficients: below 1 it is productive (Hawkins and Simon 1949)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
