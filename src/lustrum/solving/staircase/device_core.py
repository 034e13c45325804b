"""The core on a device, as one dense matrix in arrays of a namespace.

There that beats any order of elimination: its products and its factor run at the speed of large matrices. Single
figures and right-hand sides travel; dense parts come from `device_tables` and are on the device already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from lustrum.solving.staircase.core import block_index
from lustrum.solving.staircase.device import Namespace


class _Entries:
    """Places of single figures, and of those across the diagonal; no two of them are the same."""

    def __init__(self, core: DeviceCore, row: np.ndarray, col: np.ndarray) -> None:
        self._send, self._all = core.space.send, core.h.reshape(-1)
        self._at = self._send(row.astype(np.int64) * core.own + col)

    def add(self, values: np.ndarray) -> None:
        self._all[self._at] += self._send(values)


class _Rectangle:
    """Place of a rectangle and of its transpose."""

    def __init__(self, core: DeviceCore, rows: np.ndarray, columns: np.ndarray) -> None:
        self._h, self._at, self._across = core.h, core.index(rows, columns), core.index(columns, rows)

    def add(self, part: Any) -> None:
        self._h[self._at] += part
        self._h[self._across] += part.T


class _Gram:
    """Place of the product of dense rows with themselves."""

    def __init__(self, core: DeviceCore, columns: np.ndarray) -> None:
        self._h, self._at = core.h, core.index(columns, columns)

    def add(self, rows: Any) -> None:
        self._h[self._at] += rows.T @ rows


class DeviceCore:
    """Figures and factor of the core, [H Cᵀ; C −Q], as `core.Core` has them; `link` is C on the device, or sparse."""

    def __init__(self, own: int, links: int, space: Namespace) -> None:
        self.own, self.links = own, links
        self.space = space
        self.h = space.zeros((own, own))
        self.link: Any = space.zeros((links, own))
        self.q = np.zeros((links, links))
        self._upper: Any = None
        self._w: Any = None
        self._last: Any = None

    @property
    def widest(self) -> int:
        """Rows of the largest dense matrix on the processor: none."""
        return 0

    @property
    def may_pivot(self) -> bool:
        """Never: nothing but more regularisation helps where this factor is not sound."""
        return False

    def index(self, rows: np.ndarray, columns: np.ndarray) -> tuple[Any, Any]:
        """Index of the block of some rows and columns: by slices where both are contiguous, which needs no kernels."""
        r, c = block_index(rows, columns)
        return (r, c) if isinstance(r, slice) else (self.space.send(r), self.space.send(c))

    def entries(self, row: np.ndarray, col: np.ndarray) -> _Entries:
        """Where single figures go."""
        return _Entries(self, row, col)

    def rectangle(self, rows: np.ndarray, columns: np.ndarray) -> _Rectangle:
        """Where a rectangle and its transpose go."""
        return _Rectangle(self, rows, columns)

    def gram(self, columns: np.ndarray) -> _Gram:
        """Where the product of dense rows with themselves goes."""
        return _Gram(self, columns)

    def clear(self) -> None:
        """Set all figures to zero."""
        self.h.fill(0.0)

    def factorise(self, careful: bool, again: Callable[[], None]) -> None:
        """Cholesky of H, then of Q + C H⁻¹ Cᵀ."""
        self._upper = self._w = self._last = None  # what was there makes room first
        self._upper = self._cholesky(self.h)
        if self.links:
            link = self.space.written(self.link) if isinstance(self.link, sparse.csr_matrix) else self.link
            self._w = self._down(self._upper, link.T)
            self._last = self._cholesky(self.space.send(self.q) + self._w.T @ self._w)

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side."""
        if not right.size:
            return right
        nc, back = self.own, self.space.back
        on = self.space.send(right)
        half = self._down(self._upper, on[:nc])
        if not self.links:
            return back(self._up(self._upper, half))
        v = self._up(self._last, self._down(self._last, self._w.T @ half - on[nc:]))
        u = self._up(self._upper, half - self._w @ v)
        return np.concatenate([back(u), back(v)])

    def _cholesky(self, s: Any) -> Any:
        """The upper factor, the lower one turned: column by column it lies as the triangular solve wants it, which
        would copy it for every right-hand side otherwise."""
        if not s.size:
            return s
        try:
            with self.space.checked():
                factor = self.space.cholesky(s)
        except np.linalg.LinAlgError as why:
            raise FloatingPointError("core not positive definite") from why
        if not np.isfinite(float(factor[-1, -1])):  # what is not finite anywhere makes the last pivot so
            raise FloatingPointError("core not positive definite")
        return factor.T

    def _down(self, upper: Any, right: Any) -> Any:
        """Solve with the lower factor."""
        return self.space.triangular(upper, right, lower=False, trans=1) if right.size else right

    def _up(self, upper: Any, right: Any) -> Any:
        """Solve with the upper factor."""
        return self.space.triangular(upper, right, lower=False) if right.size else right
