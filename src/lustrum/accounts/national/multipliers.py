"""Multipliers of an input-output table: Leontief's, from demand, and Ghosh's, from inputs.

With Z the intermediate use, x output, A = Z x̂⁻¹ and B = x̂⁻¹ Z (Miller and Blair 2009, chapters 2, 6 and 12)

    output multiplier      m' = ι'(I − A)⁻¹        output in all, per unit of final use of product j
    Ghosh multiplier       g  = (I − B)⁻¹ ι        output in all, per unit of primary inputs of i
    input multiplier       s' = (S x̂⁻¹)(I − A)⁻¹   jobs, emissions, value added in all, per unit of final use of j

All come from one LU factorisation of I − A: since I − B = x̂⁻¹(I − A)x̂, g = x̂⁻¹(I − A)⁻¹x. No inverse is formed.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import LinAlgWarning, lu_factor, lu_solve

from lustrum.accounts.checks.identities import spectral_radius
from lustrum.accounts.economy import Labels
from lustrum.accounts.national.table import Figures, FlowTable
from lustrum.errors import TableError

#: Whose product is used: this table's own, or any, as if imports were made here too.
Of = Literal["domestic", "total"]


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Multipliers of one table.

    Attributes
    ----------
    labels
        Activities, of which those without output have a multiplier of 1: nobody uses them.
    of
        Which use was counted.
    output
        (j,) Leontief output multipliers: column sums of (I − A)⁻¹, also called backward linkages.
    ghosh
        (i,) row sums of (I − B)⁻¹, also called forward linkages.
    inputs
        (s, j) input multipliers of the rows that were asked for, per unit of final use; units of the rows per
        unit of the table's money.
    """

    labels: Labels
    of: Of
    output: Figures
    ghosh: Figures
    inputs: Figures


def multipliers(table: FlowTable, of: Of = "domestic", inputs: Figures | None = None) -> Multipliers:
    """Return all multipliers of a symmetric table.

    Parameters
    ----------
    table
        One activity per product, of the same code; products that are imported only may be there as well.
    of
        `domestic` counts the use of the table's own products; without a known import split all use is counted
        as such only if the table has no imports by product. `total` counts all use.
    inputs
        (s, j) flows whose content in final use is wanted: jobs, emissions, value added.

    Raises
    ------
    TableError
        If the table is not symmetric, the imported part of use is not known, or the economy uses up as much as
        it makes (spectral radius of 1 or more).
    """
    flows, x = _flows(table, of)
    solved = Solved(flows, x, table.activities, table.source.name)
    s = np.zeros((0, len(x))) if inputs is None else inputs
    if s.shape[1:] != x.shape:
        raise TableError(
            "inputs do not fit the activities",
            where=table.source.name,
            found=str(s.shape),
            expected=f"(rows, {len(x)})",
        )
    return Multipliers(table.activities, of, solved.output(), solved.ghosh(), solved.inputs(s))


class Solved:
    """I − A, factorised once.

    Parameters
    ----------
    flows
        (i, j) intermediate use; read, never written.
    output
        (j,) output.
    labels
        For messages.

    Raises
    ------
    TableError
        If an activity without output has inputs or is used, or I − A has no non-negative inverse.
    """

    def __init__(self, flows: Figures, output: Figures, labels: Labels, where: str) -> None:
        idle = output <= 0
        for k in np.flatnonzero(idle).tolist():
            if np.any(flows[:, k]) or np.any(flows[k]):
                raise TableError(
                    f"{labels.codes[k]!r} has no output, but inputs or users",
                    where=where,
                    found=f"output {output[k]:,.6g}",
                    mend="mend the table, or merge the sector with another",
                )
        self.x = np.where(idle, 1.0, output)
        # I − A, transposed, so that LAPACK's column order is a plain copy of the rows; factorised in place
        matrix = np.array(flows.T, order="F", copy=True)
        matrix /= -self.x[:, None]
        matrix.flat[:: len(output) + 1] += 1.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LinAlgWarning)  # a zero pivot: the check below names it
            self._lu = lu_factor(matrix, overwrite_a=True, check_finite=False)
        self._ones = np.ones(len(output))
        self._output = lu_solve(self._lu, self._ones, check_finite=False)
        # for A ≥ 0: (I − A)'m = ι has a solution m ≥ ι exactly where the spectral radius is below 1
        if not np.all(self._output > 1 - 1e-9) and not np.any(flows < 0):
            shares = flows.sum(axis=0) / self.x
            worst = int(np.argmax(shares))
            raise TableError(
                "the economy uses up as much as it makes, so multipliers do not exist",
                where=where,
                found=f"spectral radius {spectral_radius(flows / self.x):.6g}; most inputs per unit of "
                f"output: {labels.codes[worst]!r}, {shares[worst]:.6g}",
                expected="below 1",
                mend="look for a sector whose inputs exceed its output",
            )
        if not np.all(np.isfinite(self._output)):
            raise TableError(
                "I − A is singular, so multipliers do not exist",
                where=where,
                mend="look for a sector whose inputs exceed its output",
            )

    def output(self) -> Figures:
        """Return ι'(I − A)⁻¹ (j,)."""
        return np.asarray(self._output)

    def ghosh(self) -> Figures:
        """Return (I − B)⁻¹ι (i,)."""
        return np.asarray(lu_solve(self._lu, self.x, trans=1, check_finite=False)) / self.x

    def inputs(self, flows: Figures) -> Figures:
        """Return (S x̂⁻¹)(I − A)⁻¹ (s, j) for flows S."""
        return np.asarray(lu_solve(self._lu, (flows / self.x).T, check_finite=False).T)

    def requirements(self, final: Figures) -> Figures:
        """Return the output (i,) that final use (i,) of own products takes."""
        return np.asarray(lu_solve(self._lu, final, trans=1, check_finite=False))


def _flows(table: FlowTable, of: Of) -> tuple[Figures, Figures]:
    """Use (i, j) of the products that are made here, and their output (j,)."""
    made = _made(table)
    x = np.array(table.supply[made, np.arange(len(made))])
    every = len(made) == len(table.products.codes) and bool(np.all(made == np.arange(len(made))))
    use = table.use if every else table.use[made]
    if of == "total":
        return use, x
    if table.use_imported is not None:
        return use - (table.use_imported if every else table.use_imported[made]), x
    if np.any(table.total_imports[made]):
        raise TableError(
            "which part of use is imported is not known",
            where=table.source.name,
            mend="split imports by a named method first, or count total use",
        )
    return use, x


def _made(table: FlowTable) -> np.ndarray:
    """The row of each activity's own product. Products that nobody makes here have no multiplier."""
    place = {code: k for k, code in enumerate(table.products.codes)}
    rows = np.array([place.get(code, -1) for code in table.activities.codes], dtype=int)
    if np.any(rows < 0) or np.count_nonzero(table.supply) != np.count_nonzero(table.supply[rows, np.arange(len(rows))]):
        raise TableError(
            "multipliers need one activity per product",
            where=table.source.name,
            found=f"{len(table.products.codes)} products, {len(table.activities.codes)} activities that "
            "make more than a product of their own code",
            mend="import it anew with --symmetric B or D",
        )
    return rows
