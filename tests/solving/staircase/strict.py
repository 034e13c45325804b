"""Arrays that behave as a device's do where that is stricter than numpy: nothing mixes with numpy's without being sent.

A transfer that was forgotten fails here, not on somebody's graphics card. The figures are numpy's. What the solver does
not need (and CuPy would have to compile) is not there, so that its use fails as well.
"""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import numpy as np
from scipy import linalg, sparse

from lustrum.solving.staircase.device import Namespace


class Far:
    """An array somewhere else: not numpy's, and not to be had by numpy but through `back`."""

    __array_ufunc__ = None  # numpy's own arrays leave operations to this one

    def __init__(self, here: np.ndarray) -> None:
        self._here = here
        self.shape, self.size, self.ndim = here.shape, here.size, here.ndim

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise TypeError("implicit conversion to numpy")

    def __iter__(self) -> Any:
        raise TypeError("figure by figure")

    def __float__(self) -> float:
        if self.size != 1:
            raise TypeError("only one figure is a float")
        return float(self._here.reshape(()))

    @property
    def T(self) -> Far:  # noqa: N802 - as arrays name it
        return Far(self._here.T)

    def reshape(self, *shape: int) -> Far:
        """A view; where that would take a copy, CuPy makes one and what is written to it is lost."""
        found = self._here.reshape(*shape)
        assert np.shares_memory(found, self._here) or not found.size
        return Far(found)

    def fill(self, value: float) -> None:
        self._here.fill(value)

    def __getitem__(self, index: Any) -> Far:
        return Far(np.asarray(self._here[_index(index)]))

    def __setitem__(self, index: Any, value: Any) -> None:
        at = _index(index)
        if isinstance(at, np.ndarray):  # CuPy leaves open which of two figures for one place counts
            assert np.unique(at).size == at.size
        self._here[at] = _given(value)

    def __iadd__(self, other: Any) -> Far:
        self._here += _given(other)
        return self

    def __add__(self, other: Any) -> Far:
        return Far(self._here + _given(other))

    def __sub__(self, other: Any) -> Far:
        return Far(self._here - _given(other))

    def __mul__(self, other: Any) -> Far:
        return Far(self._here * _given(other))

    def __matmul__(self, other: Any) -> Far:
        return Far(np.asarray(self._here @ _given(other)))

    def _refuse(self, other: Any) -> Far:
        raise TypeError(f"{type(other).__name__} and an array of the device")

    __radd__ = __rsub__ = __rmul__ = __rmatmul__ = _refuse


class FarSparse:
    """A sparse matrix there: it is multiplied, no more."""

    def __init__(self, matrix: sparse.csr_matrix) -> None:
        self._here = matrix.copy()

    def __matmul__(self, other: Any) -> Far:
        return Far(np.asarray(self._here @ _given(other)))


class Travels:
    """Figures sent and brought back, by the number of each transfer's figures."""

    def __init__(self) -> None:
        self.sent: Counter[int] = Counter()
        self.back: Counter[int] = Counter()

    def largest(self) -> int:
        """Figures of the largest transfer, either way."""
        return max([*self.sent, *self.back], default=0)


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


def strict_namespace(travels: Travels | None = None) -> Namespace:
    """The strict arrays as a device's; transfers are counted where asked for."""
    told = travels or Travels()

    def send(array: Any) -> Far:
        if isinstance(array, Far):
            return array
        assert isinstance(array, np.ndarray)
        told.sent[array.size] += 1
        return Far(array.copy())

    def back(array: Any) -> np.ndarray:
        assert isinstance(array, Far)
        told.back[array.size] += 1
        return array._here.copy()

    failed: list[bool] = []

    def checked() -> AbstractContextManager[None]:
        failed.append(True)
        return nullcontext()

    def cholesky(matrix: Any) -> Far:
        assert failed.pop(), "a factor that fails must be told"
        return Far(np.linalg.cholesky(_given(matrix)))

    def triangular(a: Any, b: Any, trans: int = 0, lower: bool = False) -> Far:
        here = _given(a)
        assert here.flags.f_contiguous, "CuPy would copy the factor for each solve"
        return Far(linalg.solve_triangular(here, _given(b), trans=trans, lower=lower, check_finite=False))

    def sent(matrix: sparse.csr_matrix) -> FarSparse:
        told.sent[matrix.nnz] += 1
        return FarSparse(matrix)

    return Namespace(send, back, lambda shape: Far(np.zeros(shape)), cholesky, triangular, sent, checked)


def _given(value: Any) -> Any:
    """What an operation may take: arrays of the device, and single figures."""
    if isinstance(value, Far):
        return value._here
    if np.ndim(value) == 0 and not isinstance(value, np.ndarray):
        return value
    raise TypeError(f"{type(value).__name__} was not sent to the device")


def _index(index: Any) -> Any:
    if isinstance(index, tuple):
        return tuple(_index(part) for part in index)
    return index if isinstance(index, int | slice) or index is None else _given(index)
