"""A linear program as an MPS or LP file that any other solver reads, with labels as names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import highspy
import numpy as np

from lustrum.errors import BadInput
from lustrum.lp.highs import _Engine
from lustrum.lp.problem import Goal, Grid, Problem
from lustrum.lp.scaling import highs_sides

FORMATS = (".mps", ".lp")


def write_program(problem: Problem, goal: Goal, path: str | Path) -> Path:
    """Write one stage of a linear program; the objective is minimised, as solvers expect, so its sign is turned.

    Parameters
    ----------
    problem, goal
        Rows and bounds in their own units, unscaled, and the stage to write.
    path
        A file that ends in .mps or .lp. Rows and columns are called `family.code.year`, signs in codes written as `_`.

    Raises
    ------
    BadInput
        If the ending is another, or the file cannot be written.
    """
    file = Path(path)
    if file.suffix not in FORMATS:
        raise BadInput(
            "a linear program is written as MPS or LP",
            where=str(file),
            found=file.suffix or "no ending",
            expected=" or ".join(FORMATS),
            mend="choose another name",
        )
    matrix = problem.matrix.tocsc()
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = problem.shape
    lp.col_cost_ = -goal.gradient
    lp.offset_ = -goal.constant
    lp.col_lower_, lp.col_upper_ = highs_sides(problem.lower), highs_sides(problem.upper)
    lp.row_lower_, lp.row_upper_ = highs_sides(problem.row_lower), highs_sides(problem.row_upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    lp.col_names_ = names_of(problem.variables, problem.shape[1])
    lp.row_names_ = names_of(problem.rows, problem.shape[0])
    engine = _Engine()
    engine.setOptionValue("output_flag", False)
    engine.passModel(lp)
    if engine.writeModel(str(file)) == highspy.HighsStatus.kError:
        raise BadInput("the linear program cannot be written", where=str(file), mend="see whether the folder is there")
    return file


def names_of(families: Mapping[str, Grid], count: int) -> list[str]:
    """Return a name for every row or column, each once: `output.11.2021`."""
    out = [""] * count
    used: set[str] = set()
    for grid in families.values():
        for place in np.argwhere(grid.index >= 0):
            labels = [str(grid.labels[d][i]) for d, i in zip(grid.dims, place, strict=True)]
            name = re.sub(r"[^A-Za-z0-9_.]", "_", ".".join([grid.name, *labels]))
            twin, number = name, 2
            while twin in used:
                twin, number = f"{name}_{number}", number + 1
            used.add(twin)
            out[int(grid.index[tuple(place)])] = twin
    return out
