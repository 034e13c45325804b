"""Dense rows and coefficients on a device: sent once, so that in the iterations only weights and vectors travel.

They answer what those on the processor do (`Form`, `Structure`, `Coefficients`). Dense rows of a year are one plain
array there each: that is less than the core itself takes, by the number of years.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from lustrum.lp.coefficients import Coefficients
from lustrum.lp.table import as_slice
from lustrum.solving.staircase.device import Namespace
from lustrum.solving.staircase.forms import DenseRows, Form
from lustrum.solving.staircase.structure import Structure

#: Entries are multiplied on the device from so many of them for each row and column on: below, vectors travel longer.
ENTRIES_FROM = 4


class DeviceForm:
    """Dense rows of one year, as `Form` has them. Results are on the device; what is given may be so or numpy's."""

    def __init__(self, form: Form, space: Namespace) -> None:
        self.at, self.columns = form.at, form.columns
        self._space, self._matrix = space, space.send(form.weighted(np.ones(form.at.size)))
        self._columns = self._index(form.columns)

    def _index(self, places: np.ndarray) -> Any:
        index = as_slice(places)
        return index if isinstance(index, slice) else self._space.send(index)

    def times(self, core: Any) -> Any:
        """The rows' values at values of the core's variables."""
        return self._matrix @ core[self._columns]

    def add_transposed(self, core: Any, rows: np.ndarray) -> None:
        """Add to the core's variables what values of the rows mean for them."""
        core[self._columns] += self._matrix.T @ self._space.send(rows)

    def weighted(self, weight: np.ndarray) -> Any:
        """Rows times their weights."""
        return self._space.send(weight)[:, None] * self._matrix

    def left(self, few: sparse.csr_matrix) -> Any:
        """A sparse matrix times the rows."""
        if (np.diff(few.indptr) == 1).all():
            return self._space.send(few.data)[:, None] * self.chosen(few.indices)
        return self._space.written(few) @ self._matrix

    def chosen(self, rows: np.ndarray) -> Any:
        """Some rows."""
        return self._matrix[self._index(rows)]

    def paired(self, rows: np.ndarray, weight: np.ndarray, other: DenseRows, columns: np.ndarray) -> Any:
        """Products of some rows with some of another year, by weights, added up."""
        return (self._space.send(weight)[:, None] * self.chosen(rows)).T @ other.chosen(columns)


class DeviceForms:
    """All dense rows of a structure: what the factor asks of `Structure`, of numpy's arrays and in them."""

    def __init__(self, s: Structure, space: Namespace) -> None:
        self._s, self._space = s, space
        self.forms = tuple(DeviceForm(form, space) for form in s.forms)

    def times(self, core: np.ndarray) -> np.ndarray:
        """Values of all forms at values of the core's variables (one column for each plan)."""
        on = self._space.send(core)
        parts = [form.times(on) for form in self.forms]
        out = np.zeros((self._s.count_forms, core.shape[1]))
        for form, part in zip(self.forms, parts, strict=True):
            out[form.at] = self._space.back(part)
        return out

    def add_transposed(self, core: np.ndarray, rows: np.ndarray) -> None:
        """Add to the core's variables what values of all forms mean for them."""
        on = self._space.zeros(core.shape)
        for form in self.forms:
            form.add_transposed(on, rows[form.at])
        core += self._space.back(on)

    def linked(self, coupling: np.ndarray) -> Any:
        """Linking rows in the core's variables, on the device."""
        s = self._s
        on = self._space.send(s.link_core + coupling[:, : s.core.size])
        for form in self.forms:
            part = coupling[:, s.core.size + form.at]
            if part.any():
                form.add_transposed(on.T, part.T)
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
