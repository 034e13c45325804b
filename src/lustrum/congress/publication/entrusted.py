"""The plan that was adopted, and the tasks that were entrusted."""

from __future__ import annotations

from lustrum.congress.publication.markup import figure, percent, table
from lustrum.congress.register import execution
from lustrum.congress.state import State


def plans(state: State) -> list[str]:
    """Adopted plans with the seals by which their folders are known."""
    rows = [(p.plan_id, p.motion, figure(p.objective)) for p in state.plans]
    lines = table(("plan", "adopted by motion", "value of its aim"), rows)
    for p in state.plans:
        lines += [
            f"- {p.plan_id}: certificate `{p.certificate_hash}`, plan file `{p.plan_file_hash}`, "
            f"accounts `{p.economy_digest}`"
        ]
    return [*lines, ""] if lines else []


def tasks(state: State, day: str) -> list[str]:
    """The register of tasks as it reads on a day."""
    rows = execution(state, day)
    by_task = {t.id: [r for r in rows if r.task == t.id] for t in state.tasks.values()}
    out = []
    for task in state.tasks.values():
        years = by_task[task.id]
        reported = [r for r in years if r.reached is not None]
        last = reported[-1] if reported else None
        body = state.bodies[task.body].name if task.body else ""
        out.append(
            (
                task.id,
                task.label,
                f"{task.indicator}, {task.unit}".strip(", "),
                body,
                task.status.replace("_", " "),
                "; ".join(f"{r.year}: {figure(r.current)}" for r in years[-1:]),
                f"{last.year}: {figure(last.reached)}" if last else "",
                f"{percent(last.fulfilment_first)} / {percent(last.fulfilment_current)}" if last else "",
                ", ".join(str(r.year) for r in years if r.overdue),
            )
        )
    head = ("task", "of", "counted", "body", "state", "target", "reached", "of first / current target", "overdue")
    return table(head, out)
