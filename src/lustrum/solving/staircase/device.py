"""The core on a device with an array library of its own, such as a graphics card by way of CuPy.

There the whole core as one dense matrix beats any order of elimination: its products and its factor run at the speed of
large matrices, and only weights, single figures and right-hand sides travel. The code is written for an array namespace
(`Namespace`) and runs on numpy as well, which is how it is tested where there is no device.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from scipy import linalg, sparse

from lustrum.accounts.extras import require
from lustrum.errors import BadInput
from lustrum.solving.staircase.elimination import written


@dataclass(frozen=True, eq=False)
class Namespace:
    """An array library: `xp` as numpy is one, its triangular solve, and the way of its arrays back to numpy's.

    Within `checked` a factor that fails raises an error: CuPy returns what is there otherwise.
    """

    xp: ModuleType
    triangular: Callable[..., Any]
    back: Callable[[Any], np.ndarray]
    checked: Callable[[], AbstractContextManager[Any]] = nullcontext


@dataclass(frozen=True)
class Machine:
    """What the work is done with: threads (0: as many as the environment allows), and a device's arrays or none."""

    threads: int = 1
    space: Namespace | None = None


ONE_THREAD = Machine()


def namespace(device: str) -> Namespace | None:
    """The array library of a device; None for the processor, which has its own code.

    Raises
    ------
    BadInput
        If the device's library is not installed or damaged, or there is no device.
    """
    if device == "cpu":
        return None
    cupy = require("cupy", "gpu", "plans on a graphics card need")
    triangular = require("cupyx.scipy.linalg", "gpu", "plans on a graphics card need").solve_triangular
    if not cupy.is_available():
        raise BadInput("there is no graphics card that CuPy can use", where="solver.device", found=device,
                       expected="a CUDA device", mend="check its driver, or solver.device: cpu")  # fmt: skip
    cupyx = require("cupyx", "gpu", "plans on a graphics card need")
    return Namespace(cupy, triangular, cupy.asnumpy, lambda: cupyx.errstate(linalg="raise"))


def numpy_namespace() -> Namespace:
    """numpy in the place of a device's library."""
    return Namespace(np, linalg.solve_triangular, np.asarray)


class _Entries:
    """Places of single figures, and of those across the diagonal."""

    def __init__(self, core: DeviceCore, row: np.ndarray, col: np.ndarray) -> None:
        xp = core.xp
        self._core, self._at = core, (xp.asarray(row), xp.asarray(col))

    def add(self, values: np.ndarray) -> None:
        self._core.h[self._at] += self._core.xp.asarray(values)


class _Rectangle:
    """Place of a rectangle and of its transpose."""

    def __init__(self, core: DeviceCore, rows: np.ndarray, columns: np.ndarray) -> None:
        xp = core.xp
        self._core, self._rows, self._columns = core, xp.asarray(rows), xp.asarray(columns)

    def add(self, part: np.ndarray) -> None:
        on = self._core.xp.asarray(part)
        self._core.h[self._rows[:, None], self._columns[None, :]] += on
        self._core.h[self._columns[:, None], self._rows[None, :]] += on.T


class _Gram:
    """Place of the product of dense rows with themselves."""

    def __init__(self, core: DeviceCore, columns: np.ndarray) -> None:
        self._core, self._columns = core, core.xp.asarray(columns)

    def add(self, rows: np.ndarray) -> None:
        on = self._core.xp.asarray(rows)
        self._core.h[self._columns[:, None], self._columns[None, :]] += on.T @ on


class DeviceCore:
    """Figures and factor of the core, [H Cᵀ; C −Q], as `core.Core` has them, in arrays of a namespace."""

    def __init__(self, own: int, links: int, space: Namespace) -> None:
        self.own, self.links = own, links
        self.space, self.xp = space, space.xp
        self.h = self.xp.zeros((own, own))
        self.link: np.ndarray | sparse.csr_matrix = np.zeros((links, own))
        self.q = np.zeros((links, links))

    @property
    def widest(self) -> int:
        """Rows of the largest dense matrix on the processor: none."""
        return 0

    @property
    def may_pivot(self) -> bool:
        """Never: nothing but more regularisation helps where this factor is not sound."""
        return False

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
        self._lower = self._cholesky(self.h)
        if self.links:
            self._w = self.space.triangular(self._lower, self.xp.asarray(written(self.link).T), lower=True)
            self._last = self._cholesky(self.xp.asarray(self.q) + self._w.T @ self._w)

    def _cholesky(self, s: Any) -> Any:
        if not s.size:
            return s
        try:
            with self.space.checked():
                factor = self.xp.linalg.cholesky(s)
        except np.linalg.LinAlgError as why:
            raise FloatingPointError("core not positive definite") from why
        if not bool(self.xp.isfinite(self.xp.diagonal(factor)).all()):
            raise FloatingPointError("core not positive definite")
        return factor

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side."""
        if not right.size:
            return right
        on = self.xp.asarray(right)
        solve, nc = self.space.triangular, self.own
        half = solve(self._lower, on[:nc], lower=True) if nc else on[:nc]
        parts = []
        if self.links:
            v = solve(self._last, self._w.T @ half - on[nc:], lower=True)
            v = solve(self._last, v, lower=True, trans=1)
            half = half - self._w @ v
            parts.append(v)
        u = solve(self._lower, half, lower=True, trans=1) if nc else half
        return self.space.back(self.xp.concatenate([u, *parts]))
