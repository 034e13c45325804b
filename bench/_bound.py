"""A large plan beside the least that an iteration of this kind can take, with the memory of the process."""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
from _rows import Row, Way, compare
from _synthetic import synthetic
from scipy.linalg import blas

from lustrum.planning.data import PlanData
from lustrum.planning.model import build_problem
from lustrum.solving.staircase.kernels import threads


def bound(sectors: int, years: int, way: Way) -> Row:
    """Time of a synthetic plan, wall and processor, over 3 T n³ operations an iteration at the rate of syrk."""
    rate, cpu_rate = syrk_rate(sectors, way.threads)
    began = time.perf_counter()
    problem = build_problem(PlanData(*synthetic(sectors, years)))
    built = time.perf_counter() - began
    row = compare(f"synthetic {sectors:,} x {years}", problem, (), 1, Way(way.threads, 0.0))
    work = 3 * years * sectors**3 * int(str(row["iterations"]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return row | {
        "build_s": round(built, 1),
        "syrk_gflops": round(rate / 1e9, 1),
        "bound_s": round(work / rate, 1),
        "times_bound": round(float(str(row["ours_s"])) * rate / work, 2),
        "cpu_times_bound": round(float(str(row["ours_cpu"])) * cpu_rate / work, 2),
        "peak_mb": round(peak),
    }


def syrk_rate(size: int, workers: int) -> tuple[float, float]:
    """Operations a second of a symmetric product of n × n, n³ of them, best of three: by wall and by processor time."""
    a = np.random.default_rng(0).random((size, size)).T
    c = np.zeros((size, size), order="F")
    times = []
    with threads(workers):
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            blas.dsyrk(1.0, a, beta=1.0, c=c, lower=1, overwrite_c=1)
            times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return size**3 / min(t[0] for t in times), size**3 / min(t[1] for t in times)
