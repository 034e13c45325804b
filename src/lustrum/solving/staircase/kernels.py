"""BLAS and LAPACK of scipy's library on parts of larger arrays, in place.

scipy's own wrappers copy every argument that is not contiguous. The routines behind them take any distance between
columns, and scipy lends their addresses (`cython_blas`, `cython_lapack`). All arrays here lie column by column; a part
is a view. Only lower halves of symmetric and triangular ones are read and written.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg import cython_blas, cython_lapack

#: Below this size LAPACK inverts a triangle itself; above it, halves and products are faster.
LEAF = 64

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


_KIND = {"d": ctypes.c_double, "s": ctypes.c_float}
_COUNT = {"gemm": 13, "syrk": 10, "trmm": 11, "trsm": 11, "symm": 12, "potrf": 5, "trtri": 6, "lauum": 5}
_FOUND = {k + name: _routine(k + name, count) for name, count in _COUNT.items() for k in _KIND}
_CHAR = {c: ctypes.create_string_buffer(c.encode()) for c in "LRUNT"}


def _call(name: str, a: np.ndarray, *arguments: object) -> int:
    """Call for the precision of `a`. Arrays go with their column distance, numbers by reference."""
    kind = a.dtype.char.replace("f", "s")
    real = _KIND[kind]
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
            out.append(ctypes.byref(real(x)))  # type: ignore[arg-type]
    info = ctypes.c_int(0)
    if name in ("potrf", "trtri", "lauum"):
        out.append(ctypes.byref(info))
    _FOUND[kind + name](*out)
    return info.value


def gemm(alpha: float, a: np.ndarray, b: np.ndarray, beta: float, c: np.ndarray, ta: bool = False) -> None:
    """C ← α A B + β C, or with Aᵀ."""
    if c.size and b.shape[0]:
        m, n, k = c.shape[0], c.shape[1], b.shape[0]
        _call("gemm", c, "T" if ta else "N", "N", m, n, k, float(alpha), a, b, float(beta), c)


def syrk(alpha: float, a: np.ndarray, beta: float, c: np.ndarray, ta: bool = True) -> None:
    """C ← α AᵀA + β C, or with A Aᵀ; lower half."""
    if c.size and a.size:
        _call("syrk", c, "L", "T" if ta else "N", c.shape[0], a.shape[0 if ta else 1], float(alpha), a, float(beta), c)


def trmm(alpha: float, m: np.ndarray, b: np.ndarray, right: bool = False, trans: bool = False) -> None:
    """B ← α M B with M lower, or with Mᵀ, or from the right."""
    if b.size:
        side, t = "R" if right else "L", "T" if trans else "N"
        _call("trmm", b, side, "L", t, "N", b.shape[0], b.shape[1], float(alpha), m, b)


def trsm(alpha: float, m: np.ndarray, b: np.ndarray, right: bool = False, trans: bool = False) -> None:
    """B ← α M⁻¹ B with M lower, or with Mᵀ, or from the right."""
    if b.size:
        side, t = "R" if right else "L", "T" if trans else "N"
        _call("trsm", b, side, "L", t, "N", b.shape[0], b.shape[1], float(alpha), m, b)


def symm(alpha: float, a: np.ndarray, b: np.ndarray, beta: float, c: np.ndarray) -> None:
    """C ← α A B + β C with A symmetric."""
    if c.size:
        _call("symm", c, "L", "L", c.shape[0], c.shape[1], float(alpha), a, b, float(beta), c)


def cholesky(s: np.ndarray) -> bool:
    """S ← its lower factor; False where S is not positive definite."""
    if not s.size:
        return True
    info = _call("potrf", s, "L", s.shape[0], s)
    return info == 0 and bool(np.isfinite(np.diagonal(s)).all())


def invert_triangle(m: np.ndarray) -> None:
    """M ← M⁻¹ for M lower: by halves, whose products are faster than what LAPACK does."""
    n = m.shape[0]
    if n <= LEAF:
        if n:
            _call("trtri", m, "L", "N", n, m)
        return
    h = (n // 2 + 7) // 8 * 8
    first, second, between = m[:h, :h], m[h:, h:], m[h:, :h]
    invert_triangle(first)
    invert_triangle(second)
    trmm(-1.0, second, between)
    trmm(1.0, first, between, right=True)


def square(m: np.ndarray) -> None:
    """M ← MᵀM, lower half, for M lower: the inverse of S, from that of its factor."""
    if m.size:
        _call("lauum", m, "L", m.shape[0], m)
