"""Dense rows of one year, as the core is assembled from them: plain, or with tables that all years share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from lustrum.lp.coefficients import Coefficients


class DenseRows(Protocol):
    """What the core is assembled from: dense rows of one year, here or on a device."""

    def weighted(self, weight: np.ndarray) -> Any:
        """Rows times their weights."""

    def left(self, few: sparse.csr_matrix) -> Any:
        """A sparse matrix times the rows."""

    def chosen(self, rows: np.ndarray) -> Any:
        """Some rows."""

    def paired(self, rows: np.ndarray, weight: np.ndarray, other: Any, columns: np.ndarray) -> Any:
        """Products of some rows with some of another year, by weights, added up."""


@dataclass(frozen=True, eq=False)
class Form:
    """Dense rows of one year: positions among all forms, core columns, coefficients."""

    at: np.ndarray
    columns: np.ndarray
    matrix: np.ndarray | Coefficients

    def times(self, core: np.ndarray) -> np.ndarray:
        """The rows' values at values of the core's variables."""
        return np.asarray(self.matrix @ core[self.columns])

    def add_transposed(self, core: np.ndarray, rows: np.ndarray) -> None:
        """Add to the core's variables what values of the rows mean for them."""
        core[self.columns] += self.matrix.T @ rows

    def weighted(self, weight: np.ndarray) -> np.ndarray:
        """Rows times their weights, by rows."""
        if isinstance(self.matrix, Coefficients):
            return self.matrix.dense(weight)
        return np.asarray(weight[:, None] * self.matrix)

    def left(self, few: sparse.csr_matrix) -> np.ndarray:
        """A sparse matrix times the rows."""
        return self.matrix.left(few) if isinstance(self.matrix, Coefficients) else np.asarray(few @ self.matrix)

    def chosen(self, rows: np.ndarray) -> np.ndarray:
        """Some rows."""
        return self.matrix.chosen(rows).toarray() if isinstance(self.matrix, Coefficients) else self.matrix[rows]

    def paired(self, rows: np.ndarray, weight: np.ndarray, other: DenseRows, columns: np.ndarray) -> np.ndarray:
        """Products of some rows with some of another year, by weights, added up."""
        return np.asarray((self.chosen(rows) * weight[:, None]).T @ other.chosen(columns))
