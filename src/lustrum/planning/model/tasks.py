"""Tasks (12): linear statements that the plan file names; elastic ones may fall short at a price."""

from __future__ import annotations

import numpy as np

from lustrum.planning.model.context import Model
from lustrum.planning.model.people import labour_terms
from lustrum.planning.tasks import ResolvedTask, ResolvedTerm


def define_tasks(m: Model) -> None:
    """lower <= Σ terms + shortfall - excess <= upper."""
    tasks = m.d.tasks
    labels = {"task": [task_label(t) for t in tasks]}
    lower, upper = np.array([t.lower for t in tasks]), np.array([t.upper for t in tasks])
    elastic = np.array([t.elastic is not None for t in tasks], dtype=bool)
    rows = m.add_rows("task", labels, lower=lower, upper=upper)
    size = np.array([t.target for t in tasks])
    m.add_variables("shortfall", labels, elastic & np.isfinite(lower), scale=size)
    m.add_variables("excess", labels, elastic & np.isfinite(upper), scale=size)
    m.put(rows.index, m.variables["shortfall"].index, 1.0)
    m.put(rows.index, m.variables["excess"].index, -1.0)
    for row, task in zip(rows.index, tasks, strict=True):
        for term in task.terms:
            for columns, values in term_parts(m, term):
                m.put(row, columns, values)


def task_label(task: ResolvedTask) -> str:
    """Name and year of a task's row."""
    return f"{task.name} @ {task.year}"


def term_parts(m: Model, term: ResolvedTerm) -> list[tuple[np.ndarray, np.ndarray | float]]:
    """Positions and coefficients of a term; what the plan has no variable for counts as zero."""
    t, f = term.t, term.factor
    if term.of == "labour":
        skills = term.where[0]
        return [(columns, f * values[skills].sum(axis=0)) for columns, values in labour_terms(m, t)]
    if term.of == "production":
        return [(m.var("output", t), f * m.d.supply(t)[term.where[0]].sum(axis=0))]
    if term.of == "resource":
        return [(m.var("output", t), f * m.d.resource_coefficient(t)[term.where[0]].sum(axis=0))]
    return [(m.var(term.of, t)[np.ix_(*term.where)], f)]
