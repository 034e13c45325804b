"""The core, dense rows and products on another device, such as a graphics card by way of CuPy.

There the core is one dense matrix: products and factors of large matrices run so fast that no order of elimination
beats them. Dense rows and tables are sent once; in the iterations only weights, single entries and vectors travel.

The code is written for a `Namespace` of few operations. With numpy's in their place it runs on the processor: so it can
be tested without a device.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from lustrum.accounts.extras import require
from lustrum.errors import BadInput
from lustrum.lp.coefficients import Coefficients
from lustrum.lp.table import as_slice
from lustrum.lp.tables import in_memory
from lustrum.solving.staircase.core import block_index
from lustrum.solving.staircase.structure import DenseRows, HostRows, Structure, add_link_rows

#: Entries are multiplied on the device if there are at least this many for each row and column; with fewer, sending
#: the vectors takes longer.
ENTRIES_FROM = 4


@dataclass(frozen=True, eq=False)
class Namespace:
    """Arrays of a device: `send` brings one there, `back` brings it back to numpy, `zeros` creates one.

    `cholesky` and `triangular` are as numpy's and scipy's; `entries` makes of a sparse matrix one that is multiplied
    there. Of arrays the solver asks products, sums, slices and indexing only: CuPy compiles a kernel for each operation
    that is new to it. Within `checked` a failed factorisation raises an error; without it CuPy returns garbage.
    """

    send: Callable[[Any], Any]
    back: Callable[[Any], np.ndarray]
    zeros: Callable[[tuple[int, ...]], Any]
    cholesky: Callable[[Any], Any]
    triangular: Callable[..., Any]
    entries: Callable[[sparse.csr_matrix], Any]
    checked: Callable[[], AbstractContextManager[Any]] = nullcontext
    _held: dict[tuple[object, ...], tuple[np.ndarray, Any]] = field(default_factory=dict)

    def hold(self, matrix: np.ndarray) -> Any:
        """A matrix that does not change, such as an input-output table: sent once, also for its transpose."""
        turned = matrix.flags.f_contiguous and not matrix.flags.c_contiguous
        base = matrix.T if turned else matrix
        key = in_memory(base)
        if key not in self._held:
            self._held[key] = base, self.send(base)  # keeps the array alive, so that its address stays its own
        on = self._held[key][1]
        return on.T if turned else on

    def dense(self, matrix: sparse.csr_matrix) -> Any:
        """A sparse matrix without duplicates as a dense one there; only its nonzeros travel."""
        out = self.zeros(matrix.shape)
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        out.reshape(-1)[self.send(row * matrix.shape[1] + matrix.indices)] += self.send(matrix.data)
        return out


@dataclass(frozen=True)
class Machine:
    """What computes: a number of threads (0: as many as the environment allows), and a device's arrays or none."""

    threads: int = 1
    space: Namespace | None = None


ONE_THREAD = Machine()


def namespace(device: str) -> Namespace | None:
    """The arrays of a device; None for the processor, which has its own code.

    Raises
    ------
    BadInput
        If the device's library is not installed or damaged, or there is no device.
    """
    if device == "cpu":
        return None
    what = "plans on a graphics card need"
    cupy = require("cupy", "gpu", what)
    triangular = require("cupyx.scipy.linalg", "gpu", what).solve_triangular
    csr_matrix = require("cupyx.scipy.sparse", "gpu", what).csr_matrix
    cupyx = require("cupyx", "gpu", what)
    if not cupy.is_available():
        raise BadInput(
            "there is no graphics card that CuPy can use",
            where="solver.device",
            found=device,
            expected="a CUDA device",
            mend="check its driver (for CUDA 13: pip install cupy-cuda13x in the place of cupy-cuda12x), "
            "or solver.device: cpu",
        )

    def sent(matrix: sparse.csr_matrix) -> Any:
        found = csr_matrix(matrix)
        found.has_canonical_format = matrix.has_canonical_format  # CuPy would compile a kernel to find out
        return found

    return Namespace(
        cupy.asarray,
        cupy.asnumpy,
        cupy.zeros,
        cupy.linalg.cholesky,
        triangular,
        sent,
        lambda: cupyx.errstate(linalg="raise"),
    )


