"""Kernels: BLAS and LAPACK in place, arrays of several plans, and the threads that the libraries use.

scipy's own wrappers copy every argument that is not contiguous. The routines behind them accept any distance between
columns, and scipy publishes their addresses (`cython_blas`, `cython_lapack`). All dense arrays here are stored column
by column; a part of one is a view. Of symmetric and triangular arrays only the lower half is read and written.

numpy and scipy each load a BLAS library with a thread pool of its own, and two pools on the same cores delay each
other. All heavy products and factorisations go through scipy's library, which gets the threads; numpy's gets one.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import blas, cython_blas, cython_lapack, lapack
from threadpoolctl import ThreadpoolController

from lustrum.lp.coefficients import Coefficients

#: Up to this size LAPACK inverts a triangle itself; above it, two halves and two products are faster.
LEAF = 64
#: Width of the blocks in which a half is mirrored: two of them fit into the first-level cache.
WIDTH = 64
_ABOVE = np.triu(np.ones((WIDTH, WIDTH), dtype=bool), 1)

# ---- BLAS and LAPACK on parts of arrays, in place

_name = ctypes.pythonapi.PyCapsule_GetName
_name.restype, _name.argtypes = ctypes.c_char_p, [ctypes.py_object]
_address = ctypes.pythonapi.PyCapsule_GetPointer
_address.restype, _address.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


def _routine(name: str, arguments: int) -> Callable[..., None]:
    """A routine by its name; every argument is an address."""
    module: Any = cython_lapack if name in cython_lapack.__pyx_capi__ else cython_blas
    capsule = module.__pyx_capi__[name]
    found = ctypes.CFUNCTYPE(None, *([ctypes.c_void_p] * arguments))(_address(capsule, _name(capsule)))
    return found


_COUNT = {"gemm": 13, "syrk": 10, "trmm": 11, "trsm": 11, "symm": 12, "potrf": 5, "trtri": 6, "lauum": 5}
_ROUTINES = {name: _routine("d" + name, count) for name, count in _COUNT.items()}
_CHAR = {c: ctypes.create_string_buffer(c.encode()) for c in "LRUNT"}


def _call(name: str, *arguments: object) -> int:
    """Call a routine of double precision. Arrays go with their column distance, numbers by reference."""
    out = []
    for x in arguments:
        if isinstance(x, np.ndarray):
            if x.shape[0] > 1 and x.strides[0] != x.itemsize:
                raise ValueError("not column by column")
            step = x.strides[1] // x.itemsize if x.shape[1] > 1 else x.shape[0]
            out += [x.ctypes.data, ctypes.byref(ctypes.c_int(max(step, 1)))]
        elif isinstance(x, str):
            out.append(_CHAR[x])
        elif isinstance(x, int):
            out.append(ctypes.byref(ctypes.c_int(x)))
        else:
            out.append(ctypes.byref(ctypes.c_double(x)))  # type: ignore[arg-type]
    info = ctypes.c_int(0)
    if name in ("potrf", "trtri", "lauum"):
        out.append(ctypes.byref(info))
    _ROUTINES[name](*out)
    return info.value


def gemm(alpha: float, a: np.ndarray, b: np.ndarray, beta: float, c: np.ndarray, ta: bool = False) -> None:
    """C ← α A B + β C, or with Aᵀ."""
    if c.size and b.shape[0]:
        m, n, k = c.shape[0], c.shape[1], b.shape[0]
        _call("gemm", "T" if ta else "N", "N", m, n, k, float(alpha), a, b, float(beta), c)


def syrk(alpha: float, a: np.ndarray, beta: float, c: np.ndarray, ta: bool = True) -> None:
    """C ← α AᵀA + β C, or with A Aᵀ; lower half."""
    if c.size and a.size:
        _call("syrk", "L", "T" if ta else "N", c.shape[0], a.shape[0 if ta else 1], float(alpha), a, float(beta), c)


def trmm(alpha: float, m: np.ndarray, b: np.ndarray, right: bool = False, trans: bool = False) -> None:
    """B ← α M B with M lower triangular, or with Mᵀ, or multiplied from the right."""
    if b.size:
        side, t = "R" if right else "L", "T" if trans else "N"
        _call("trmm", side, "L", t, "N", b.shape[0], b.shape[1], float(alpha), m, b)


def trsm(m: np.ndarray, b: np.ndarray) -> None:
    """B ← M⁻¹ B with M lower triangular."""
    if b.size:
        _call("trsm", "L", "L", "N", "N", b.shape[0], b.shape[1], 1.0, m, b)


def symm(alpha: float, a: np.ndarray, b: np.ndarray, beta: float, c: np.ndarray) -> None:
    """C ← α A B + β C with A symmetric."""
    if c.size:
        _call("symm", "L", "L", c.shape[0], c.shape[1], float(alpha), a, b, float(beta), c)


def cholesky(s: np.ndarray) -> bool:
    """S ← its lower Cholesky factor; False if S is not positive definite."""
    if not s.size:
        return True
    info = _call("potrf", "L", s.shape[0], s)
    return info == 0 and bool(np.isfinite(np.diagonal(s)).all())


def invert_triangle(m: np.ndarray) -> None:
    """M ← M⁻¹ for M lower triangular: by halves, whose products are faster than LAPACK's own routine."""
    n = m.shape[0]
    if n <= LEAF:
        if n:
            _call("trtri", "L", "N", n, m)
        return
    h = (n // 2 + 7) // 8 * 8
    first, second, below = m[:h, :h], m[h:, h:], m[h:, :h]
    invert_triangle(first)
    invert_triangle(second)
    trmm(-1.0, second, below)
    trmm(1.0, first, below, right=True)


def square(m: np.ndarray) -> None:
    """M ← MᵀM, lower half, for M lower triangular: the inverse of S if M is that of its Cholesky factor."""
    if m.size:
        _call("lauum", "L", m.shape[0], m)


def mirror(a: np.ndarray) -> None:
    """Copy the lower half into the upper, block by block."""
    for k in range(0, a.shape[0], WIDTH):
        e = min(k + WIDTH, a.shape[0])
        corner = a[k:e, k:e]
        np.copyto(corner, corner.T.copy(), where=_ABOVE[: e - k, : e - k])
        a[k:e, e:] = a[e:, k:e].T


# ---- solves and products with one vector, or several as columns


def solve_cholesky(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve with a matrix by its lower Cholesky factor."""
    return solve_lower(factor, solve_lower(factor, right), trans=1)


def solve_lower(factor: np.ndarray, right: np.ndarray, trans: int = 0) -> np.ndarray:
    """Solve with the lower factor alone, or with its transpose."""
    if not right.size:
        return right
    if right.ndim == 1:  # LAPACK treats one right-hand side like many, which is slow
        return np.asarray(blas.dtrsv(factor, right, lower=1, trans=trans))
    return np.asarray(blas.dtrsm(1.0, factor, right, lower=1, trans_a=trans))


def symmetric_product(p: np.ndarray, x: np.ndarray) -> np.ndarray:
    """P x for the symmetric P."""
    if x.ndim == 1:
        return np.asarray(blas.dsymv(1.0, p, x, lower=1))
    return np.asarray(blas.dsymm(1.0, p, x, lower=1))


def dense_product(b: np.ndarray, x: np.ndarray, trans: bool = False) -> np.ndarray:
    """B x, or Bᵀ x."""
    if x.ndim == 1:
        return np.asarray(blas.dgemv(1.0, b, x, trans=int(trans)))
    return np.asarray(blas.dgemm(1.0, b, x, trans_a=int(trans)))


# ---- arrays with one row for each plan


def take(x: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The values of each plan at some positions; x[:, at] takes four times as long."""
    return np.take(x, at, axis=1)


def put(x: np.ndarray, at: np.ndarray, values: np.ndarray) -> None:
    """Write values of each plan to some positions, faster than x[:, at] = values."""
    for row, own in zip(x, values, strict=True):
        row[at] = own


def matvec(matrix: sparse.csr_matrix | Coefficients, x: np.ndarray) -> np.ndarray:
    """The matrix times the vector of each plan."""
    if x.shape[0] == 1:
        return np.asarray(matrix @ x[0])[None]
    return np.ascontiguousarray((matrix @ np.ascontiguousarray(x.T)).T)


def sum_at(places: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sums of the values of each plan that belong to the same place."""
    out = np.empty((values.shape[0], size))
    for row, own in zip(out, values.reshape(values.shape[0], -1), strict=True):
        row[:] = np.bincount(places, own, size)
    return out


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Inner product of each plan."""
    return np.einsum("bk,bk->b", a, b)


# ---- threads and memory

#: Size of the Cholesky factorisation that is timed, and how often it is; by which factor it may take longer than on
#: one thread, in the median and in any one run.
ROWS, TIMES, SLOWER, MUCH_SLOWER = 256, 5, 3.0, 30.0
#: Calls of `Team.adjust` from one measurement to the next; twice as many each time that threads had to wait.
EVERY = 4


@cache
def _pools() -> ThreadpoolController:
    """The libraries' pools: looking for them takes a twentieth of a second."""
    return ThreadpoolController().select(user_api="blas")


class Team:
    """The threads at work: at most `most`.

    Within one factorisation threads wait for each other hundreds of times. If another process occupies one of the
    cores, each wait can last until that process pauses: a plan of two seconds once took a minute. So a small
    factorisation is timed now and then, and as many threads are used as do it about as fast as one.
    """

    def __init__(self, most: int) -> None:
        pools = _pools().lib_controllers
        self._own = [c for c in pools if "scipy.libs" in c.filepath] or pools
        self.most = self.now = most or max(c.num_threads for c in self._own)
        self._next, self._every = 0, EVERY

    def use(self, count: int) -> None:
        """Let this many threads work."""
        for c in self._own:
            c.set_num_threads(count)
        self.now = count

    def adjust(self) -> None:
        """Use as many threads as do not wait for each other at present; measures now and then only."""
        self._next -= 1
        if self.most == 1 or self._next > 0:
            return
        alone = self._timed(1, np.inf)
        counts = sorted({self.most, self.most - 1, *(self.most // k for k in (2, 4, 8))} - {0, 1}, reverse=True)
        free = next((n for n in counts if self._timed(n, MUCH_SLOWER * alone) <= SLOWER * alone), 1)
        self._every = EVERY if free == self.most else 2 * self._every
        self._next = self._every
        self.use(free)

    def _timed(self, count: int, most: float) -> float:
        """Median seconds of a small factorisation; stops at the first that takes longer than `most`."""
        self.use(count)
        a = np.full((ROWS, ROWS), 0.5, order="F")
        np.fill_diagonal(a, ROWS)
        times: list[float] = []
        while len(times) < TIMES and max(times, default=0.0) <= most:
            began = time.perf_counter()
            lapack.dpotrf(a, lower=1, clean=0)
            times.append(time.perf_counter() - began)
        return sorted(times)[len(times) // 2]


@contextmanager
def threads(count: int) -> Iterator[Team]:
    """Give scipy's linear algebra `count` threads while this lasts (0: as many as the environment allows it)."""
    pools = _pools().lib_controllers
    before = [c.num_threads for c in pools]
    team = Team(count)
    try:
        for c in pools:
            c.set_num_threads(1)
        team.use(team.most)
        yield team
    finally:
        for c, n in zip(pools, before, strict=True):
            c.set_num_threads(n)


def keep_memory() -> None:
    """Let this process keep freed memory, where the C library allows it.

    A worker process frees and allocates arrays of the same sizes again and again; otherwise a fifth of its time goes
    into fresh pages.
    """
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for option in (-3, -1):  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
            library.mallopt(option, 1 << 30)
