"""The staircase solver on the processor and on a graphics card, side by side on the same plans in one run."""

from __future__ import annotations

from _rows import Row, Way, same, steps, timed, worst

from lustrum.lp.problem import Problem
from lustrum.solving.staircase import maximise_staircase


def beside(work: str, problem: Problem, way: Way) -> Row:
    """One row: the processor with its threads once, the card twice, since it compiles its kernels in the first run."""
    goal = problem.goals[0]
    found = [
        timed(
            lambda d=device: maximise_staircase(  # type: ignore[misc]
                problem, goal.gradient, natural=goal.size, workers=way.threads, device=d
            )
        )
        for device in ("cpu", "gpu", "gpu")
    ]
    here, first, there = found
    values = [float(goal.gradient @ run[0].values) for run in found]
    return {
        "work": work,
        "rows": problem.shape[0],
        "columns": problem.shape[1],
        "nonzeros": problem.nonzeros,
        "card": card(),
        "cpu": here[0].method,
        "gpu": there[0].method,
        "cpu_status": here[0].status,
        "gpu_status": there[0].status,
        "cpu_s": round(here[1], 2),
        "gpu_first_s": round(first[1], 2),
        "gpu_s": round(there[1], 2),
        "times": round(here[1] / there[1], 1),
        "cpu_iterations": steps(here[0]),
        "gpu_iterations": steps(there[0]),
        "cpu_worst": worst(problem, here[0]),
        "gpu_worst": worst(problem, there[0]),
        "agree": all(same(values[0], other) for other in values[1:]),
    }


def card() -> str:
    """Name of the graphics card that CuPy uses."""
    import cupy

    name: bytes = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)["name"]
    return name.decode()


def device_table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    keys = ("work", "cpu_s", "gpu_first_s", "gpu_s", "times", "cpu_iterations", "gpu_iterations", "agree")
    lines = [
        "| work | cpu, s | card, first run, s | card, s | times | iterations | on the card | agree | "
        "certificate, cpu | card | name |",
        "|---|--:|--:|--:|--:|--:|--:|---|--:|--:|---|",
    ]
    for r in rows:
        cells = [*(r[k] for k in keys), f"{r['cpu_worst']:.0e}", f"{r['gpu_worst']:.0e}", r["card"]]
        lines.append("| " + " | ".join(str(c) for c in cells) + " |")
    return "\n".join(lines)
