"""Threads of the linear algebra, all in one pool, as long as they do not wait; and memory that a process keeps.

numpy and scipy each bring a library with a pool of its own; two pools on the same cores wait for each other. The heavy
products and factors all go through scipy's, which gets the threads; numpy's works alone.

Threads wait for each other many times within a factor. Where other work has one of the cores, each wait can last until
that work pauses: a plan of two seconds took a minute. So a small factor is timed now and then, and as many threads are
used as do it about as fast as one alone.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from scipy.linalg import lapack
from threadpoolctl import ThreadpoolController

#: Rows of the factor that is timed, and how often; how much longer than alone it may take, by the median and ever.
ROWS, TIMES, LONGER, MUCH = 256, 5, 3.0, 30.0
#: Times that `settle` is called from one look to the next; twice as many each time that threads had to wait.
EVERY = 4


@cache
def _pools() -> ThreadpoolController:
    """The libraries' pools: looking for them takes a twentieth of a second."""
    return ThreadpoolController().select(user_api="blas")


class Team:
    """The threads at work: at most `most`."""

    def __init__(self, most: int) -> None:
        pools = _pools().lib_controllers
        self._own = [c for c in pools if "scipy.libs" in c.filepath] or pools
        self.most = self.now = most or max(c.num_threads for c in self._own)
        self._next, self._every = 0, EVERY

    def use(self, count: int) -> None:
        """Let so many work."""
        for c in self._own:
            c.set_num_threads(count)
        self.now = count

    def settle(self) -> None:
        """Let as many work as do not wait for each other now; looks again now and then."""
        self._next -= 1
        if self.most == 1 or self._next > 0:
            return
        alone = self._timed(1, np.inf)
        counts = sorted({self.most, self.most - 1, *(self.most // k for k in (2, 4, 8))} - {0, 1}, reverse=True)
        free = next((n for n in counts if self._timed(n, MUCH * alone) <= LONGER * alone), 1)
        self._every = EVERY if free == self.most else 2 * self._every
        self._next = self._every
        self.use(free)

    def _timed(self, count: int, most: float) -> float:
        """Median seconds of a small factor; at once those of one that takes longer than `most`."""
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
    """Let this process keep what arrays give back, where the C library can be told: a worker that hands the same sizes
    back and takes them again spends a fifth of its time on fresh pages otherwise."""
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        for option in (-3, -1):  # from which size on arrays get pages of their own; how much free memory may stay
            library.mallopt(option, 1 << 30)
