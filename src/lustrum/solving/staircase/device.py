"""Arrays of a device, such as a graphics card by way of CuPy: the few operations that the solver asks of them.

What works on a device (`device_core`, `device_tables`) is written for a `Namespace` of these operations. One of numpy
makes it run on the processor as well, which is how it is tested where there is no device.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from scipy import linalg, sparse

from lustrum.accounts.extras import require
from lustrum.errors import BadInput
from lustrum.lp.tables import in_memory


@dataclass(frozen=True, eq=False)
class Namespace:
    """Arrays of a device: `send` brings one there, `back` brings it back to numpy, `zeros` begins one.

    `cholesky` and `triangular` are as numpy's and scipy's, `entries` makes of a sparse matrix one that is multiplied
    there. Of arrays the solver asks products, sums, slices and places, no more: CuPy compiles a kernel for each
    operation that is new to it. Within `checked` a factor that fails raises an error: CuPy
    returns what is there otherwise.
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
        """A matrix that stays as it is, such as an input-output table: sent once, also for its transpose."""
        turned = matrix.flags.f_contiguous and not matrix.flags.c_contiguous
        base = matrix.T if turned else matrix
        key = in_memory(base)
        if key not in self._held:
            self._held[key] = base, self.send(base)  # with the array itself, so that no other takes its place
        on = self._held[key][1]
        return on.T if turned else on

    def written(self, few: sparse.csr_matrix) -> Any:
        """A sparse matrix with each place once, as a dense one there: its figures alone travel."""
        out = self.zeros(few.shape)
        row = np.repeat(np.arange(few.shape[0]), np.diff(few.indptr))
        out.reshape(-1)[self.send(row * few.shape[1] + few.indices)] += self.send(few.data)
        return out


@dataclass(frozen=True)
class Machine:
    """What the work is done with: threads (0: as many as the environment allows), and a device's arrays or none."""

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

    def held(matrix: sparse.csr_matrix) -> Any:
        found = csr_matrix(matrix)
        found.has_canonical_format = matrix.has_canonical_format  # CuPy would compile a kernel to find out
        return found

    return Namespace(
        cupy.asarray,
        cupy.asnumpy,
        cupy.zeros,
        cupy.linalg.cholesky,
        triangular,
        held,
        lambda: cupyx.errstate(linalg="raise"),
    )


def numpy_namespace() -> Namespace:
    """numpy in the place of a device's library."""
    return Namespace(
        np.asarray,
        np.asarray,
        np.zeros,
        np.linalg.cholesky,
        partial(linalg.solve_triangular, check_finite=False),
        lambda matrix: matrix,
    )