class _Entries:
    """Destination of single entries, on both sides of the diagonal; no two of them have the same place."""

    def __init__(self, core: DeviceCore, row: np.ndarray, col: np.ndarray) -> None:
        self._send, self._all = core.space.send, core.h.reshape(-1)
        self._at = self._send(row.astype(np.int64) * core.size + col)

    def add(self, values: np.ndarray) -> None:
        self._all[self._at] += self._send(values)


class _Rectangle:
    """Destination of a rectangle and of its transpose."""

    def __init__(self, core: DeviceCore, rows: np.ndarray, columns: np.ndarray) -> None:
        self._h, self._at, self._across = core.h, core.index(rows, columns), core.index(columns, rows)

    def add(self, part: Any) -> None:
        self._h[self._at] += part
        self._h[self._across] += part.T


class _Gram:
    """Destination of the product of dense rows with themselves."""

    def __init__(self, core: DeviceCore, columns: np.ndarray) -> None:
        self._h, self._at = core.h, core.index(columns, columns)

    def add(self, rows: Any) -> None:
        self._h[self._at] += rows.T @ rows


class DeviceCore:
    """Entries and factor of the core, [H Cᵀ; C −Q], as `core.Core` has them; `link` is C on the device, or sparse."""

    def __init__(self, size: int, links: int, space: Namespace) -> None:
        self.size, self.links = size, links
        self.space = space
        self.h = space.zeros((size, size))
        self.link: Any = space.zeros((links, size))
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
        """Never: if this factor is not accurate, more regularisation has to help."""
        return False

    def index(self, rows: np.ndarray, columns: np.ndarray) -> tuple[Any, Any]:
        """Index of the block of some rows and columns: by slices where both are contiguous, which needs no kernel."""
        r, c = block_index(rows, columns)
        return (r, c) if isinstance(r, slice) else (self.space.send(r), self.space.send(c))

    def entries(self, row: np.ndarray, col: np.ndarray) -> _Entries:
        """Destination of single entries."""
        return _Entries(self, row, col)

    def rectangle(self, rows: np.ndarray, columns: np.ndarray) -> _Rectangle:
        """Destination of a rectangle and its transpose."""
        return _Rectangle(self, rows, columns)

    def gram(self, columns: np.ndarray) -> _Gram:
        """Destination of the product of dense rows with themselves."""
        return _Gram(self, columns)

    def clear(self) -> None:
        """Set all entries to zero."""
        self.h.fill(0.0)

    def factorise(self, pivoting: bool, assemble: Callable[[], None]) -> None:
        """Cholesky of H, then of Q + C H⁻¹ Cᵀ; there is no pivoting."""
        self._upper = self._w = self._last = None  # free the old factor first
        self._upper = self._cholesky(self.h)
        if self.links:
            link = self.space.dense(self.link) if isinstance(self.link, sparse.csr_matrix) else self.link
            self._w = self._down(self._upper, link.T)
            self._last = self._cholesky(self.space.send(self.q) + self._w.T @ self._w)

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve for one right-hand side."""
        if not right.size:
            return right
        nc, back = self.size, self.space.back
        on = self.space.send(right)
        half = self._down(self._upper, on[:nc])
        if not self.links:
            return back(self._up(self._upper, half))
        v = self._up(self._last, self._down(self._last, self._w.T @ half - on[nc:]))
        u = self._up(self._upper, half - self._w @ v)
        return np.concatenate([back(u), back(v)])

    def _cholesky(self, s: Any) -> Any:
        """The lower factor, transposed: stored column by column, as the triangular solve needs it. Otherwise that would
        copy it for every right-hand side."""
        if not s.size:
            return s
        try:
            with self.space.checked():
                factor = self.space.cholesky(s)
        except np.linalg.LinAlgError as why:
            raise FloatingPointError("core not positive definite") from why
        if not np.isfinite(float(factor[-1, -1])):  # anything not finite reaches the last pivot
            raise FloatingPointError("core not positive definite")
        return factor.T

    def _down(self, upper: Any, right: Any) -> Any:
        """Solve with the lower factor."""
        return self.space.triangular(upper, right, lower=False, trans=1) if right.size else right

    def _up(self, upper: Any, right: Any) -> Any:
        """Solve with the upper factor."""
        return self.space.triangular(upper, right, lower=False) if right.size else right


class DeviceRows:
    """Dense rows of one year, as `HostRows` has them. Results are on the device; arguments may be there or numpy's."""

    def __init__(self, rows: HostRows, space: Namespace) -> None:
        self.numbers, self.columns = rows.numbers, rows.columns
        self._space, self._matrix = space, space.send(rows.weighted(np.ones(rows.numbers.size)))
        self._columns = self._index(rows.columns)

    def _index(self, places: np.ndarray) -> Any:
        index = as_slice(places)
        return index if isinstance(index, slice) else self._space.send(index)

    def times(self, core: Any) -> Any:
        """The rows times values of the core's variables."""
        return self._matrix @ core[self._columns]

    def add_transposed(self, core: Any, rows: np.ndarray) -> None:
        """Add the transposed rows, times values for each row, to values of the core's variables."""
        core[self._columns] += self._matrix.T @ self._space.send(rows)

    def weighted(self, weight: np.ndarray) -> Any:
        """Rows times their weights."""
        return self._space.send(weight)[:, None] * self._matrix

    def premultiplied(self, matrix: sparse.csr_matrix) -> Any:
        """A sparse matrix times the rows."""
        if (np.diff(matrix.indptr) == 1).all():
            return self._space.send(matrix.data)[:, None] * self.select(matrix.indices)
        return self._space.dense(matrix) @ self._matrix

    def select(self, rows: np.ndarray) -> Any:
        """Some rows."""
        return self._matrix[self._index(rows)]

    def weighted_product(self, rows: np.ndarray, weight: np.ndarray, other: DenseRows, columns: np.ndarray) -> Any:
        """Sum of weighted outer products of some rows with some of another year."""
        return (self._space.send(weight)[:, None] * self.select(rows)).T @ other.select(columns)


class DeviceStructure:
    """All dense rows of a structure on the device: what the KKT factor asks of `Structure`, from and to numpy."""

    def __init__(self, s: Structure, space: Namespace) -> None:
        self._s, self._space = s, space
        self.dense_rows = tuple(DeviceRows(rows, space) for rows in s.dense_rows)

    def times(self, core: np.ndarray) -> np.ndarray:
        """All dense rows times values of the core's variables (one column for each plan)."""
        on = self._space.send(core)
        parts = [own.times(on) for own in self.dense_rows]
        out = np.zeros((self._s.dense_count, core.shape[1]))
        for own, part in zip(self.dense_rows, parts, strict=True):
            out[own.numbers] = self._space.back(part)
        return out

    def add_transposed(self, core: np.ndarray, rows: np.ndarray) -> None:
        """Add all transposed dense rows, times values for each row, to values of the core's variables."""
        on = self._space.zeros(core.shape)
        for own in self.dense_rows:
            own.add_transposed(on, rows[own.numbers])
        core += self._space.back(on)

    def link_rows(self, coupling: np.ndarray) -> Any:
        """Linking rows on the core's variables, on the device."""
        s = self._s
        on = self._space.send(s.link_core + coupling[:, : s.core.size])
        add_link_rows(self.dense_rows, on, coupling[:, s.core.size :])
        return on


class DeviceCoefficients(Coefficients):
    """Coefficients whose products with vectors are made on a device; the vectors are numpy's."""

    def __init__(self, of: Coefficients, space: Namespace) -> None:
        super().__init__(of.entries, of.tables)
        self._of, self._space = of, space
        self._on = space.entries(of.entries) if of.entries.nnz >= ENTRIES_FROM * sum(of.shape) else None

    @cached_property
    def T(self) -> DeviceCoefficients:  # noqa: N802 - as arrays name it
        """The transposed coefficients."""
        return DeviceCoefficients(self._of.T, self._space)

    def _by_entries(self, v: np.ndarray) -> np.ndarray:
        return super()._by_entries(v) if self._on is None else self._space.back(self._on @ self._space.send(v))

    def _by_table(self, parts: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        return self._space.back(self._space.send(parts) @ self._space.hold(matrix).T)
